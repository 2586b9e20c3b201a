package script

import (
	"fmt"
	"io"
	"strings"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
)

// Report prints the results of scripts: a line per step, the differences where one failed, and a sum at the end.
type Report struct {
	Out                    io.Writer
	Style                  terminal.Style
	scripts, steps, failed int
}

// begin opens the report of one script.
func (r *Report) begin(script *Script) {
	r.scripts++
	title := script.Path
	if script.Name != "" {
		title += ": " + script.Name
	}
	fmt.Fprintln(r.Out, r.Style.Bold(title))
}

// step reports a step, which failed unless failure is nil.
func (r *Report) step(script *Script, step *Step, failure *problem) {
	r.steps++
	mark := r.Style.Green("ok  ")
	if failure != nil {
		mark = r.Style.Red("FAIL")
	}
	line := fmt.Sprintf("  %s %3d  %-22s %s", mark, step.line, step.Call, r.Style.Faint(step.About))
	fmt.Fprintln(r.Out, strings.TrimRight(line, " "))
	if failure != nil {
		r.failed++
		fmt.Fprintf(r.Out, "%s:%s\n", script.Path, strings.TrimRight(failure.Error(), "\n"))
	}
}

// End prints the sum and reports whether all steps went as expected.
func (r *Report) End() bool {
	sum := fmt.Sprintf("%s, %s, %d failed", count(r.scripts, "script"), count(r.steps, "step"), r.failed)
	paint := r.Style.Green
	if r.failed > 0 {
		paint = r.Style.Red
	}
	fmt.Fprintln(r.Out, paint(sum))
	return r.failed == 0
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

package main

import (
	"fmt"
	"io"
	"strings"
)

// scriptReport prints what became of scripts: a line per step, what was
// expected where one failed, and a sum at the end.
type scriptReport struct {
	out                    io.Writer
	paint                  paint
	scripts, steps, failed int
}

// start opens the report of one script.
func (r *scriptReport) start(script *scriptFile) {
	r.scripts++
	title := script.path
	if script.Name != "" {
		title += ": " + script.Name
	}
	fmt.Fprintln(r.out, r.paint.bold(title))
}

// step reports a step, which failed unless failure is nil.
func (r *scriptReport) step(script *scriptFile, step *scriptStep, failure *stepFailure) {
	r.steps++
	mark := r.paint.green("ok  ")
	if failure != nil {
		mark = r.paint.red("FAIL")
	}
	line := fmt.Sprintf("  %s %3d  %-22s %s", mark, step.at.line, step.Call, r.paint.faint(step.About))
	fmt.Fprintln(r.out, strings.TrimRight(line, " "))
	if failure != nil {
		r.failed++
		fmt.Fprintf(r.out, "%s:%d:%d: %s\n", script.path, failure.at.line, failure.at.column, strings.TrimRight(failure.text, "\n"))
	}
}

// end prints the sum.
func (r *scriptReport) end() {
	sum := fmt.Sprintf("%s, %s, %d failed", count(r.scripts, "script"), count(r.steps, "step"), r.failed)
	if r.failed > 0 {
		fmt.Fprintln(r.out, r.paint.red(sum))
		return
	}
	fmt.Fprintln(r.out, r.paint.green(sum))
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

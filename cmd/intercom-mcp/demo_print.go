package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"intercom-mcp/tools"
)

// say prints a paragraph.
func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.stdout, format+"\n", args...) }

// scene opens the next scene.
func (d *demo) scene(title string) {
	d.scenes++
	d.say("\n%s", d.paint.bold(fmt.Sprintf("%d. %s", d.scenes, title)))
}

// called shows a call as the agent makes it.
func (d *demo) called(tool string, args any) {
	d.say("   %s %s", d.paint.cyan("agent calls "+tool), d.paint.faint(compact(args)))
}

// compact writes a value as JSON on one line, for people.
func compact(v any) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(out.String())
}

// list prints names under a title, a few on each line.
func (d *demo) list(title string, names []string) {
	const each = 5
	for i, some := range slices.Collect(slices.Chunk(names, each)) {
		if i > 0 {
			title = ""
		}
		d.say("   %s %s", d.paint.bold(fmt.Sprintf("%-14s", title)), strings.Join(some, ", "))
	}
}

// quote shows what somebody said, indented.
func (d *demo) quote(text string) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		d.say("   %s %s", d.paint.faint("|"), strings.TrimRight(line, "\n"))
	}
}

// quoteFirst shows the first lines of what somebody said.
func (d *demo) quoteFirst(text string, most int) {
	all := strings.Split(strings.TrimSpace(text), "\n")
	d.quote(strings.Join(all[:min(most, len(all))], "\n"))
	if rest := len(all) - most; rest > 0 {
		d.quote(d.paint.faint(fmt.Sprintf("(and %d lines like above)", rest)))
	}
}

// check compares what was told with the workspace's own state.
func (d *demo) check(holds bool, format string, args ...any) {
	mark := d.paint.green("checked in the workspace:")
	if !holds {
		mark = d.paint.red("DISAGREES WITH THE WORKSPACE:")
		d.disagreed++
	}
	d.say("   %s %s", mark, fmt.Sprintf(format, args...))
}

// demoTable is a list as the tools answer it.
type demoTable struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// show prints the first rows of a table.
func (d *demo) show(t demoTable, most int) {
	table := tabwriter.NewWriter(d.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "   %s\n", strings.ToUpper(strings.Join(t.Columns, "\t")))
	for _, row := range t.Rows[:min(most, len(t.Rows))] {
		fmt.Fprintf(table, "   %s\n", strings.Join(row, "\t"))
	}
	table.Flush()
	if rest := len(t.Rows) - most; rest > 0 {
		d.say("   and %d more", rest)
	}
}

// follower returns what follows a call's progress: a bar on a terminal, lines
// elsewhere. done is to be called when the call has ended.
func (d *demo) follower() (follow func(tools.Progress), done func()) {
	if isTerminal(d.stdout) {
		bar := &progressBar{out: d.stdout}
		return bar.show, bar.finish
	}
	return func(p tools.Progress) { d.say("   %s", progressText(p)) }, func() {}
}

package main

import (
	"encoding/json"
	"fmt"
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
	text, err := json.Marshal(args)
	if err != nil {
		text = []byte(err.Error())
	}
	d.say("   %s %s", d.paint.cyan("agent calls "+tool), d.paint.faint(string(text)))
}

// quote shows what somebody said, indented.
func (d *demo) quote(text string) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		d.say("   %s %s", d.paint.faint("|"), strings.TrimRight(line, "\n"))
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

// column returns the index of the column of that name, or -1.
func (t demoTable) column(name string) int {
	for i, column := range t.Columns {
		if column == name {
			return i
		}
	}
	return -1
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
		return bar.show, bar.clear
	}
	return func(p tools.Progress) { d.say("   %d of %d %s", p.Done, p.Total, p.Message) }, func() {}
}

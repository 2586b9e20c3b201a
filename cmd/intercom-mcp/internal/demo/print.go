package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
)

// say prints a paragraph.
func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.Out, format+"\n", args...) }

// heading opens the next scene.
func (d *demo) heading(title string) {
	d.scenes++
	d.say("\n%s", d.Style.Bold(fmt.Sprintf("%d. %s", d.scenes, title)))
}

// called shows a call as the agent makes it.
func (d *demo) called(tool string, args any) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(args); err != nil {
		fmt.Fprint(&text, args)
	}
	d.say("   %s %s", d.Style.Cyan("agent calls "+tool), d.Style.Faint(strings.TrimSpace(text.String())))
}

// list prints names under a title, a few on each line.
func (d *demo) list(title string, names []string) {
	for some := range slices.Chunk(names, 5) {
		d.say("   %s %s", d.Style.Bold(fmt.Sprintf("%-14s", title)), strings.Join(some, ", "))
		title = ""
	}
}

// quote prints the first lines of text, indented.
func (d *demo) quote(text string, most int) {
	all := strings.Split(strings.TrimSpace(text), "\n")
	if rest := len(all) - most; rest > 0 {
		all = append(all[:most], d.Style.Faint(fmt.Sprintf("(and %d lines like above)", rest)))
	}
	for _, line := range all {
		d.say("   %s %s", d.Style.Faint("|"), line)
	}
}

// check prints whether an answer agrees with the workspace's own state.
func (d *demo) check(holds bool, format string, args ...any) {
	mark := d.Style.Green("checked in the workspace:")
	if !holds {
		mark = d.Style.Red("DISAGREES WITH THE WORKSPACE:")
		d.disagreed++
	}
	d.say("   %s %s", mark, fmt.Sprintf(format, args...))
}

// table is a list as the tools answer it.
type table struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// show prints the first rows of a table.
func (d *demo) show(t table, most int) {
	out := tabwriter.NewWriter(d.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "   %s\n", strings.ToUpper(strings.Join(t.Columns, "\t")))
	for _, row := range t.Rows[:min(most, len(t.Rows))] {
		fmt.Fprintf(out, "   %s\n", strings.Join(row, "\t"))
	}
	out.Flush()
	if rest := len(t.Rows) - most; rest > 0 {
		d.say("   and %d more", rest)
	}
}

// progress returns what shows a call's progress: a bar on a terminal, lines elsewhere. done ends it.
func (d *demo) progress() (show func(terminal.Progress), done func()) {
	if terminal.Is(d.Out) {
		bar := &terminal.ProgressBar{Out: d.Out}
		return bar.Show, bar.Finish
	}
	return func(p terminal.Progress) { d.say("   %s", p) }, func() {}
}

package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"intercom-mcp/tools"
)

// progressBar draws how far a call has come on one line of a terminal.
type progressBar struct {
	out  io.Writer
	last tools.Progress // the state drawn; the zero state when nothing was
}

// barWidth is the length of the bar in characters.
const barWidth = 30

// show draws the state p.
func (b *progressBar) show(p tools.Progress) {
	filled := 0
	if p.Total > 0 {
		filled = barWidth * min(p.Done, p.Total) / p.Total
	}
	fmt.Fprintf(b.out, "\r\x1b[K   %s%s %s", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), progressText(p))
	b.last = p
}

// clear takes the bar away again.
func (b *progressBar) clear() {
	if b.last != (tools.Progress{}) {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

// finish leaves the bar, filled, and goes on to the next line.
func (b *progressBar) finish() {
	if b.last != (tools.Progress{}) {
		b.show(tools.Progress{Done: b.last.Total, Total: b.last.Total, Message: "done"})
		fmt.Fprintln(b.out)
	}
}

// progressText words a state.
func progressText(p tools.Progress) string {
	return cmp.Or(p.Message, fmt.Sprintf("%d of %d", p.Done, p.Total))
}

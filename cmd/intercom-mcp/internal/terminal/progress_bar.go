package terminal

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"intercom-mcp/tools"
)

// ProgressBar draws the progress of a call on one line of the terminal Out.
type ProgressBar struct {
	Out  io.Writer
	last tools.Progress // the progress drawn; zero when nothing was
}

// barWidth is the length of the bar in characters.
const barWidth = 30

// Show draws the progress p.
func (b *ProgressBar) Show(p tools.Progress) {
	filled := 0
	if p.Total > 0 {
		filled = barWidth * min(p.Done, p.Total) / p.Total
	}
	bar := strings.Repeat("█", filled) + strings.Repeat("░", barWidth-filled)
	fmt.Fprintf(b.Out, "\r\x1b[K   %s %s", bar, ProgressText(p))
	b.last = p
}

// Clear removes the bar.
func (b *ProgressBar) Clear() {
	if b.last != (tools.Progress{}) {
		fmt.Fprint(b.Out, "\r\x1b[K")
	}
}

// Finish fills the bar and begins the next line.
func (b *ProgressBar) Finish() {
	if b.last != (tools.Progress{}) {
		b.Show(tools.Progress{Done: b.last.Total, Total: b.last.Total, Message: "done"})
		fmt.Fprintln(b.Out)
	}
}

// ProgressText describes p: its message, else its count.
func ProgressText(p tools.Progress) string {
	return cmp.Or(p.Message, fmt.Sprintf("%d of %d", p.Done, p.Total))
}

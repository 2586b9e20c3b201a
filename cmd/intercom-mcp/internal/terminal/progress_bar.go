package terminal

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// Progress is how far something has come: Done of Total items, or what Message says.
type Progress struct {
	Done, Total int
	Message     string
}

// ProgressBar draws a progress on one line of the terminal Out.
type ProgressBar struct {
	Out  io.Writer
	last Progress // the progress drawn; zero when nothing was
}

// barWidth is the length of the bar in characters.
const barWidth = 30

// Show draws the progress p.
func (b *ProgressBar) Show(p Progress) {
	filled := 0
	if p.Total > 0 {
		filled = barWidth * min(p.Done, p.Total) / p.Total
	}
	bar := strings.Repeat("█", filled) + strings.Repeat("░", barWidth-filled)
	fmt.Fprintf(b.Out, "\r\x1b[K   %s %s", bar, p)
	b.last = p
}

// Clear removes the bar.
func (b *ProgressBar) Clear() {
	if b.last != (Progress{}) {
		fmt.Fprint(b.Out, "\r\x1b[K")
	}
}

// Finish fills the bar and begins the next line; a bar with nothing to fill it removes.
func (b *ProgressBar) Finish() {
	if b.last.Total == 0 {
		b.Clear()
		return
	}
	b.Show(Progress{Done: b.last.Total, Total: b.last.Total, Message: "done"})
	fmt.Fprintln(b.Out)
}

// String implements [fmt.Stringer]: its message, else its count.
func (p Progress) String() string {
	return cmp.Or(p.Message, fmt.Sprintf("%d of %d", p.Done, p.Total))
}

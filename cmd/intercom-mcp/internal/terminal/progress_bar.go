package terminal

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
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

// barWidth is the length of the bar in characters where there is room for it, and leastBar that below which none is
// drawn.
const (
	barWidth = 30
	leastBar = 5
)

// Show draws the progress p.
func (b *ProgressBar) Show(p Progress) {
	fmt.Fprint(b.Out, "\r\x1b[K"+p.line(Columns(b.Out)))
	b.last = p
}

// line draws a progress on one line of a terminal that is so many columns wide; 0: nobody knows. What is wider would
// begin another line, which is not cleared.
func (p Progress) line(columns int) string {
	text := p.String()
	width := barWidth
	if columns > 0 {
		room := columns - 1
		if width = min(barWidth, room-len("   ")-len(" ")-utf8.RuneCountInString(text)); width < leastBar {
			return string([]rune(text)[:min(room, utf8.RuneCountInString(text))])
		}
	}
	filled := 0
	if p.Total > 0 {
		filled = width * min(p.Done, p.Total) / p.Total
	}
	return "   " + strings.Repeat("█", filled) + strings.Repeat("░", width-filled) + " " + text
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

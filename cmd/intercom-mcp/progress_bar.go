package main

import (
	"fmt"
	"io"
	"strings"

	"intercom-mcp/tools"
)

// progressBar draws how far a call has come on one line of a terminal.
type progressBar struct {
	out   io.Writer
	drawn bool
}

// barWidth is the length of the bar in characters.
const barWidth = 30

// show draws the state p.
func (b *progressBar) show(p tools.Progress) {
	filled := 0
	if p.Total > 0 {
		filled = barWidth * min(p.Done, p.Total) / p.Total
	}
	fmt.Fprintf(b.out, "\r\x1b[K%s%s %d/%d %s",
		strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), p.Done, p.Total, p.Message)
	b.drawn = true
}

// clear takes the bar away again.
func (b *progressBar) clear() {
	if b.drawn {
		fmt.Fprint(b.out, "\r\x1b[K")
		b.drawn = false
	}
}

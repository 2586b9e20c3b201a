package terminal

import "testing"

// TestStyle marks text only where colours are wanted.
func TestStyle(t *testing.T) {
	if got := (Style{}).Red("text"); got != "text" {
		t.Errorf("marked %q without colours", got)
	}
	if got := (Style{Coloured: true}).Red("text"); got != "\x1b[31mtext\x1b[0m" {
		t.Errorf("marked %q", got)
	}
}

package text

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Revealed writes a value for a person who decides about it: unlike [clean] it
// leaves nothing out without a word. Line breaks are escaped, and what cannot be seen
// is named or counted, but for what joins emoji.
func Revealed(text string) string {
	var out strings.Builder
	var hidden []rune
	before := rune(-1)
	for _, r := range text {
		switch {
		case joinsEmoji(before, r):
		case isHidden(r):
			hidden = append(hidden, r)
		default:
			out.WriteString(unseen(hidden))
			out.WriteString(escaped(r))
			hidden = nil
		}
		before = r
	}
	out.WriteString(unseen(hidden))
	return out.String()
}

// escaped writes what can be seen, or has an escape that everybody knows.
func escaped(r rune) string {
	switch r {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	case '"':
		return `\"`
	}
	return string(r)
}

// unseen names what cannot be seen, or tells how much of it there is.
func unseen(hidden []rune) string {
	switch len(hidden) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("<%U>", hidden[0])
	}
	return fmt.Sprintf("<%d invisible characters>", len(hidden))
}

// isHidden reports what does not show, or shows as a plain space and is none.
func isHidden(r rune) bool {
	switch r {
	case ' ', '\n', '\r', '\t':
		return false
	}
	return r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.IsSpace(r) || invisible(r)
}

// joinsEmoji reports whether r only tells how the character before it is drawn.
func joinsEmoji(before, r rune) bool {
	return (r == '\u200d' || r == '\ufe0f') && (unicode.In(before, unicode.So, unicode.Sk) || before == '\ufe0f')
}

// HiddenIn counts what a reader of HTML would not see of its text.
func HiddenIn(markup string) int {
	n := 0
	before := rune(-1)
	for _, r := range html.UnescapeString(markup) {
		if r != '\u00a0' && isHidden(r) && !joinsEmoji(before, r) {
			n++
		}
		before = r
	}
	return n
}

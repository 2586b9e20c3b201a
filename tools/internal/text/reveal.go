package text

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/net/html"
)

// Revealed writes a value for a person who decides about it: unlike [Clean] it leaves nothing out without a word. Line
// breaks are escaped, what only hides, reorders or controls is named or counted, and so is a blank that looks like a
// plain one.
func Revealed(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	var hidden []rune
	eachRune(text, func(r rune) {
		if isOddBlank(r) {
			hidden = append(hidden, r)
			return
		}
		out.WriteString(unseen(hidden))
		hidden = nil
		writeEscaped(&out, r)
	}, func(r rune) { hidden = append(hidden, r) })
	out.WriteString(unseen(hidden))
	return out.String()
}

// writeEscaped writes what can be seen, or has an escape that everybody knows.
func writeEscaped(out *strings.Builder, r rune) {
	switch r {
	case '\n':
		out.WriteString(`\n`)
	case '\r':
		out.WriteString(`\r`)
	case '\t':
		out.WriteString(`\t`)
	case '"':
		out.WriteString(`\"`)
	default:
		out.WriteRune(r)
	}
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

// Marked is [Clean], and names or counts in their places the characters that it would remove: for a label, which has no
// note beside it.
func Marked(text string) string {
	if isPlainLine(text) {
		return Clean(text)
	}
	var out strings.Builder
	var hidden []rune
	eachRune(text, func(r rune) {
		out.WriteString(unseen(hidden))
		out.WriteRune(r)
		hidden = nil
	}, func(r rune) { hidden = append(hidden, r) })
	out.WriteString(unseen(hidden))
	return Clean(out.String())
}

// marks are what Marked writes in the place of what cannot be seen.
var marks = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`<(U\+[0-9A-F]{4,6}|[0-9]+ invisible characters)>`)
})

// HasMarks reports whether a text has what [Marked] writes in the place of characters that cannot be seen.
func HasMarks(text string) bool { return strings.Contains(text, "<") && marks().MatchString(text) }

// isOddBlank reports a blank that looks like a plain one and is none. That of ideographs is as wide as they are.
func isOddBlank(r rune) bool {
	switch r {
	case ' ', '\n', '\r', '\t', '\u3000':
		return false
	}
	return unicode.IsSpace(r)
}

// HiddenIn counts what a reader of HTML would not see of its text.
func HiddenIn(markup string) int {
	n := 0
	eachRune(html.UnescapeString(markup), func(rune) {}, func(rune) { n++ })
	return n
}

package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Clean makes text that customers wrote safe to show on one line: what hides, reorders or controls is removed, breaks
// become blanks. What spells stays byte for byte, such as the joiners of emoji and of Persian, and blanks of any kind.
func Clean(text string) string {
	clean, _ := cleaned(text)
	return clean
}

// cleaned also lists what it removed.
func cleaned(text string) (clean string, removed []rune) {
	if isPlainLine(text) || !strings.ContainsFunc(text, func(r rune) bool { return isBreak(r) || isUnseen(r) }) {
		return strings.ToValidUTF8(strings.Trim(text, " "), string(unicode.ReplacementChar)), nil
	}
	var out strings.Builder
	blanks, broken := 0, false // plain blanks that are not written yet, and whether they are a break
	eachRune(text, func(r rune) {
		switch {
		case r == ' ':
			blanks++
			return
		case isBreak(r):
			broken = true
			return
		case out.Len() > 0 && broken:
			out.WriteByte(' ')
		case out.Len() > 0:
			out.WriteString(strings.Repeat(" ", blanks))
		}
		blanks, broken = 0, false
		out.WriteRune(r)
	}, func(r rune) { removed = append(removed, r) })
	return out.String(), removed
}

// isPlainLine reports whether a text is printable ASCII.
func isPlainLine(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// SameShown reports whether a text is what answers show of another one.
func SameShown(text, of string) bool {
	return text == of || strings.TrimSpace(text) == strings.TrimSpace(Clean(of))
}

// Shown is a text as answers show it, without the blanks around it. Letters of several code points are written in one
// way, so that of two texts that look the same it is the same.
func Shown(text string) string { return Composed(strings.TrimSpace(Clean(text))) }

// Composed is a text with its letters in as few code points as there are for them: Unicode's form NFC.
func Composed(text string) string { return norm.NFC.String(text) }

// Hides reports whether a text has characters that [Clean] removes.
func Hides(text string) bool {
	_, removed := cleaned(text)
	return len(removed) > 0
}

// Cleaner cleans the texts of one answer, and tells what it removed. It is for one goroutine.
type Cleaner struct {
	texts []string // one each, as shown, and what was removed
	more  int
}

// What the notes of an answer tell of removed characters.
const (
	maxCleaned  = 3  // texts
	maxRemoved  = 4  // code points of one
	cleanedText = 40 // columns of one
)

// Clean is [Clean].
func (c *Cleaner) Clean(text string) string {
	clean, removed := cleaned(text)
	c.add(clean, removed)
	return clean
}

// FromHTML is [FromHTML].
func (c *Cleaner) FromHTML(markup string) string {
	text, removed := fromHTML(markup)
	c.add(Clean(text), removed)
	return text
}

// Join joins names in a cell.
func (c *Cleaner) Join(names []string) string {
	short := make([]string, len(names))
	for i, name := range names {
		short[i] = Clip(c.Clean(name), 60)
	}
	return strings.Join(short, ", ")
}

func (c *Cleaner) add(clean string, removed []rune) {
	if len(removed) == 0 {
		return
	}
	line := listRunes(removed) + " in " + Quote(Clip(clean, cleanedText))
	switch {
	case slices.Contains(c.texts, line):
	case len(c.texts) == maxCleaned:
		c.more++
	default:
		c.texts = append(c.texts, line)
	}
}

// listRunes names the first of some code points.
func listRunes(runes []rune) string {
	var names []string
	for _, r := range runes[:min(len(runes), maxRemoved)] {
		names = append(names, fmt.Sprintf("%U", r))
	}
	if more := len(runes) - len(names); more > 0 {
		return strings.Join(names, " ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, " ")
}

// Note tells what was removed; "" for nothing.
func (c *Cleaner) Note() string {
	if len(c.texts) == 0 {
		return ""
	}
	note := "hidden characters left out: " + strings.Join(c.texts, ", ")
	if c.more > 0 {
		note += fmt.Sprintf(", and in %d more", c.more)
	}
	return note
}

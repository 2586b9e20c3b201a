package text

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Width is how much room a text takes, in columns, which goes with what it costs a
// model: one for a letter of an alphabet, two for an ideograph or a syllable, four
// for what is rarer, such as an emoji. It is never more than the bytes of the text.
func Width(text string) int {
	total := 0
	for _, r := range text {
		total += runeWidth(r)
	}
	return total
}

func runeWidth(r rune) int {
	switch {
	case r < 0x800:
		return 1
	case r < 0x10000:
		return 2
	}
	return 4
}

// Tokens estimates what a text costs a model, rather too high: half a token for a character of ASCII, one for a column
// of any other.
func Tokens(text string) int {
	halves := 0
	for _, r := range text {
		if halves++; r >= utf8.RuneSelf {
			halves += 2*runeWidth(r) - 1
		}
	}
	return halves / 2
}

// Clip cuts a text to at most so many columns, saying so with an ellipsis. What it cuts in an isolated part stays
// isolated.
func Clip(text string, most int) string {
	if len(text) <= most || Width(text) <= most {
		return text
	}
	head := text[:headOf(text, most-1)] + "…"
	if strings.LastIndex(head, fsi) > strings.LastIndex(head, pdi) {
		head += pdi
	}
	return head
}

// clipMiddle cuts a text in its middle, and tells how many characters it left out: what tells most about a name or an
// address is how it begins and ends.
func clipMiddle(text string, most int) (cut string, missing int) {
	if len(text) <= most || Width(text) <= most {
		return text, 0
	}
	end := (most - 1) / 2
	head, tail := headOf(text, most-1-end), tailOf(text, end)
	return text[:head] + "…" + text[tail:], utf8.RuneCountInString(text[head:tail])
}

// headOf is where the beginning of a text ends that has at most so many columns. What is one character to a reader, as
// a letter and its marks, or a family of emoji, stays whole.
func headOf(text string, most int) int {
	clusters := graphemes.FromString(text)
	for clusters.Next() {
		if most -= Width(clusters.Value()); most < 0 {
			return clusters.Start()
		}
	}
	return len(text)
}

// tailOf is where the end of a text begins that has at most so many columns, likewise.
func tailOf(text string, most int) int {
	over := Width(text) - most
	clusters := graphemes.FromString(text)
	for over > 0 && clusters.Next() {
		over -= Width(clusters.Value())
	}
	return clusters.End()
}

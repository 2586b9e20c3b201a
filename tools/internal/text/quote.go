package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Quote sets a name apart, so that what a customer calls themselves reads neither as part of a sentence of ours nor as
// somebody's address.
func Quote(name string) string { return `"` + Isolate(strings.ReplaceAll(name, `"`, "'")) + `"` }

// Unquote takes away what [Quote] put around a name.
func Unquote(quoted string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.Trim(quoted, `"`), fsi), pdi)
}

// QuoteField quotes what a field holds by which a contact is known, unless it is an address.
func QuoteField(field, text string) string {
	if field == "email" && !strings.ContainsAny(text, " \"") && !rightToLeft(text) {
		return text
	}
	return Quote(text)
}

// Reveal quotes a text with all that is in it, and says where it looks like another one. Of a long one it leaves out the
// middle, and tells how long it is.
func Reveal(text string, most int) string {
	shown, remarks := Revealed(text), ""
	if Width(shown) > most {
		shown, remarks = clipMiddle(shown, most), fmt.Sprintf(" (%d characters)", utf8.RuneCountInString(text))
	}
	if Deceptive(text) {
		remarks += " (lookalike letters)"
	}
	return `"` + Isolate(shown) + `"` + remarks
}

// QuoteCounted quotes at most so many columns of a text, and says how long it is where that is not all.
func QuoteCounted(text string, most int) string {
	if Width(text) > most {
		return fmt.Sprintf("%s (%d characters)", Quote(Clip(text, most)), utf8.RuneCountInString(text))
	}
	return Quote(text)
}

package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// setApart quotes a name, so that what a customer calls themselves reads neither
// as part of a sentence of ours nor as somebody's address.
func Quote(name string) string { return "\"" + strings.ReplaceAll(name, "\"", "'") + "\"" }

// setApartField quotes what a field holds by which a contact is known, unless it is
// an address.
func QuoteField(field, text string) string {
	if field == "email" && !strings.ContainsAny(text, " \"") {
		return text
	}
	return Quote(text)
}

// quoted quotes a text. Of a long one it leaves out the middle, and tells how long
// it is.
func Reveal(text string, most int) string {
	shown := Revealed(text)
	if Width(shown) > most {
		return fmt.Sprintf("\"%s\" (%d characters)", clipMiddle(shown, most), utf8.RuneCountInString(text))
	}
	return "\"" + shown + "\""
}

// ClipCounted cuts a text to at most so many columns, and says how long it is.
func ClipCounted(text string, most int) string {
	if Width(text) > most {
		return fmt.Sprintf("%s (%d characters)", Clip(text, most), utf8.RuneCountInString(text))
	}
	return text
}

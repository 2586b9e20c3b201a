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

// Reveal quotes a text with all that is in it, and says by which letters it looks like another one. Of one that takes
// more columns than most it leaves out the middle, and tells how much is missing.
func Reveal(text string, most int) string {
	cut, missing := clipMiddle(Revealed(text), most)
	remarks := ""
	if missing > 0 {
		remarks = missed(missing)
	}
	if looks := Lookalike(text); looks != "" {
		remarks += " (" + looks + ")"
	}
	return `"` + Isolate(cut) + `"` + remarks
}

// RevealShort is [Reveal] where there is room for few words: it tells how long a text is, and that letters mislead.
func RevealShort(text string, most int) string {
	shown, _ := revealBriefly(text, most, fmt.Sprintf(" (%d characters)", utf8.RuneCountInString(text)))
	return shown
}

// RevealBare is [RevealShort] where there is less room: how many characters are missing is for the caller to tell.
func RevealBare(text string, most int) (str string, missing int) {
	return revealBriefly(text, most, "")
}

// revealBriefly quotes a text with a remark where it is cut, and counts the characters that are missing.
func revealBriefly(text string, most int, ifCut string) (str string, missing int) {
	cut, missing := clipMiddle(Revealed(text), most)
	remarks := ""
	if missing > 0 {
		remarks = ifCut
	}
	if Deceptive(text) {
		remarks += " (lookalike letters)"
	}
	return `"` + Isolate(cut) + `"` + remarks, missing
}

// QuoteCounted quotes at most so many columns of a text, and says how much is missing where that is not all.
func QuoteCounted(text string, most int) string {
	if shown := Clip(text, most); shown != text {
		return Quote(shown) + missed(utf8.RuneCountInString(text)-utf8.RuneCountInString(shown)+1)
	}
	return Quote(text)
}

// missed tells how many characters of a text are not shown.
func missed(n int) string { return " (" + Plural(n, "character") + " not shown)" }

package text

import (
	"testing"
)

// TestRevealed shows what would else be written unseen.
func TestRevealed(t *testing.T) {
	for text, want := range map[string]string{
		"u-10059":                           `"u-10059"`,
		"u-10059\u200b":                     `"u-10059<U+200B>"`,
		" a  b ":                            `" a  b "`,
		"a\u00a0b":                          `"a<U+00A0>b"`,
		"Mia\U000e0069\U000e0067\U000e006e": `"Mia<3 invisible characters>"`,
		"one\ntwo\t\"three\"":               `"one\ntwo\t\"three\""`,
		"\u202etxt.exe":                     `"<U+202E>txt.exe"`,
		"👩\u200d🚀 ❤\ufe0f":                  "\"👩\u200d🚀 ❤\ufe0f\"",
		"a\u200d":                           `"a<U+200D>"`,
	} {
		if got := Reveal(text, 100); got != want {
			t.Errorf("%q is shown as %s, want %s", text, got, want)
		}
	}
}

// TestRevealCuts leaves out the middle of a long text, and tells how much of it.
func TestRevealCuts(t *testing.T) {
	for text, want := range map[string]string{
		"0123456789":  `"0123456789"`,
		"0123456789a": `"01234…789a" (2 characters not shown)`,
		"値値値値値a":      `"値値…値a" (2 characters not shown)`,
	} {
		if got := Reveal(text, 10); got != want {
			t.Errorf("%q is shown as %s, want %s", text, got, want)
		}
	}
	if got, want := RevealShort("0123456789Р", 10), `"01234…789Р" (11 characters) (lookalike letters)`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := QuoteCounted("0123456789a", 10), `"012345678…" (2 characters not shown)`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

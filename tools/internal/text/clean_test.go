package text

import (
	"strings"
	"testing"
)

// TestCleanKeeps keeps what spells, byte for byte.
func TestCleanKeeps(t *testing.T) {
	for what, text := range map[string]string{
		"a technologist with a skin tone": "\U0001F469\U0001F3FD\u200D\U0001F4BB",
		"a family":                        "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466",
		"a heart":                         "\u2764\uFE0F",
		"a heart on fire":                 "\u2764\uFE0F\u200D\U0001F525",
		"a pirate flag":                   "\U0001F3F4\u200D\u2620\uFE0F",
		"a keycap":                        "1\uFE0F\u20E3",
		"a trade mark as text":            "Acme\u2122\uFE0E",
		"the flag of England":             "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
		"Persian":                         "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645",
		"Persian with a vowel":            "\u0645\u06CC\u064E\u200C\u062E",
		"an Arabic letter that joins":     "\u0647\u200D",
		"Devanagari":                      "\u0930\u094D\u200D\u092F",
		"Malayalam at the end":            "\u0D05\u0D35\u0D28\u0D4D\u200D",
		"Kannada":                         "\u0C95\u0CCD\u200C\u0CB7",
		"Khmer between words":             "\u1797\u17B6\u179F\u17B6\u200B\u1781\u17D2\u1798\u17C2\u179A",
		"Mongolian":                       "\u182E\u180E\u1820",
		"Japanese":                        "\u5C71\u7530\u3000\u592A\u90CE",
		"a variant of an ideograph":       "\u845B\U000E0100\u57CE",
		"a blank that does not break":     "Jean\u00A0Paul",
		"a narrow one":                    "10\u202F000",
		"a soft hyphen":                   "co\u00ADop",
		"decomposed Vietnamese":           "Nguye\u0302\u0303n Thi\u0323 Ho\u0302\u0300ng",
		"precomposed Vietnamese":          "Nguy\u1EC5n",
		"two blanks":                      "Ann  Lee",
		"Braille":                         "\u2801\u2800\u2803",
		"an Arabic number sign":           "\u0600\u0661",
		"a letter of private use":         "\uE000",
		"a character that was damaged":    "Jos\uFFFD",
	} {
		var c Cleaner
		if got := c.Clean(text); got != text || c.Note() != "" {
			t.Errorf("%s: %+q is shown as %+q, %s", what, text, got, c.Note())
		}
		if got, want := Revealed(text), text; got != want && !strings.ContainsAny(text, "\u00A0\u202F") {
			t.Errorf("%s: %+q is revealed as %+q", what, text, got)
		}
	}
}

// TestCleanRemoves removes what hides, reorders or controls, and tells so.
func TestCleanRemoves(t *testing.T) {
	for text, want := range map[string]struct{ shown, removed string }{
		"Ad\u200Bmin":                      {"Admin", "U+200B"},
		"Ad\u200C\u200D\u200Cmin":          {"Admin", "U+200C U+200D U+200C"},
		"Invoice \u202Egpj.exe":            {"Invoice gpj.exe", "U+202E"},
		"a\u2066b\u2067c\u2068d\u2069":     {"abcd", "U+2066 U+2067 U+2068 U+2069"},
		"\u200Fa\u200E\u061C":              {"a", "U+200F U+200E U+061C"},
		"Mia\U000E0069\U000E0067":          {"Mia", "U+E0069 U+E0067"},
		"\U0001F3F4\U000E0067\U000E0062":   {"\U0001F3F4", "U+E0067 U+E0062"},
		"\U0001F3F4\U000E0067\U000E007F":   {"\U0001F3F4", "U+E0067 U+E007F"},
		"a\u0007b":                         {"ab", "U+0007"},
		"\uFEFFa\u2060b\u2064":             {"ab", "U+FEFF U+2060 U+2064"},
		"a\uFE0Fb":                         {"ab", "U+FE0F"},
		"\u2764\uFE0F\uFE0F":               {"\u2764\uFE0F", "U+FE0F"},
		"x\U000E0100\U000E0101":            {"x", "U+E0100 U+E0101"},
		"\U0001F600\U000E0100\U000E0101":   {"\U0001F600", "U+E0100 U+E0101"},
		"\u0645\u200C\u200C\u200C\u06CC":   {"\u0645\u200C\u06CC", "U+200C U+200C"},
		"\U0001F469\u200D":                 {"\U0001F469", "U+200D"},
		"a\u200D\U0001F4BB":                {"a\U0001F4BB", "U+200D"},
		"co\u00AD\u00ADop":                 {"co\u00ADop", "U+00AD"},
		"\u3164":                           {"", "U+3164"},
		"\u2800\u2800":                     {"", "U+2800 U+2800"},
		"\u034F\u115F\uFFF9x":              {"x", "U+034F U+115F U+FFF9"},
		"a" + strings.Repeat("\u200B", 9):  {"a", "U+200B U+200B U+200B U+200B and 5 more"},
		"  Ann\tLee \r\n\r\nDr.\u2028x\r ": {"Ann Lee Dr. x", ""},
	} {
		var c Cleaner
		if got := c.Clean(text); got != want.shown {
			t.Errorf("%+q is shown as %+q, want %+q", text, got, want.shown)
		}
		note := ""
		if want.removed != "" {
			note = "hidden characters left out: " + want.removed + " in " + Quote(want.shown)
		}
		if got := c.Note(); got != note {
			t.Errorf("%+q: %s, want %s", text, got, note)
		}
		if !SameShown(want.shown, text) {
			t.Errorf("%+q is not the same as %+q", want.shown, text)
		}
	}
}

// TestCleanerBounds tells of few texts, each once.
func TestCleanerBounds(t *testing.T) {
	var c Cleaner
	for _, text := range []string{"a\u200B", "a\u200B", "b\u200B", "c\u200B", "d\u200B", "e\u200B"} {
		c.Clean(text)
	}
	want := `hidden characters left out: U+200B in "a", U+200B in "b", U+200B in "c", and in 2 more`
	if got := c.Note(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestClipKeepsClusters cuts between what a reader takes for characters.
func TestClipKeepsClusters(t *testing.T) {
	family := "\U0001F468\u200D\U0001F469\u200D\U0001F467"
	for text, want := range map[string]string{
		"abc" + family + "def":               "abc…",
		"o\u0302\u0300o\u0302\u0300abcdefgh": "o\u0302\u0300o\u0302\u0300abcd…",
		strings.Repeat("\u0301", 40):         "…",
	} {
		if got := Clip(text, 11); got != want {
			t.Errorf("%+q is cut to %+q, want %+q", text, got, want)
		}
	}
	if got, want := Reveal("abcdef"+family+"ghijkl", 12), "\"abcdef…hijkl\" (6 characters not shown)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

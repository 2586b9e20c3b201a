package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// checkClean fails on text that is not safe to show.
func checkClean(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Bidi_Control, unicode.Join_Control,
			unicode.Zl, unicode.Zp) ||
			unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
			r == unicode.ReplacementChar {
			t.Fatalf("%U is left in %q", r, text)
		}
	}
	if !utf8.ValidString(text) || text != strings.TrimSpace(text) || strings.Contains(text, "  ") {
		t.Fatalf("%q is not one clean line", text)
	}
	if again := Clean(text); again != text {
		t.Fatalf("%q is %q when cleaned again", text, again)
	}
}

// FuzzClean cleans any text as text and as HTML.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{
		"Ann\tLee\r\nDr.", "Invoice \u202egpj.exe", "Ad\u200bmi\u200dn \ufeffUser", "\xff\xfe",
		"e\u0301 \U0001F469\u200d\U0001F680\ufe0f", "\U000e0041\u034f\u3164\u2800\u17b4",
		"<p>a<br>b</p><script>alert(1)</script>", "&lt;b&gt; &#8238;x&#x202E; &zwj;&nbsp;&#0;", "<style>x",
		"<template><p>x</template>y", "<!-- a --> b <plaintext>&amp;", "&#x200b;&#xE0041;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkClean(t, Clean(text))
		checkClean(t, FromHTML(text))
		if shown := strings.NewReplacer(fsi, "", pdi, "").Replace(Reveal(text, 1<<20)); utf8.ValidString(text) &&
			Clean(shown) != strings.Join(strings.Fields(shown), " ") {
			t.Fatalf("%q is shown as %q", text, shown)
		}
		if shown := FromHTML(FromPlain(text)); shown != Clean(strings.ReplaceAll(text, "\r", "\n")) {
			t.Fatalf("%q comes back as %q", text, shown)
		}
	})
}

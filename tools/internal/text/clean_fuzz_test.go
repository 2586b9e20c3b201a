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
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			t.Fatalf("%U is left in %q", r, text)
		}
	}
	if !utf8.ValidString(text) || text != strings.Trim(text, " ") {
		t.Fatalf("%q is not one clean line", text)
	}
	if again, removed := cleaned(text); again != text || len(removed) > 0 {
		t.Fatalf("%+q is %+q when cleaned again", text, again)
	}
	for i, r := range text { // two that nobody sees stand beside each other in emoji only
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		if isUnseen(r) && isUnseen(next) && r != emojiStyle && r < '\U000e0000' && next != r {
			t.Fatalf("%U %U is left in %+q", r, next, text)
		}
	}
}

// visible is what anybody sees of a text.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if isUnseen(r) || isBreak(r) || r == ' ' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
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
		clean := Clean(text)
		checkClean(t, clean)
		if utf8.ValidString(text) && visible(clean) != visible(text) {
			t.Fatalf("%+q is shown as %+q", text, clean)
		}
		for line := range strings.SplitSeq(FromHTML(text), "\n") {
			checkClean(t, strings.TrimLeft(line, " "))
		}
		if shown := strings.NewReplacer(fsi, "", pdi, "").Replace(Reveal(text, 1<<20)); utf8.ValidString(text) &&
			visible(Clean(shown)) != visible(shown) {
			t.Fatalf("%q is shown as %q", text, shown)
		}
		if shown := FromHTML(FromPlain(text)); utf8.ValidString(text) && visible(shown) != visible(text) {
			t.Fatalf("%q comes back as %q", text, shown)
		}
	})
}

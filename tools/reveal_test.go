package tools

import (
	"strings"
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
		"👩\u200d🚀 ❤\ufe0f":                  `"👩🚀 ❤"`,
		"a\u200d":                           `"a<U+200D>"`,
	} {
		if got := quoted(text, 100); got != want {
			t.Errorf("%q is shown as %s, want %s", text, got, want)
		}
	}
}

// TestPreviewHidesNoCharacter previews what differs by what cannot be seen.
func TestPreviewHidesNoCharacter(t *testing.T) {
	w := newWorld(t)
	ann := w.user(0)
	preview := w.question("update_contact", object{"contact": ann.ID, "set": object{"external_id": ann.ExternalID + "\u200b"}}).Message
	if want := `external_id: "` + ann.ExternalID + `" → "` + ann.ExternalID + `<U+200B>"`; !strings.Contains(preview, want) {
		t.Errorf("lacks %s:\n%s", want, preview)
	}
	s := &session{Pipeline: w.Pipeline, policy: w.current(), tool: &w.tools[0]}
	d, err := addNote(t.Context(), s, AddNoteInput{Contact: ann.ID, Body: "ok\U000e0069\U000e0067\nnext line"})
	if err != nil {
		t.Fatal(err)
	}
	if row, _ := s.diff(&d.items[0], previewDiff); row != "note: ok next line (and 2 invisible characters)" {
		t.Error(row)
	}
}

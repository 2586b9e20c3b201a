package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestREADMEPicture compares the README's picture with what a terminal shows of a change, or draws it.
func TestREADMEPicture(t *testing.T) {
	t.Parallel()
	const picture = "../../testdata/readme/preview.svg"
	args := `{"where":[{"field":"custom_attributes.plan","operator":"=","value":"pro"}],` +
		`"set":{"add_tags":["At risk"],"custom_attributes":{"tier":"silver"}}}`
	code, _, stderr := outputAtOnce(t, "call", "bulk_update_contacts", args, "--sandbox", "--yes")
	preview, asked := strings.TrimSpace(stderr), strings.Contains(stderr, "Asked because")
	if code != exitOK || !asked {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	lines := append([]string{`you    Tag everyone on the pro plan "At risk", and put them into tier silver.`, ""},
		strings.Split(preview, "\n")...)
	want := drawTerminal(append(lines, "", "Apply this change? [y/N] y"))
	if *updateReadme {
		if err := os.MkdirAll(filepath.Dir(picture), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(picture, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the picture is out of date, run make generate (-want +picture):\n%s", diff)
	}
}

// drawTerminal draws lines as a terminal shows them, in SVG.
func drawTerminal(lines []string) string {
	const column, line, margin = 7.8, 19, 18
	widest := 0
	for _, text := range lines {
		widest = max(widest, utf8.RuneCountInString(text))
	}
	width, height := int(float64(widest)*column)+2*margin, len(lines)*line+2*margin
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" `+
		`aria-label="What a change would do, and the question whether to do it">`+"\n", width, height, width, height)
	out.WriteString(`<rect width="100%" height="100%" rx="8" fill="#1e2127"/>` + "\n" +
		`<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="#d7dae0" ` +
		`xml:space="preserve">` + "\n")
	for i, text := range lines {
		fill := ""
		switch {
		case i == 0:
			fill = ` fill="#8ab4f8"`
		case i == len(lines)-1, strings.HasPrefix(text, "Asked because"):
			fill = ` fill="#f0c674"`
		}
		fmt.Fprintf(&out, `<text x="%d" y="%d"%s textLength="%d">`, margin, margin+13+i*line, fill,
			int(float64(utf8.RuneCountInString(text))*column))
		_ = xml.EscapeText(&out, []byte(text)) // to memory
		out.WriteString("</text>\n")
	}
	out.WriteString("</g>\n</svg>\n")
	return out.String()
}

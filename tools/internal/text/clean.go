package text

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Clean makes customer-written text safe to show: control, bidirectional and
// invisible characters go, line breaks become spaces.
func Clean(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r == unicode.ReplacementChar || unicode.IsControl(r) || invisible(r):
			return -1
		}
		return r
	}, text)), " ")
}

// invisible reports the characters that change how text reads without being
// seen: format characters (Cf: bidi, zero-width, soft hyphen, tags), variation
// selectors, private ones, the fillers and joiners that Unicode lets renderers
// ignore, the blank Braille pattern, and separators of lines.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Co, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
		r == '\u2800' || r == '\u2028' || r == '\u2029'
}

// plainText turns HTML into one line of text. Scripts, styles and comments
// are dropped; the text is cleaned after its entities were decoded.
func FromHTML(markup string) string {
	var out strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(markup))
	hidden := 0
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end: the reader is a string
			return Clean(out.String())
		case html.TextToken:
			if hidden == 0 {
				out.Write(tokens.Text())
			}
		case html.StartTagToken:
			if name, _ := tokens.TagName(); hides(string(name)) {
				hidden++
			}
			out.WriteByte(' ')
		case html.EndTagToken:
			if name, _ := tokens.TagName(); hides(string(name)) && hidden > 0 {
				hidden--
			}
			out.WriteByte(' ')
		case html.SelfClosingTagToken:
			out.WriteByte(' ')
		}
	}
}

func hides(tag string) bool { return tag == "script" || tag == "style" || tag == "template" }

// textToHTML writes plain text as the HTML that Intercom keeps notes in:
// nothing of the text is taken for markup, and its lines stay lines.
func FromPlain(text string) string {
	var out strings.Builder
	for _, paragraph := range strings.Split(strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n"), "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph != "" {
			out.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>") + "</p>")
		}
	}
	return out.String()
}

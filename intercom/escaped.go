package intercom

import (
	"html"
	"strings"
	"unicode/utf8"
)

// Unescape undoes, once, the escaping of HTML in a text of an answer: Intercom gives some texts escaped, as
// "Phone &amp; SMS". A text that no escaping leaves so, since it has a "<" or an "&" that begins no reference, stays as
// it is. Nothing tells "&amp;" that was escaped from one that was written so: what was shown is the same for both.
func Unescape(text string) string {
	if strings.IndexByte(text, '&') < 0 || strings.IndexByte(text, '<') >= 0 {
		return text
	}
	var out strings.Builder
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "&")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		end := strings.IndexByte(after, ';') + 1
		if end == 0 || end > longestReference {
			return text
		}
		reference := "&" + after[:end]
		character := html.UnescapeString(reference)
		if character == reference || utf8.RuneCountInString(character) > 2 { // of more, only the beginning was one
			return text
		}
		out.WriteString(character)
		rest = after[end:]
	}
}

// longestReference bounds what stands between "&" and the end of a reference.
const longestReference = 40

package sandbox

import (
	"bytes"
	"html"
	"slices"
)

// unescaped are the keys, quoted, whose texts are never escaped: HTML, and links within the API.
var unescaped = []string{`"body"`, `"url"`, `"next"`, `"prev"`}

// escape escapes the texts of the body as HTML, as Intercom does with some: see Options.Escape.
func (r *reply) escape() {
	out := make([]byte, 0, len(r.body)+len(r.body)/8)
	for rest := r.body; len(rest) > 0; {
		if rest[0] != '"' {
			out, rest = append(out, rest[0]), rest[1:]
			continue
		}
		end := valueEnd(rest)
		quoted, after := rest[:end], rest[end:]
		if len(after) == 0 || after[0] != ':' {
			out, rest = append(out, escaped(quoted)...), after
			continue
		}
		if slices.Contains(unescaped, string(quoted)) {
			end += 1 + valueEnd(after[1:])
		}
		out, rest = append(out, rest[:end]...), rest[end:]
	}
	r.body = out
}

// escaped is a JSON string whose text is escaped.
func escaped(quoted []byte) []byte {
	if !bytes.ContainsAny(quoted, `<>&'\`) {
		return quoted
	}
	str, _ := text(quoted)
	return encoded(html.EscapeString(str))
}

package sandbox

import (
	"bytes"
	"encoding/json"
	"html"
	"slices"
)

// unescaped are the keys whose texts are never escaped: HTML, and links within the API.
var unescaped = []string{"body", "url", "next", "prev"}

// escape escapes the texts of the body as HTML, as Intercom does with some: see Options.Escape.
func (r *reply) escape() {
	var buf bytes.Buffer
	escapeInto(&buf, r.body)
	r.body = buf.Bytes()
}

// escapeInto writes a JSON value whose texts are escaped.
func escapeInto(out *bytes.Buffer, raw json.RawMessage) {
	if members, ok := parseObject(raw); ok {
		out.WriteByte('{')
		for i, m := range members {
			if i > 0 {
				out.WriteByte(',')
			}
			out.Write(encoded(m.key))
			out.WriteByte(':')
			if slices.Contains(unescaped, m.key) {
				out.Write(m.raw)
			} else {
				escapeInto(out, m.raw)
			}
		}
		out.WriteByte('}')
	} else if items, ok := list(raw); ok {
		out.WriteByte('[')
		for i, item := range items {
			if i > 0 {
				out.WriteByte(',')
			}
			escapeInto(out, item)
		}
		out.WriteByte(']')
	} else if str, ok := text(raw); ok {
		out.Write(encoded(html.EscapeString(str)))
	} else {
		out.Write(raw)
	}
}

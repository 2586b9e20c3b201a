package sandbox

import (
	"bytes"
	"fmt"
	"html"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// unescaped are the keys whose texts are never escaped: HTML, and links within the API.
var unescaped = []string{"body", "url", "next", "prev"}

// escape escapes the texts of the body as HTML, as Intercom does with some: see Options.Escape.
func (r *reply) escape() {
	var buf bytes.Buffer
	in := jsontext.NewDecoder(bytes.NewReader(r.body))
	out := jsontext.NewEncoder(&buf)
	for in.PeekKind() != 0 {
		token, err := in.ReadToken()
		if err == nil {
			inside, members := in.StackIndex(in.StackDepth())
			isName := inside == '{' && members%2 == 1
			if token.Kind() == '"' && !isName && !slices.Contains(unescaped, in.StackPointer().LastToken()) {
				token = jsontext.String(html.EscapeString(token.String()))
			}
			err = out.WriteToken(token)
		}
		if err != nil {
			panic(fmt.Sprintf("sandbox: escaping a response: %v", err))
		}
	}
	r.body = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

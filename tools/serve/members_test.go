package serve

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"

	"intercom-mcp/tools"
)

// FuzzMembers holds that an object is split as decoding it would split it.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		modernCall, `{}`, ` { "a" : 1 , "b":[1,{"c":"}"}],"d":"\\\"" } `, `{"a":{"b":{}},"c":null,"d":-1.5e3}`, `{"\u0061\\":" ,\""}`,
		`[]`, `"a"`, `{"a":1}`, `{"a":true,"b":false}`, "{\"a\"\n:\t2\r}", `null`, `{"":""}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if tools.Scan(raw) != nil {
			return
		}
		var theirs map[string]json.RawMessage
		if json.Unmarshal(raw, &theirs) != nil {
			theirs = nil
		}
		if ours := members(raw); (ours == nil) != (theirs == nil) || !sameMembers(ours, theirs) {
			t.Errorf("%s is split into %s, want %s", raw, ours, theirs)
		}
		for name, value := range theirs {
			outer, inner := membersOf(raw, name)
			if !sameMembers(outer, theirs) || !sameMembers(inner, members(value)) {
				t.Errorf("%s is split into %s and, at %q, %s", raw, outer, name, inner)
			}
		}
	})
}

func sameMembers(a, b map[string]json.RawMessage) bool {
	return maps.EqualFunc(a, b, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })
}

package strictjson

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"
)

// FuzzMembers holds that an object is split as decoding it would split it.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{"limit":3},"_meta":{"a":"b"}}}`, `{}`, ` { "a" : 1 , "b":[1,{"c":"}"}],"d":"\\\"" } `, `{"a":{"b":{}},"c":null,"d":-1.5e3}`, `{"\u0061\\":" ,\""}`,
		`[]`, `"a"`, `{"a":1}`, `{"a":true,"b":false}`, "{\"a\"\n:\t2\r}", `null`, `{"":""}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		ours, _, err := Members(raw, "")
		if checked := Check(raw); (err == nil) != (checked == nil) {
			t.Fatalf("%s is split with %v, checked with %v", raw, err, checked)
		}
		if err != nil {
			return
		}
		var theirs map[string]json.RawMessage
		if json.Unmarshal(raw, &theirs) != nil {
			theirs = nil
		}
		if (ours == nil) != (theirs == nil) || !sameMembers(ours, theirs) {
			t.Errorf("%s is split into %s, want %s", raw, ours, theirs)
		}
		for name, value := range theirs {
			outer, inner, err := Members(raw, name)
			want, _, _ := Members(value, "")
			if name == "" {
				want = nil
			}
			if err != nil || !sameMembers(outer, theirs) || !sameMembers(inner, want) {
				t.Errorf("%s is split into %s and, at %q, %s, %v", raw, outer, name, inner, err)
			}
		}
	})
}

func sameMembers(a, b map[string]json.RawMessage) bool {
	return maps.EqualFunc(a, b, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })
}

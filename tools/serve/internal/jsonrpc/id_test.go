package jsonrpc

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestFirstID(t *testing.T) {
	long := strings.Repeat("x", MaxMessage)
	for raw, want := range map[string]string{
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"` + long:                   "1",
		`{"method":"ping","params":{"id":2,"x":"` + long + `"},"jsonrpc":"2.0","id":"a" }`: `"a"`,
		`{"method":"ping","params":{"id":2,"x":["` + long + `"],"id":3}}`:                  "",
		`{"params":{"x":"` + long + `\",\"id\":5}"},"id":4}`:                               "4",
		`{"params":{"x":"` + long + `\\"},"id":4}`:                                         "4",
		`{"params":"\",\"id\":5`:                                                           "",
		`{"params":[[]],"id" : -7 ,`:                                                       "-7",
		`{"id":1`:                                                                          "", // or 12
		`{"id":1 2,`:                                                                       "",
		`{"id":1,"id":2,`:                                                                  "",
		`{"id":1,"id":1,`:                                                                  "1",
		`{"id":{"id":1},`:                                                                  "",
		`{"id":[1],`:                                                                       "",
		`{"id":null,`:                                                                      "",
		`{"id":007,`:                                                                       "",
		`{"id":,`:                                                                          "",
		`{"id":1.5,`:                                                                       "1.5",
		`{"id":9007199254740993,`:                                                          "9007199254740993",
		`{"id":true,`:                                                                      "",
		"{\"id\":\"\xff\",":                                                                "",
		`{"id":"` + strings.Repeat("x", 201):                                               "",
		`{"id":1` + strings.Repeat(" ", 300) + `2,`:                                        "",
		`[{"id":1}]`:                                                                       "",
		`"id":1}`:                                                                          "",
		`{}{"id":1}`:                                                                       "",
		`{"ID":1,`:                                                                         "",
		``:                                                                                 "",
	} {
		if got := string(firstID([]byte(raw))); got != want {
			t.Errorf("%.60q: id %s, want %s", raw, got, want)
		}
	}
}

func TestIDKey(t *testing.T) {
	for _, same := range [][]string{{`"ab"`, `"\u0061b"`, `"a\u0062"`}, {`1`}, {`"1"`}, {`0`, `-0`}, {`"a\/"`, `"a/"`},
		{`1.0`}, {`18446744073709551615`}, {``}, {`null`}, {`""`}} {
		for _, id := range same {
			if IDKey([]byte(id)) != IDKey([]byte(same[0])) {
				t.Errorf("%s and %s differ", id, same[0])
			}
		}
	}
	if keys := map[string]bool{IDKey([]byte(`1`)): true, IDKey([]byte(`"1"`)): true, IDKey([]byte(`1.5`)): true,
		IDKey([]byte(``)): true, IDKey([]byte(`""`)): true, IDKey([]byte(`null`)): true}; len(keys) != 6 {
		t.Errorf("the keys are %v", keys)
	}
}

// FuzzFirstID holds that the id of a message is the one that decoding it gives,
// however much of the message is there, and in whatever parts it comes.
func FuzzFirstID(f *testing.F) {
	for _, seed := range []string{
		toolCall, initialize, `{"params":{"id":2,"x":["\\"],"y":"\""},"id":"3","z":[{}]}`, `{"a":"\",\"id\":5}","id" : 4 }`,
		`{"id":1,"id":2}`,
	} {
		f.Add([]byte(seed), 3, 17)
	}
	f.Fuzz(func(t *testing.T, raw []byte, first, end int) {
		end = min(max(end, 0), len(raw))
		first = min(max(first, 0), end)
		var whole, parts idFinder
		whole.feed(raw[:end])
		parts.feed(raw[:first])
		parts.feed(raw[first:end])
		id := whole.found()
		if string(id) != string(parts.found()) {
			t.Errorf("%s in one piece, %s in two", id, parts.found())
		}
		var envelope map[string]json.RawMessage
		if json.Unmarshal(raw, &envelope) != nil || end < len(raw) && strings.Count(string(raw), `"id"`) > 1 {
			return // of several ids, those to come are not known yet
		}
		if theirs := envelope["id"]; id != nil && string(id) != string(theirs) && !strings.Contains(string(raw), `\u`) {
			t.Errorf("the id of %s is %s, not %s", raw, theirs, id)
		}
	})
}

package main

import (
	"encoding/json"
	"testing"
)

// TestReadable keeps order, keys and values, and gives a row of a table one line.
func TestReadable(t *testing.T) {
	for text, want := range map[string]string{
		`{"b":["x","y"],"rows":[["1","a, [b]",null],["2","{\"c\"}",3.50]],"a":{"c":true,"d":[]},"e":{}}`: `{
  "b": ["x", "y"],
  "rows": [
    ["1", "a, [b]", null],
    ["2", "{\"c\"}", 3.50]
  ],
  "a": {
    "c": true,
    "d": []
  },
  "e": {}
}`,
		"{\"a\\u0007\\\"ü\u200b\":1, \"b\" :2}": "{\n  \"a\\u0007\\\"ü\u200b\": 1,\n  \"b\": 2\n}",
		`"text"`:                                `"text"`, `12`: `12`, `[]`: `[]`, `["<"]`: `["<"]`, `{"a":`: `{"a":`, ``: ``,
	} {
		if got := readable(json.RawMessage(text), ""); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", text, got, want)
		}
	}
}

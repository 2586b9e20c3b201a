package strictjson

import (
	"encoding/json"
	"testing"
)

func TestEncode(t *testing.T) {
	if got, err := Encode(map[string]string{"a": "<b> & c\n"}); err != nil || string(got) != `{"a":"<b> & c\n"}` {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := Encode(func() {}); err == nil || got != nil {
		t.Errorf("%s, %v", got, err)
	}
}

func TestCompact(t *testing.T) {
	for _, text := range []string{
		"{\n  \"a\": [1, 2.50, \"x\\u00e9 <b> & c\"],\n  \"b\": { }\n}\n", ` null `, `""`, "[\"a\u2028b\", -0, 1E5]", `{"a":1`, `[1,]`, ``,
	} {
		want, wantErr := json.Marshal(json.RawMessage(text))
		got, err := Compact([]byte(text))
		if (err == nil) != (wantErr == nil) || string(got) != string(want) {
			t.Errorf("%q: %s, %v; want %s, %v", text, got, err, want, wantErr)
		}
	}
}

package intercom

import (
	"encoding/json"
	"testing"
)

func TestLooseScalars(t *testing.T) {
	for data, want := range map[string]looseString{`"7"`: "7", `7`: "7", `null`: "",
		`12345678901234567890`: "12345678901234567890", `"a\"b"`: `a"b`} {
		var got looseString
		if err := json.Unmarshal([]byte(data), &got); err != nil || got != want {
			t.Errorf("string %s: got %q, %v", data, got, err)
		}
	}
	for data, want := range map[string]looseInt{`7`: 7, `"7"`: 7, `7.9`: 7, `null`: 0, `1e3`: 1000, `""`: 0} {
		var got looseInt
		if err := json.Unmarshal([]byte(data), &got); err != nil || got != want {
			t.Errorf("int %s: got %d, %v", data, got, err)
		}
	}
	for _, data := range []string{`{}`, `[]`} {
		var s looseString
		var i looseInt
		if json.Unmarshal([]byte(data), &s) == nil || json.Unmarshal([]byte(data), &i) == nil {
			t.Errorf("%s went for a scalar", data)
		}
	}
	for data, want := range map[string]picture{`null`: "", `"https://x/y.png"`: "https://x/y.png",
		`{"type":"avatar","image_url":"https://x/y.png"}`: "https://x/y.png", `{"image_url":null}`: ""} {
		var got picture
		if err := json.Unmarshal([]byte(data), &got); err != nil || got != want {
			t.Errorf("picture %s: got %q, %v", data, got, err)
		}
	}
}

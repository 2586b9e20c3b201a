package intercom

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	tests := map[string]Time{
		`1734537424`: 1734537424, `"1734537424"`: 1734537424, `1734537424000`: 1734537424, `"1734537424000"`: 1734537424,
		`1734537424.75`: 1734537424, `null`: 0, `""`: 0, `0`: 0, `-5`: -5, `99999999999`: 99999999999, `100000000000`: 100000000,
		`"2024-12-18T15:57:04Z"`: 1734537424, `1.7e9`: 1700000000,
	}
	for data, want := range tests {
		var got Time
		if err := json.Unmarshal([]byte(data), &got); err != nil || got != want {
			t.Errorf("%s: got %d, %v; want %d", data, got, err, want)
		}
	}
	for _, data := range []string{`"soon"`, `true`, `[]`, `{}`, `1e300`, `"NaN"`} {
		var got Time
		if err := json.Unmarshal([]byte(data), &got); err == nil {
			t.Errorf("%s: got %d, want an error", data, got)
		}
	}
}

func TestTimeOutwards(t *testing.T) {
	at := Time(1734537424)
	if got := at.String(); got != "2024-12-18T15:57:04Z" {
		t.Errorf("String() = %s", got)
	}
	if got := TimeOf(at.Time()); got != at {
		t.Errorf("TimeOf(Time()) = %d", got)
	}
	var none Time
	if none.String() != "" || !none.IsZero() || !none.Time().IsZero() || TimeOf(time.Time{}) != 0 {
		t.Error("no time is told as some time")
	}
	if data, err := json.Marshal(at); err != nil || string(data) != "1734537424" {
		t.Errorf("marshalled to %s, %v", data, err)
	}
}

func FuzzTime(f *testing.F) {
	for _, seed := range []string{`1734537424`, `"1734537424000"`, `null`, `1e18`, `-1e400`, `"2024-12-18T15:57:04Z"`, `"x"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		var at Time
		if json.Unmarshal([]byte(data), &at) != nil {
			return
		}
		if at >= milliseconds*1000 || at <= -milliseconds*1000 {
			return // nonsense stays nonsense
		}
		again, err := json.Marshal(at)
		var back Time
		if err != nil || json.Unmarshal(again, &back) != nil || back != at && at < milliseconds && at > -milliseconds {
			t.Errorf("%s became %d, and that %d", data, at, back)
		}
	})
}

func TestOpt(t *testing.T) {
	type fields struct {
		Absent Opt[string] `json:"absent,omitzero"`
		Null   Opt[string] `json:"null,omitzero"`
		Set    Opt[bool]   `json:"set,omitzero"`
		Time   Opt[Time]   `json:"time,omitzero"`
	}
	in := fields{Null: Null[string](), Set: Value(false), Time: Value(Time(5))}
	data, err := json.Marshal(in)
	if want := `{"null":null,"set":false,"time":5}`; err != nil || string(data) != want {
		t.Errorf("marshalled to %s, %v; want %s", data, err, want)
	}
	var out fields
	if err := json.Unmarshal(data, &out); err != nil || out != in {
		t.Errorf("came back as %+v, %v", out, err)
	}
	if _, set := out.Null.Get(); set || !out.Null.IsNull() || out.Null.IsZero() {
		t.Error("null is not null")
	}
	if v, set := out.Set.Get(); !set || v || out.Set.IsNull() {
		t.Error("false is not set")
	}
	if err := json.Unmarshal([]byte(`{"set":"yes"}`), &out); err == nil {
		t.Error("text went for a bool")
	}
}

func TestLooseScalars(t *testing.T) {
	for data, want := range map[string]looseString{`"7"`: "7", `7`: "7", `null`: "", `12345678901234567890`: "12345678901234567890", `"a\"b"`: `a"b`} {
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
	for data, want := range map[string]picture{`null`: "", `"https://x/y.png"`: "https://x/y.png", `{"type":"avatar","image_url":"https://x/y.png"}`: "https://x/y.png", `{"image_url":null}`: ""} {
		var got picture
		if err := json.Unmarshal([]byte(data), &got); err != nil || got != want {
			t.Errorf("picture %s: got %q, %v", data, got, err)
		}
	}
}

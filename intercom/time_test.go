package intercom

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	tests := map[string]Time{
		`1734537424`: 1734537424, `"1734537424"`: 1734537424, `1734537424000`: 1734537424, `"1734537424000"`: 1734537424,
		`1734537424.75`: 1734537424, `null`: 0, `""`: 0, `0`: 0, `-5`: -5, `99999999999`: 99999999999,
		`100000000000`:           100000000,
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
	for _, seed := range []string{`1734537424`, `"1734537424000"`, `null`, `1e18`, `-1e400`, `"2024-12-18T15:57:04Z"`,
		`"x"`} {
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

package intercom

import (
	"encoding/json"
	"testing"
)

func TestTimes(t *testing.T) {
	tests := map[string]Time{
		`1734537424`: Unix(1734537424), `"1734537424"`: Unix(1734537424), `1734537424000`: Unix(1734537424),
		`"1734537424000"`: Unix(1734537424),
		`1734537424.75`:   Unix(1734537424), `null`: {}, `""`: {}, `0`: Unix(0), `-5`: Unix(-5),
		`99999999999`:            Unix(99999999999),
		`100000000000`:           Unix(100000000000),
		`253402300799`:           Unix(253402300799), // the end of the year 9999, which stands for never
		`253402300800`:           Unix(253402300),
		`253402300799000`:        Unix(253402300799),
		`-62135596800`:           Unix(-62135596800),
		`-62135596801`:           Unix(-62135596),
		`"2024-12-18T15:57:04Z"`: Unix(1734537424), `1.7e9`: Unix(1700000000),
	}
	for data, want := range tests {
		var got Time
		if err := json.Unmarshal([]byte(data), &got); err != nil || got != want {
			t.Errorf("%s: got %v, %v; want %v", data, got, err, want)
		}
	}
	for _, data := range []string{`"soon"`, `true`, `[]`, `{}`, `1e300`, `"NaN"`, `253402300800000`, `1e17`, `9223372036854775807`,
		`-9223372036854775808`} {
		var got Time
		if err := json.Unmarshal([]byte(data), &got); err == nil {
			t.Errorf("%s: got %v, want an error", data, got)
		}
	}
}

func TestTimeOutwards(t *testing.T) {
	at := Unix(1734537424)
	if got := at.String(); got != "2024-12-18T15:57:04Z" {
		t.Errorf("String() = %s", got)
	}
	var none Time
	if none.String() != "" || !none.IsZero() || !none.Time().IsZero() {
		t.Error("no time is told as some time")
	}
	epoch := Unix(0)
	if epoch.String() != "1970-01-01T00:00:00Z" || epoch.IsZero() || epoch.Time().IsZero() {
		t.Error("the epoch is told as no time")
	}
	if data, err := json.Marshal([]Time{epoch, none}); err != nil || string(data) != "[0,null]" {
		t.Errorf("marshalled to %s, %v", data, err)
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
		again, err := json.Marshal(at)
		var back Time
		if err != nil || json.Unmarshal(again, &back) != nil || back != at {
			t.Errorf("%s became %v, and that %v", data, at, back)
		}
	})
}

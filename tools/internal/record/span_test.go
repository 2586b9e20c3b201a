package record

import (
	"encoding/json"
	"testing"
	"time"

	"intercom-mcp/intercom"
)

// TestTimesAtTheEnds takes every instant of the years 1 to 9999, and nothing beyond.
func TestTimesAtTheEnds(t *testing.T) {
	now := time.Date(2026, 8, 31, 9, 0, 0, 0, time.UTC)
	west := func() (*time.Location, error) { return time.FixedZone("west", -8*60*60), nil }
	for str, want := range map[string]int64{
		"9999-12-31": 253402214400 + 8*60*60, "9999-12-31T23:59:59Z": 253402300799, "0001-01-01T00:00:00Z": -62135596800,
		"0001-01-01": -62135596800 + 8*60*60, "9999-12-31T16:00": 0, "0001-01-01T00:00:00+01:00": 0,
	} {
		span, err := ParseTime(str, now, west)
		if (err == nil) != (want != 0) || err == nil && span.From.Unix() != want {
			t.Errorf("%s: %v, %v", str, span, err)
		}
	}
	renewal := &intercom.DataAttribute{Name: "renewal", DataType: "date", Custom: true, APIWritable: true}
	for number, want := range map[json.Number]any{
		"253402300799": json.Number("253402300799"), "1.7e9": json.Number("1700000000"), "-5": json.Number("-5"),
		"-62135596800": json.Number("-62135596800"), "1764475200000": nil, "-62135596801": nil, "1.5": nil, "1e300": nil,
	} {
		if got, err := Writable(renewal, number, now, InUTC); (err == nil) != (want != nil) || got != want {
			t.Errorf("%s: %v, %v", number, got, err)
		}
	}
}

// TestTimesAway counts from now, backwards and forwards, in any zone.
func TestTimesAway(t *testing.T) {
	now := time.Date(2026, 8, 31, 9, 0, 0, 999, time.UTC)
	west := func() (*time.Location, error) { return time.FixedZone("west", -8*60*60), nil }
	for str, want := range map[string]time.Duration{
		"-90d": -90 * 24 * time.Hour, "+30d": 30 * 24 * time.Hour, "+2w": 14 * 24 * time.Hour, "+6h": 6 * time.Hour,
		"-30m": -30 * time.Minute, "+0d": 0,
	} {
		if span, err := ParseTime(str, now, west); err != nil || span != instant(now.Add(want)) {
			t.Errorf("%s: %v, %v", str, span, err)
		}
	}
	for _, str := range []string{"30d", "+", "-", "+d", "+-3d", "+3y", "+99999d", "+9999w9"} {
		if span, err := ParseTime(str, now, west); err == nil {
			t.Errorf("%s: %v", str, span)
		}
	}
}

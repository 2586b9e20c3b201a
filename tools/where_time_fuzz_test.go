package tools

import (
	"intercom-mcp/tools/toolerr"
	"testing"
	"time"
)

// FuzzParseTime reads any text as a time: it is refused, or a range of whole
// seconds in years that JSON and Intercom can write.
func FuzzParseTime(f *testing.F) {
	now := time.Date(2026, 8, 31, 9, 30, 15, 999, time.UTC)
	for _, seed := range []string{
		"2026-08-31", "2026-08-31T09:00:00Z", "2026-08-31T09:00:00.999+02:00", "2026-08-31T09:00", "2026-08-31 09:00:00", "-90d", "-9999w", "-0m",
		"2026-02-30", "0000-01-01", "9999-12-31", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "yesterday", "", "-99999d", "90d",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseTime(text, now)
		if err != nil {
			if toolErr, ok := err.(*toolerr.Error); !ok || toolErr.Code != toolerr.InvalidArgument || toolErr.Next == "" {
				t.Fatalf("the error teaches nothing: %v", err)
			}
			return
		}
		if !got.from.Before(got.to) || got.from.Nanosecond() != 0 || got.to.Nanosecond() != 0 {
			t.Fatalf("no range of whole seconds: %v", got)
		}
		if _, err := got.from.MarshalJSON(); err != nil || got.from.Location() != time.UTC {
			t.Fatalf("%v cannot be written: %v", got.from, err)
		}
		if length := got.to.Sub(got.from); length != time.Second && length != 24*time.Hour {
			t.Fatalf("%q covers %v", text, length)
		}
		before, after := got.from.Add(-time.Second), got.to
		for op, want := range map[Operator][3]bool{
			"=": {false, true, false}, "<": {true, false, false}, "<=": {true, true, false}, ">": {false, false, true}, ">=": {false, true, true},
		} {
			if held := [3]bool{got.holds(op, before), got.holds(op, got.from), got.holds(op, after)}; held != want {
				t.Fatalf("%s %v: before, in and after it holds %v, want %v", op, got, held, want)
			}
		}
	})
}

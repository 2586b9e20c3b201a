package search

import (
	"testing"
	"time"

	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

// FuzzParseTime reads any text as a time: it is refused, or a range of whole
// seconds in years that JSON and Intercom can write.
func FuzzParseTime(f *testing.F) {
	now := time.Date(2026, 8, 31, 9, 30, 15, 999, time.UTC)
	for _, seed := range []string{
		"2026-08-31", "2026-08-31T09:00:00Z", "2026-08-31T09:00:00.999+02:00", "2026-08-31T09:00", "2026-08-31 09:00:00",
		"-90d", "-9999w", "-0m", "+30d", "+9999w", "+99999d", "+", "+d",
		"2026-02-30", "0000-01-01", "9999-12-31", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "yesterday", "",
		"-99999d", "90d",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := record.ParseTime(text, now, record.InUTC)
		if err != nil {
			if toolErr, ok := err.(*toolerr.Error); !ok || toolErr.Code != toolerr.InvalidArgument || toolErr.Next == "" {
				t.Fatalf("the error teaches nothing: %v", err)
			}
			return
		}
		if !got.From.Before(got.To) || got.From.Nanosecond() != 0 || got.To.Nanosecond() != 0 {
			t.Fatalf("no range of whole seconds: %v", got)
		}
		if _, err := got.From.MarshalJSON(); err != nil || got.From.Location() != time.UTC {
			t.Fatalf("%v cannot be written: %v", got.From, err)
		}
		if length := got.To.Sub(got.From); length != time.Second && length != 24*time.Hour {
			t.Fatalf("%q covers %v", text, length)
		}
		before, after := got.From.Add(-time.Second), got.To
		for op, want := range map[Operator][3]bool{
			"=": {false, true, false}, "<": {true, false, false}, "<=": {true, true, false}, ">": {false, false, true},
			">=": {false, true, true},
		} {
			if held := [3]bool{holdsTime(got, op, before), holdsTime(got, op, got.From),
				holdsTime(got, op, after)}; held != want {
				t.Fatalf("%s %v: before, in and after it holds %v, want %v", op, got, held, want)
			}
		}
	})
}

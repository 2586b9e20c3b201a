package main

import (
	"testing"
	"time"
)

// TestParseTime reads when something was.
func TestParseTime(t *testing.T) {
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                     {},
		"24h":                  now.AddDate(0, 0, -1),
		"7d":                   now.AddDate(0, 0, -7),
		"2026-10-01T00:00:00Z": time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
		"2026-10-01":           time.Date(2026, 10, 1, 0, 0, 0, 0, time.Local),
	} {
		if got, err := parseTime("--since", text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "-1h", "2026-13-01", "-7d", "7 d", "d"} {
		if _, err := parseTime("--since", text, now); err == nil {
			t.Errorf("%q passes for a time", text)
		}
	}
}

// TestParseUntil reads when something ends.
func TestParseUntil(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"90d": "2027-02-27T12:00:00Z", "12h": "2026-11-30T00:00:00Z", "2027-01-31T09:00:00Z": "2027-01-31T09:00:00Z",
	} {
		if at, err := parseUntil("--expires", text, now); err != nil || at.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v", text, at, err)
		}
	}
	for _, text := range []string{"0d", "-5d", "-12h", "2026-01-01", "d", "90 d", "soon", "9d9"} {
		if at, err := parseUntil("--expires", text, now); err == nil {
			t.Errorf("%s: %v", text, at)
		}
	}
}

// TestSpan writes time spans as a policy has them.
func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 20 * time.Second: "20s", 15 * time.Minute: "15m", 90 * time.Minute: "1h30m", 24 * time.Hour: "24h",
		time.Hour + 5*time.Second: "1h0m5s", 10 * time.Minute: "10m",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

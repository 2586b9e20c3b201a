package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseTime reads a time span before now, a date or a time. Empty is the zero time.
func parseTime(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, ok := shifted(now, -1, text); ok {
		return at, nil
	}
	if at, ok := dated(text); ok {
		return at, nil
	}
	return time.Time{}, &usageError{
		problem: fmt.Sprintf("%s %q is neither a time span nor a time", flag, text),
		try:     flag + " 24h, " + flag + " 7d, " + flag + " 2026-11-01 or " + flag + " 2026-11-01T09:00:00Z",
	}
}

// parseUntil reads a time span from now, a date or a time, which must be to come. Empty is never.
func parseUntil(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, ok := shifted(now, 1, text); ok && at.After(now) {
		return at, nil
	}
	if at, ok := dated(text); ok && at.After(now) {
		return at, nil
	}
	return time.Time{}, &usageError{
		problem: fmt.Sprintf("%s %q is neither a time span nor a time to come", flag, text),
		try:     flag + " 90d, " + flag + " 12h or " + flag + " 2027-01-31",
	}
}

// span writes a time span without the parts that are 0: 24h, 1h30m.
func span(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// maxDays bounds a time span in days: a hundred years.
const maxDays = 36_500

// shifted moves a time by a span such as 90d or 24h, forwards where sign is 1, backwards where it is -1.
func shifted(from time.Time, sign int, span string) (time.Time, bool) {
	if number, ok := strings.CutSuffix(span, "d"); ok {
		days, err := strconv.ParseUint(number, 10, 32)
		return from.AddDate(0, 0, sign*int(days)), err == nil && days <= maxDays
	}
	duration, err := time.ParseDuration(span)
	return from.Add(time.Duration(sign) * duration), err == nil && duration >= 0
}

// dated reads a time in RFC 3339, or a date, which begins in the zone of the machine.
func dated(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

package record

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// Span is what a written time covers: an instant, or a whole day of a zone.
type Span struct {
	From, To time.Time // from inclusive, to exclusive; an instant covers one second
}

var away = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([+-])(\d{1,4})([dhmw])$`) })

// Zone returns the time zone of what is written without one. It is asked where it is needed alone.
type Zone func() (*time.Location, error)

// InUTC is the zone UTC.
func InUTC() (*time.Location, error) { return time.UTC, nil }

// ParseTime reads ISO 8601 (2026-08-31, 2026-08-31T09:00:00Z) or a time ago or to come (-90d, -12w, +6h, +30m), within
// the years 1 to 9999 of UTC.
func ParseTime(str string, now time.Time, zone Zone) (Span, error) {
	r, ok := readTime(str, now, time.UTC)
	if ok && !zoned(str) {
		in, err := zone()
		if err != nil {
			return Span{}, err
		}
		r, ok = readTime(str, now, in)
	}
	if !ok || !inCalendar(r.From) {
		return Span{}, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no time.", text.Clip(text.Clean(str), 40)),
			"Write 2026-08-31, 2026-08-31T09:00:00Z, -90d (90 days ago) or +30d.")
	}
	return r, nil
}

// inCalendar reports whether a time is within the years 1 to 9999 of UTC.
func inCalendar(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// zoned reports whether a time, which can be read, says itself which instant it is.
func zoned(str string) bool {
	return strings.ContainsAny(str[:1], "+-") || strings.HasSuffix(str, "Z") ||
		strings.ContainsAny(str[len(time.DateOnly):], "+-")
}

func readTime(text string, now time.Time, zone *time.Location) (Span, bool) {
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return Span{t.UTC(), t.AddDate(0, 0, 1).UTC()}, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
		"2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return instant(t), true
		}
	}
	parts := away().FindStringSubmatch(text)
	if parts == nil {
		return Span{}, false
	}
	n, err := strconv.Atoi(parts[1] + parts[2])
	unit := map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "h": time.Hour,
		"m": time.Minute}[parts[3]]
	return instant(now.Add(time.Duration(n) * unit)), err == nil
}

// instant is the second in which t is.
func instant(t time.Time) Span {
	t = t.UTC().Truncate(time.Second)
	return Span{t, t.Add(time.Second)}
}

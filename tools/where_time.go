package tools

import (
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// timeRange is what a written time covers: an instant, or a whole UTC day.
type timeRange struct {
	from, to time.Time // from inclusive, to exclusive; an instant covers one second
}

var ago = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-(\d{1,4})([dhmw])$`) })

// parseTime reads ISO 8601 (2026-08-31, 2026-08-31T09:00:00Z) or a time ago
// (-90d, -12w, -6h, -30m), within the years 1 to 9999 of UTC.
func parseTime(str string, now time.Time) (timeRange, error) {
	r, ok := readTime(str, now)
	if !ok || r.from.Year() < 1 || r.to.Year() > 9999 {
		return timeRange{}, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no time.", text.Clip(text.Clean(str), 40)), "Write 2026-08-31, 2026-08-31T09:00:00Z or -90d (90 days ago).")
	}
	return r, nil
}

func readTime(text string, now time.Time) (timeRange, bool) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return timeRange{t, t.AddDate(0, 0, 1)}, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return instant(t), true
		}
	}
	parts := ago().FindStringSubmatch(text)
	if parts == nil {
		return timeRange{}, false
	}
	n, err := strconv.Atoi(parts[1])
	unit := map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "h": time.Hour, "m": time.Minute}[parts[2]]
	return instant(now.Add(-time.Duration(n) * unit)), err == nil
}

// instant is the second in which t is.
func instant(t time.Time) timeRange {
	t = t.UTC().Truncate(time.Second)
	return timeRange{t, t.Add(time.Second)}
}

// holds compares a stored time with the range: after means after all of it.
func (r timeRange) holds(op Operator, t time.Time) bool {
	switch op {
	case "=":
		return !t.Before(r.from) && t.Before(r.to)
	case ">":
		return !t.Before(r.to)
	case ">=":
		return !t.Before(r.from)
	case "<":
		return t.Before(r.from)
	case "<=":
		return t.Before(r.to)
	}
	return false
}

func timeFilter(name string, op intercom.Operator, t time.Time) intercom.Query {
	return intercom.Filter{Field: name, Operator: op, Value: t.Unix()}
}

// exactTime writes the condition for a version that compares to the second.
func (c *condition) exactTime(name string, inOr bool) []intercom.Query {
	first, last := c.span.from, c.span.to.Add(-time.Second)
	switch c.operator {
	case ">":
		return []intercom.Query{timeFilter(name, ">", last)}
	case ">=":
		return []intercom.Query{timeFilter(name, ">=", first)}
	case "<":
		return []intercom.Query{timeFilter(name, "<", first)}
	case "<=":
		return []intercom.Query{timeFilter(name, "<=", last)}
	}
	if first.Equal(last) {
		return []intercom.Query{timeFilter(name, "=", first)}
	}
	if inOr {
		return []intercom.Query{timeFilter(name, ">=", first)}
	}
	return []intercom.Query{timeFilter(name, ">=", first), timeFilter(name, "<=", last)}
}

// wholeDays writes a wider condition for a version that compares whole days
// of a zone that need not be UTC: the day of the instant and all beyond it.
func (c *condition) wholeDays(name string, inOr bool) []intercom.Query {
	beyond := func(op intercom.Operator, t time.Time) []intercom.Query {
		return []intercom.Query{timeFilter(name, op, t), timeFilter(name, "=", t)}
	}
	after, before := beyond(">", c.span.from), beyond("<", c.span.to.Add(-time.Second))
	var wide [][]intercom.Query
	switch c.operator {
	case ">", ">=":
		wide = [][]intercom.Query{after}
	case "<", "<=":
		wide = [][]intercom.Query{before}
	default:
		wide = [][]intercom.Query{after, before}
	}
	if inOr {
		return wide[0]
	}
	groups := make([]intercom.Query, len(wide))
	for i, of := range wide {
		groups[i] = intercom.Group{Operator: intercom.Or, Of: of}
	}
	return groups
}

package search

import (
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/record"
)

// holdsTime compares a stored time with a range: after means after all of it.
func holdsTime(r record.Span, op Operator, t time.Time) bool {
	switch op {
	case "=":
		return !t.Before(r.From) && t.Before(r.To)
	case ">":
		return !t.Before(r.To)
	case ">=":
		return !t.Before(r.From)
	case "<":
		return t.Before(r.From)
	case "<=":
		return t.Before(r.To)
	}
	return false
}

func timeFilter(name string, op intercom.Operator, t time.Time) intercom.Query {
	return intercom.Filter{Field: name, Operator: op, Value: t.Unix()}
}

// exactTime writes the condition for a version that compares to the second.
func (c *condition) exactTime(name string) []intercom.Query {
	first, last := c.span.From, c.span.To.Add(-time.Second)
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
	return []intercom.Query{timeFilter(name, ">=", first), timeFilter(name, "<=", last)}
}

// wholeDays writes a wider condition for a version that compares whole days
// of a zone that need not be UTC: the day of the instant and all beyond it.
func (c *condition) wholeDays(name string) []clause {
	beyond := func(op intercom.Operator, t time.Time) clause {
		return clause{group: intercom.Or, wide: true, of: []intercom.Query{timeFilter(name, op, t), timeFilter(name, "=", t)}}
	}
	after, before := beyond(">", c.span.From), beyond("<", c.span.To.Add(-time.Second))
	switch c.operator {
	case ">", ">=":
		return []clause{after}
	case "<", "<=":
		return []clause{before}
	}
	return []clause{after, before}
}

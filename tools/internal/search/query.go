package search

import (
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

const (
	// valuesInFilter is Intercom's bound on the values of one IN or NIN.
	valuesInFilter = 10
	// mostLeaves is how many filters two levels of groups hold.
	mostLeaves = directory.MaxFilters * directory.MaxFilters
)

// clause is filters that are joined by one operator: what Intercom is asked of a condition, or of a part of it.
type clause struct {
	group   intercom.Operator // And or Or; of one filter, either
	of      []intercom.Query
	unasked bool // Intercom cannot be asked
	wide    bool // wider than the condition
}

// build writes the search that Intercom is asked. Its groups hold 15 each, in two levels; what does not fit is left out
// and checked here, as are times where Intercom compares whole days: exactTimes tells that the API version compares
// them to the second. The query is nil where nothing narrows the search. Whoever is in a segment cannot be checked
// here.
func (sel *Selection) build(exactTimes bool) error {
	clauses := make([][]clause, len(sel.checks))
	for i := range sel.checks {
		clauses[i] = sel.checks[i].clauses(exactTimes)
	}
	if !sel.any {
		return sel.buildAll(clauses)
	}
	fits := sel.buildAny(clauses)
	isSegment := func(c condition) bool { return c.field.Kind == record.KindSegment }
	switch {
	case !fits:
		return tooMany()
	case !sel.Exact && slices.ContainsFunc(sel.checks, isSegment):
		return toolerr.New(toolerr.InvalidArgument,
			"A segment cannot be an alternative to what this server checks by itself, such as a time.",
			"Ask for each of them in a call of its own.")
	}
	return nil
}

func tooMany() *toolerr.Error {
	return toolerr.New(toolerr.InvalidArgument, "where: too many conditions on times for one search.", "Leave some out.")
}

// buildAll asks for contacts for which everything holds.
func (sel *Selection) buildAll(clauses [][]clause) error {
	var top []intercom.Query
	var large, ofSegments []clause // alternatives that need two levels by themselves
	segments := false
	for i, of := range clauses {
		isSegment := sel.checks[i].field.Kind == record.KindSegment
		for _, c := range of {
			sel.Exact = sel.Exact && !c.unasked && !c.wide
			switch {
			case c.unasked:
			case len(c.of) == 1 || c.group == intercom.And:
				top, segments = append(top, c.of...), segments || isSegment
			case len(c.of) <= directory.MaxFilters:
				top, segments = append(top, intercom.Group{Operator: intercom.Or, Of: c.of}), segments || isSegment
			case isSegment:
				ofSegments = append(ofSegments, c)
			default:
				large = append(large, c)
			}
		}
	}
	if sel.text != "" {
		top = append(top, sel.named())
	}
	if n := len(ofSegments); n > 1 || n > 0 && segments {
		return toolerr.New(toolerr.InvalidArgument, "where: too many segments for one search.", "Ask for fewer at once.")
	}
	if large = append(ofSegments, large...); len(large) > 0 {
		sel.Exact = sel.Exact && len(top) == 0 && len(large) == 1
		if !segments {
			sel.query = intercom.Group{Operator: intercom.Or, Of: packed(intercom.Or, large[0].of)}
			return nil
		}
	}
	if len(top) > directory.MaxFilters {
		top = packed(intercom.And, top)
	}
	if len(top) > directory.MaxFilters {
		return tooMany()
	}
	sel.query = joined(intercom.And, top)
	return nil
}

// buildAny asks for contacts for which something holds. It reports whether that fits a search.
func (sel *Selection) buildAny(clauses [][]clause) bool {
	var top []intercom.Query
	for _, of := range clauses {
		c := of[0]
		sel.Exact = sel.Exact && len(of) == 1 && !c.unasked && !c.wide
		switch {
		case c.unasked:
			return true
		case len(c.of) == 1 || c.group == intercom.Or:
			top = append(top, c.of...)
		case sel.text == "" && len(c.of) <= directory.MaxFilters:
			top = append(top, intercom.Group{Operator: intercom.And, Of: c.of})
		default:
			top, sel.Exact = append(top, c.of[0]), false
		}
	}
	switch {
	case sel.text != "" && len(top) == 0:
		sel.query = sel.named()
		return true
	case sel.text != "" && len(top) <= directory.MaxFilters:
		sel.query = joined(intercom.And, []intercom.Query{sel.named(), joined(intercom.Or, top)})
		return true
	case len(top) > directory.MaxFilters:
		top = packed(intercom.Or, top)
	}
	sel.Exact = sel.Exact && sel.text == ""
	sel.query = joined(intercom.Or, top)
	return len(top) <= directory.MaxFilters
}

// named asks for a part of a name or e-mail.
func (sel *Selection) named() intercom.Query {
	if a, b := halve(sel.text); sel.halved && a != "" {
		halves := append([]any{a, b}, otherwise(sel.text)...)
		of := each("name", "~", halves)
		if strings.Contains(sel.text, "@") {
			of = append(of, each("email", "~", halves)...)
		}
		return intercom.Group{Operator: intercom.Or, Of: of}
	}
	return intercom.Group{Operator: intercom.Or, Of: []intercom.Query{
		intercom.Filter{Field: "name", Operator: "~", Value: sel.text},
		intercom.Filter{Field: "email", Operator: "~", Value: sel.text},
	}}
}

// joined is a group of queries, or the only one there is; nil of none.
func joined(operator intercom.Operator, of []intercom.Query) intercom.Query {
	switch len(of) {
	case 0:
		return nil
	case 1:
		return of[0]
	}
	return intercom.Group{Operator: operator, Of: of}
}

// packed puts the filters among queries into groups of 15; groups stay as they are, and come first.
func packed(operator intercom.Operator, of []intercom.Query) []intercom.Query {
	var groups, filters []intercom.Query
	for _, q := range of {
		if _, ok := q.(intercom.Group); ok {
			groups = append(groups, q)
		} else {
			filters = append(filters, q)
		}
	}
	for part := range slices.Chunk(filters, directory.MaxFilters) {
		groups = append(groups, joined(operator, part))
	}
	return groups
}

// oneOf asks for a field that has one of the values, in filters of one each.
func oneOf(name string, values []any) clause {
	return clause{group: intercom.Or, of: each(name, "=", values)}
}

// noneOf asks for a field that has none of the values, likewise.
func noneOf(name string, values []any) clause {
	return clause{group: intercom.And, of: each(name, "!=", values)}
}

func each(name string, op intercom.Operator, values []any) []intercom.Query {
	of := make([]intercom.Query, len(values))
	for i, value := range values {
		of[i] = intercom.Filter{Field: name, Operator: op, Value: value}
	}
	return of
}

// clauses are what Intercom is asked of a condition: all of them hold of whoever meets it.
func (c *condition) clauses(exactTimes bool) []clause {
	name := c.field.SearchName()
	several := c.field.Kind == record.KindTag || c.field.Kind == record.KindSegment
	switch {
	case c.asks():
		return []clause{c.emptiness()}
	case c.field.Kind == record.KindTime && c.sentExactly(exactTimes):
		return []clause{{group: intercom.And, of: c.exactTime(name)}}
	case c.field.Kind == record.KindTime:
		return c.wholeDays(name)
	case c.operator == "IN" && several:
		return []clause{oneOf(name, c.values)}
	case c.operator == "NIN" && several:
		return []clause{noneOf(name, c.values)}
	case c.operator != "IN" && c.operator != "NIN":
		return []clause{{of: each(name, intercom.Operator(c.operator), c.values)}}
	}
	lists := clause{group: intercom.Or}
	if c.operator == "NIN" {
		lists.group = intercom.And
	}
	for part := range slices.Chunk(c.values, valuesInFilter) {
		lists.of = append(lists.of, intercom.Filter{Field: name, Operator: intercom.Operator(c.operator), Value: part})
	}
	return []clause{lists}
}

package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// Operator compares a field with a value, in Intercom's notation.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts
type Operator string

// Enum lists the operators.
func (Operator) Enum() []string {
	return []string{"=", "!=", ">", "<", ">=", "<=", "~", "!~", "^", "$", "IN", "NIN"}
}

// Filter is one condition of a search.
type Filter struct {
	// email, role, last_seen_at, tag, segment, company, custom_attributes.NAME…
	Field string `json:"field"`
	// ~ contains, ^ starts, $ ends
	Operator Operator `json:"operator"`
	// times: ISO 8601 or -90d
	Value string `json:"value,omitempty"`
	// for IN, NIN
	Values []string `json:"values,omitempty"`
}

// Match says how several filters combine.
type Match string

// Enum lists the combinations.
func (Match) Enum() []string { return []string{"all", "any"} }

// maxValues is Intercom's bound on the values of one IN or NIN.
const maxValues = 10

// operators lists what each kind of field can be compared with.
var operators = map[record.Kind][]Operator{
	record.KindString:  {"=", "!=", "~", "!~", "^", "$", "IN", "NIN"},
	record.KindBool:    {"=", "!="},
	record.KindInteger: {"=", "!=", ">", "<", ">=", "<=", "IN", "NIN"},
	record.KindFloat:   {"=", "!=", ">", "<", ">=", "<=", "IN", "NIN"},
	record.KindTime:    {"=", ">", "<", ">=", "<="},
	record.KindTag:     {"=", "!="},
	record.KindSegment: {"=", "!="},
	record.KindCompany: {"="},
	record.KindOwner:   {"=", "!=", "IN", "NIN"},
}

// condition is a filter made ready: resolved, typed, and checked.
type condition struct {
	field    *record.Field
	operator Operator
	values   []any       // string, bool, json.Number, intercom.Time
	span     record.Span // for times: what the value covers
}

// Selection is a compiled search: what Intercom is asked, and what is checked
// here because Intercom's answer would be wider than the question.
type Selection struct {
	query   intercom.Query
	company *intercom.Company // list this company's contacts instead of searching
	checks  []condition       // every one (or any one) must hold
	any     bool
	text    string // part of a name or e-mail, lower case
	Exact   bool   // Intercom's answer needs no check
}

// Compile turns filters into a selection.
func (s *Searcher) Compile(ctx context.Context, text string, where []Filter, match Match) (*Selection, error) {
	if len(where) > directory.MaxFilters {
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("where: at most %d filters, got %d.",
			directory.MaxFilters, len(where)), "Use IN with values to merge some.")
	}
	if err := s.checkQuery(strings.TrimSpace(text)); err != nil {
		return nil, err
	}
	sel := &Selection{any: match == "any", text: strings.ToLower(strings.TrimSpace(text)), Exact: true}
	for i, filter := range where {
		c, err := s.condition(ctx, filter)
		if err != nil {
			return nil, toolerr.At(err, fmt.Sprintf("where[%d]", i))
		}
		if c.field.Kind == record.KindCompany {
			if sel.any && len(where) > 1 || sel.company != nil {
				return nil, toolerr.New(toolerr.InvalidArgument, "A company filter cannot be one of several alternatives.",
					"Use one company and match all.")
			}
			if sel.company, err = s.Dir.Company(ctx, filter.Value); err != nil {
				return nil, toolerr.At(err, fmt.Sprintf("where[%d]", i))
			}
			continue
		}
		sel.checks = append(sel.checks, c)
	}
	if sel.company != nil {
		return sel.within()
	}
	exactTimes := s.Dir.Client.ExactTimes()
	sel.Exact = !slices.ContainsFunc(sel.checks, func(c condition) bool {
		return c.field.Kind == record.KindTime &&
			!c.sentExactly(exactTimes)
	})
	if sel.any && !sel.Exact &&
		slices.ContainsFunc(sel.checks, func(c condition) bool { return c.field.Kind == record.KindSegment }) {
		return nil, toolerr.New(toolerr.InvalidArgument, "A segment cannot be an alternative to a time.",
			"Ask for each of them in a call of its own.")
	}
	if sel.query = sel.build(exactTimes); sel.query == nil && len(sel.checks) > 0 {
		return nil, toolerr.New(toolerr.InvalidArgument, "where: too many conditions on times for one search.",
			"Leave some out.")
	}
	return sel, nil
}

// within makes the selection one among its company's contacts, which Intercom
// lists but cannot search: every condition is checked here.
func (sel *Selection) within() (*Selection, error) {
	if slices.ContainsFunc(sel.checks, func(c condition) bool { return c.field.Kind == record.KindSegment }) {
		return nil, toolerr.New(toolerr.InvalidArgument, "A segment cannot be combined with a company.",
			"Filter by one of them, then compare the ids.")
	}
	sel.Exact = len(sel.checks) == 0 && sel.text == ""
	return sel, nil
}

// condition resolves and types one filter.
func (s *Searcher) condition(ctx context.Context, filter Filter) (condition, error) {
	f, err := s.Field(ctx, filter.Field)
	if err != nil {
		return condition{}, err
	}
	c := condition{field: f, operator: filter.Operator}
	if !slices.Contains(operators[f.Kind], filter.Operator) {
		return c, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%s is a %s and does not support %s.", f.Name, f.Kind,
			filter.Operator),
			"It supports "+joinOperators(operators[f.Kind])+".")
	}
	if err := s.checkSearch(f.Name, filter.Operator); err != nil {
		return c, err
	}
	values := filter.Values
	if filter.Operator == "IN" || filter.Operator == "NIN" {
		if len(values) == 0 || filter.Value != "" {
			return c, toolerr.New(toolerr.InvalidArgument, string(filter.Operator)+" takes its list in values, not in value.",
				"")
		}
		if len(values) > maxValues {
			return c, tooManyValues(filter.Operator, len(values))
		}
	} else {
		if len(values) > 0 || filter.Value == "" {
			return c, toolerr.New(toolerr.InvalidArgument, string(filter.Operator)+" takes one value, in value.",
				"For several use IN with values.")
		}
		values = []string{filter.Value}
	}
	for _, value := range values {
		typed, err := s.filterValue(ctx, &c, value)
		if err != nil {
			return c, err
		}
		c.values = append(c.values, typed)
	}
	return c, nil
}

// tooManyValues says how to ask for more values than one filter takes.
func tooManyValues(operator Operator, n int) *toolerr.Error {
	next := "Put the rest into more IN filters with match any, or into calls of their own."
	if operator == "NIN" {
		next = "Put the rest into more NIN filters."
	}
	return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%s takes at most %d values, got %d.", operator, maxValues, n),
		next)
}

// wants says what a value of the condition's field is, other than the one given.
func (c *condition) wants(what, given string) *toolerr.Error {
	return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%s is %s, not %q.", c.field.Name, what,
		text.Clip(text.Clean(given), 40)), "")
}

// filterValue reads one value as the field's kind wants it.
func (s *Searcher) filterValue(ctx context.Context, c *condition, value string) (any, error) {
	switch c.field.Kind {
	case record.KindBool:
		if value == "true" || value == "false" {
			return value == "true", nil
		}
		return nil, c.wants("true or false", value)
	case record.KindInteger:
		if number, ok := record.WholeNumber(value); ok {
			return number, nil
		}
		return nil, c.wants("a whole number", value)
	case record.KindFloat:
		if number, ok := record.DecimalNumber(value); ok {
			return number, nil
		}
		return nil, c.wants("a number", value)
	case record.KindTime:
		span, err := record.ParseTime(value, time.Now(), func() (*time.Location, error) { return s.Dir.Zone(ctx) })
		c.span = span
		return intercom.Unix(span.From.Unix()), err
	case record.KindTag:
		tag, err := s.Dir.Tag(ctx, value)
		return tag.ID, err
	case record.KindSegment:
		segment, err := s.Dir.Segment(ctx, value)
		return segment.ID, err
	case record.KindOwner:
		admin, err := s.Dir.Admin(ctx, value)
		return admin.ID, err
	}
	if c.field.Name == "role" {
		value = strings.TrimSpace(value)
	}
	if roles := record.Roles(); c.field.Name == "role" && (c.operator == "=" || c.operator == "IN") &&
		!slices.Contains(roles, value) {
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no role.", text.Clip(text.Clean(value), 40)),
			"The roles: "+strings.Join(roles, ", ")+".")
	}
	if c.field.Name == "email" {
		return strings.ToLower(strings.TrimSpace(value)), nil
	}
	return value, nil
}

func joinOperators(list []Operator) string {
	words := make([]string, len(list))
	for i, op := range list {
		words[i] = string(op)
	}
	return strings.Join(words, " ")
}

// build writes the search that Intercom is asked. exactTimes tells that the API version compares times to the second;
// where it compares whole days of the workspace's zone, the search asks for the days around and the selection checks
// the answer. It is nil for no conditions, and for more than one search can hold.
func (sel *Selection) build(exactTimes bool) intercom.Query {
	var of []intercom.Query
	for _, c := range sel.checks {
		of = append(of, c.queries(exactTimes, sel.any)...)
	}
	if len(of) > directory.MaxFilters {
		return nil
	}
	group := intercom.And
	if sel.any {
		group = intercom.Or
	}
	var query intercom.Query
	switch len(of) {
	case 0:
	case 1:
		query = of[0]
	default:
		query = intercom.Group{Operator: group, Of: of}
	}
	if sel.text == "" {
		return query
	}
	named := intercom.Group{Operator: intercom.Or, Of: []intercom.Query{
		intercom.Filter{Field: "name", Operator: "~", Value: sel.text},
		intercom.Filter{Field: "email", Operator: "~", Value: sel.text},
	}}
	switch {
	case query == nil:
		return named
	case sel.any || len(of) == 1 || len(of) == directory.MaxFilters:
		return intercom.Group{Operator: intercom.And, Of: []intercom.Query{named, query}}
	}
	return intercom.Group{Operator: intercom.And, Of: append(of, named)}
}

// queries writes one condition; several queries stand for all of them, except
// inside an OR, where one that is wider stands for the lot.
func (c *condition) queries(exactTimes, inOr bool) []intercom.Query {
	name := c.field.SearchName()
	if c.field.Kind != record.KindTime {
		var value any = c.values[0]
		if c.operator == "IN" || c.operator == "NIN" {
			value = c.values
		}
		return []intercom.Query{intercom.Filter{Field: name, Operator: intercom.Operator(c.operator), Value: value}}
	}
	if c.sentExactly(exactTimes) {
		return c.exactTime(name, inOr)
	}
	return c.wholeDays(name, inOr)
}

// sentExactly reports whether Intercom compares the condition's time to the second: it never does for date attributes.
func (c *condition) sentExactly(exactTimes bool) bool { return exactTimes && c.field.Attribute == nil }

// Searcher compiles and checks searches for one call, under a policy that masks some fields.
type Searcher struct {
	Dir   *directory.Resolver
	Masks func(field string) bool
}

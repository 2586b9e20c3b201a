package search

import (
	"cmp"
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
	return []string{"=", "!=", ">", "<", ">=", "<=", "~", "!~", "^", "$", "IN", "NIN", string(empty), string(present)}
}

// Filter is one condition of a search.
type Filter struct {
	// email, role, last_seen_at, tag, segment, company, custom_attributes.NAME…
	Field string `json:"field"`
	// ~ contains, ^ starts, $ ends; empty, present take no value
	Operator Operator `json:"operator"`
	// times: ISO 8601, -90d or +30d
	Value string `json:"value,omitempty"`
	// for IN, NIN: up to 200
	Values []string `json:"values,omitempty"`
}

// Match says how several filters combine.
type Match string

// Enum lists the combinations.
func (Match) Enum() []string { return []string{"all", "any"} }

// The operators that ask whether there is a value; the rest are Intercom's.
const (
	empty   Operator = "empty"
	present Operator = "present"
)

// maxValues bounds the values of one IN or NIN. Intercom takes fewer in a filter, so that they are split.
const maxValues = 200

// operators lists what each kind of field can be compared with.
var operators = map[record.Kind][]Operator{
	record.KindString:  {"=", "!=", "~", "!~", "^", "$", "IN", "NIN", empty, present},
	record.KindBool:    {"=", "!=", empty, present},
	record.KindInteger: {"=", "!=", ">", "<", ">=", "<=", "IN", "NIN", empty, present},
	record.KindFloat:   {"=", "!=", ">", "<", ">=", "<=", "IN", "NIN", empty, present},
	record.KindTime:    {"=", ">", "<", ">=", "<=", empty, present},
	record.KindTag:     {"=", "!=", "IN", "NIN", empty, present},
	record.KindSegment: {"=", "!=", "IN", "NIN", empty, present},
	record.KindCompany: {"=", "IN", empty, present},
	record.KindOwner:   {"=", "!=", "IN", "NIN", empty, present},
}

// condition is a filter made ready: resolved, typed, and checked.
type condition struct {
	field    *record.Field
	operator Operator
	values   []any       // string, bool, json.Number, intercom.Time; for empty and present of tags and segments, all ids
	span     record.Span // for times: what the value covers
}

// asks reports whether the condition asks whether there is a value.
func (c *condition) asks() bool { return c.operator == empty || c.operator == present }

// Selection is a compiled search: what Intercom is asked, and what is checked
// here because Intercom's answer would be wider than the question.
type Selection struct {
	query     intercom.Query
	companies []*intercom.Company // list the contacts of these companies, one after the other, instead of searching
	checks    []condition         // every one (or any one) must hold
	any       bool
	text      string // part of a name or e-mail, lower case
	halved    bool   // each half of text is searched for: see AsShown
	Exact     bool   // Intercom's answer needs no check
}

// Compile turns filters into a selection.
func (s *Searcher) Compile(ctx context.Context, text string, where []Filter, match Match) (*Selection, error) {
	if len(where) > directory.MaxFilters {
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("where: at most %d filters, got %d.",
			directory.MaxFilters, len(where)), "Use IN with values to merge some.")
	}
	var bad toolerr.Several
	if err := bad.Add("", s.checkQuery(strings.TrimSpace(text))); err != nil {
		return nil, err
	}
	sel := &Selection{any: match == "any", text: strings.ToLower(strings.TrimSpace(text)), Exact: true}
	for i, filter := range where {
		was := bad.Len()
		c, err := s.condition(ctx, fmt.Sprintf("where[%d]", i), filter, &bad)
		if err != nil {
			return nil, err
		}
		if bad.Len() == was {
			_ = bad.Add("", sel.add(c, len(where))) // which it gathers
		}
	}
	if bad.Len() > 0 {
		return nil, bad.Err()
	}
	if sel.companies != nil {
		return sel.within()
	}
	return sel, sel.build(s.Dir.Client.ExactTimes())
}

// add adds one of so many conditions.
func (sel *Selection) add(c condition, of int) error {
	if c.field.Kind != record.KindCompany || c.asks() {
		sel.checks = append(sel.checks, c)
		return nil
	}
	if sel.any && of > 1 || sel.companies != nil {
		return toolerr.New(toolerr.InvalidArgument, "A company filter cannot be one of several alternatives.",
			"Use one company filter, with IN for several, and match all.")
	}
	for _, value := range c.values {
		company := value.(*intercom.Company)
		if !slices.ContainsFunc(sel.companies, func(c *intercom.Company) bool { return c.ID == company.ID }) {
			sel.companies = append(sel.companies, company)
		}
	}
	return nil
}

// within makes the selection one among its companies' contacts, which Intercom
// lists but cannot search: every condition is checked here.
func (sel *Selection) within() (*Selection, error) {
	if slices.ContainsFunc(sel.checks, func(c condition) bool { return c.field.Kind == record.KindSegment }) {
		return nil, toolerr.New(toolerr.InvalidArgument, "A segment cannot be combined with a company.",
			"Filter by one of them, then compare the ids.")
	}
	sel.Exact = len(sel.checks) == 0 && sel.text == "" && len(sel.companies) == 1
	return sel, nil
}

// condition resolves and types one filter, and gathers all that is wrong with it.
func (s *Searcher) condition(ctx context.Context, place string, filter Filter,
	bad *toolerr.Several) (condition, error) {
	f, err := s.Field(ctx, filter.Field)
	if err == nil {
		err = cmp.Or(s.checkSearch(f, filter.Operator), teachEmpty(f, &filter))
	}
	if err != nil {
		return condition{}, bad.Add(place, err)
	}
	c := condition{field: f, operator: filter.Operator}
	if !slices.Contains(operators[f.Kind], filter.Operator) { // which may want other values
		return c, bad.Add(place, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%s is a %s and does not support %s.",
			f.Name, f.Kind, filter.Operator), f.Name+" supports "+joinOperators(operators[f.Kind])+"."))
	}
	if c.asks() {
		c.values, err = s.everyID(ctx, f.Kind)
		return c, bad.Add(place, err)
	}
	values, err := filter.given(f)
	if err != nil {
		return c, bad.Add(place, err)
	}
	for i, value := range values {
		at := place
		if filter.Values != nil {
			at = fmt.Sprintf("%s.values[%d]", place, i)
		}
		typed, err := s.filterValue(ctx, &c, value)
		if err = bad.Add(at, err); err != nil {
			return c, err
		}
		if !slices.Contains(c.values, typed) {
			c.values = append(c.values, typed)
		}
	}
	return c, nil
}

// given lists the values that a filter compares with.
func (filter *Filter) given(f *record.Field) ([]string, error) {
	if filter.Operator != "IN" && filter.Operator != "NIN" {
		if len(filter.Values) > 0 || filter.Value == "" {
			return nil, toolerr.New(toolerr.InvalidArgument, string(filter.Operator)+" takes one value, in value.",
				"For several use IN with values. "+useEmpty(f))
		}
		return []string{filter.Value}, nil
	}
	if len(filter.Values) == 0 || filter.Value != "" {
		return nil, toolerr.New(toolerr.InvalidArgument, string(filter.Operator)+
			" takes its list in values, not in value.", "")
	}
	if n := len(filter.Values); n > maxValues {
		next := "Put the rest into more IN filters with match any, or into calls of their own."
		if filter.Operator == "NIN" {
			next = "Put the rest into more NIN filters."
		}
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%s takes at most %d values, got %d.", filter.Operator,
			maxValues, n), next)
	}
	return filter.Values, nil
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
		now := s.Now
		if now.IsZero() {
			now = time.Now()
		}
		span, err := record.ParseTime(value, now, func() (*time.Location, error) { return s.Dir.Zone(ctx) })
		c.span = span
		return intercom.Unix(span.From.Unix()), err
	case record.KindTag:
		tag, err := s.Dir.Tag(ctx, value)
		return tag.ID, orEmpty(err, c.field, value)
	case record.KindSegment:
		segment, err := s.Dir.Segment(ctx, value)
		return segment.ID, orEmpty(err, c.field, value)
	case record.KindCompany:
		company, err := s.Dir.Company(ctx, value)
		return company, orEmpty(err, c.field, value)
	case record.KindOwner:
		admin, err := s.Dir.Admin(ctx, value)
		return admin.ID, orEmpty(err, c.field, value)
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
	s.noteOption(c, value)
	return value, nil
}

// noteOption remarks that a list attribute has no option of a value that is looked for: contacts may yet have it from
// before.
func (s *Searcher) noteOption(c *condition, value string) {
	is := func(option string) bool { return strings.EqualFold(option, value) }
	if c.field.Attribute == nil || len(c.field.Attribute.Options) == 0 || s.Masks(c.field.PolicyName()) ||
		!slices.Contains([]Operator{"=", "!=", "IN", "NIN"}, c.operator) ||
		slices.ContainsFunc(c.field.Attribute.Options, is) {
		return
	}
	s.Dir.Note("%q is none of the options of %s%s", text.Clip(text.Clean(value), 40), c.field.Name,
		directory.DidYouMean(value, c.field.Attribute.Options))
}

func joinOperators(list []Operator) string {
	words := make([]string, len(list))
	for i, op := range list {
		words[i] = string(op)
	}
	return strings.Join(words, " ")
}

// sentExactly reports whether Intercom compares the condition's time to the second: it never does for date attributes.
func (c *condition) sentExactly(exactTimes bool) bool { return exactTimes && c.field.Attribute == nil }

// Searcher compiles and checks searches for one call, under a policy that masks some fields.
type Searcher struct {
	Dir   *directory.Resolver
	Masks func(field string) bool
	Now   time.Time // what times such as -1d count from; zero: when they are read
}

package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// Matches checks a contact against the whole selection, company membership
// apart. It may ask Intercom for tags that the contact does not carry along.
func (s *Searcher) Matches(ctx context.Context, sel *Selection, c *intercom.Contact) (bool, error) {
	has := func(str string) bool {
		return strings.Contains(strings.ToLower(str), sel.text) ||
			strings.Contains(asShown(text.Clean(str)), asShown(sel.text))
	}
	if sel.text != "" && !has(c.Name) && !has(c.Email) {
		return false, nil
	}
	if len(sel.checks) == 0 {
		return true, nil
	}
	for i := range sel.checks {
		holds, err := s.holds(ctx, &sel.checks[i], c)
		if err != nil {
			return false, err
		}
		if holds == sel.any {
			return sel.any, nil
		}
	}
	return !sel.any, nil
}

// holds checks one condition, as Intercom's search would.
func (s *Searcher) holds(ctx context.Context, cond *condition, c *intercom.Contact) (bool, error) {
	if cond.asks() {
		return s.holdsEmptiness(ctx, cond, c)
	}
	switch cond.field.Kind {
	case record.KindTag:
		tags, err := directory.TagIDs(ctx, s.Dir.Client, c)
		if err != nil {
			return false, err
		}
		has := slices.ContainsFunc(cond.values, func(id any) bool { return slices.Contains(tags, id.(string)) })
		return has == (cond.operator == "=" || cond.operator == "IN"), nil
	case record.KindSegment:
		return true, nil // Intercom has seen to it: see build
	case record.KindTime:
		t, ok := record.AsTime(cond.field.Get(c))
		return ok && holdsTime(cond.span, cond.operator, t), nil
	case record.KindInteger, record.KindFloat:
		return holdsNumber(cond, cond.field.Get(c)), nil
	case record.KindBool:
		value, _ := cond.field.Get(c).(bool)
		return (value == cond.values[0].(bool)) == (cond.operator == "="), nil
	}
	return holdsText(cond, cond.field.Get(c)), nil
}

// holdsText compares strings the way Intercom does: without regard to case. What is looked for, or is not meant, may be
// what answers show, however its letters are written.
func holdsText(cond *condition, got any) bool {
	holds := compareText(cond, got, strings.ToLower)
	if str, ok := got.(string); ok && holds == cond.excludes() && cond.typed() {
		return compareText(cond, text.Clean(str), asShown)
	}
	return holds
}

// asShown is what two texts that look the same are both compared as.
func asShown(str string) string { return strings.ToLower(text.Composed(str)) }

// compareText compares a string, in a form, with the values of the condition.
func compareText(cond *condition, got any, form func(string) string) bool {
	value := ""
	if got != nil {
		value = form(fmt.Sprint(got))
	}
	is := func(want any) bool { return got != nil && value == form(want.(string)) }
	want := form(cond.values[0].(string))
	switch cond.operator {
	case "=", "IN":
		return slices.ContainsFunc(cond.values, is)
	case "!=", "NIN":
		return !slices.ContainsFunc(cond.values, is)
	case "~":
		return strings.Contains(value, want)
	case "!~":
		return !strings.Contains(value, want)
	case "^":
		return strings.HasPrefix(value, want)
	case "$":
		return strings.HasSuffix(value, want)
	}
	return false
}

// holdsNumber compares numbers exactly.
func holdsNumber(cond *condition, got any) bool {
	value, ok := record.AsNumber(got)
	equals := func(want any) bool {
		w, valid := record.AsNumber(want)
		return ok && valid && value.Cmp(w) == 0
	}
	switch cond.operator {
	case "=", "IN":
		return slices.ContainsFunc(cond.values, equals)
	case "!=", "NIN":
		return !slices.ContainsFunc(cond.values, equals)
	}
	want, valid := record.AsNumber(cond.values[0])
	if !ok || !valid {
		return false
	}
	order := value.Cmp(want)
	switch cond.operator {
	case ">":
		return order > 0
	case "<":
		return order < 0
	case ">=":
		return order >= 0
	case "<=":
		return order <= 0
	}
	return false
}

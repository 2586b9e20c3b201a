package search

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// Intercom compares texts as they are stored, and answers show them without what hides in them: a name that is shown
// need not be found by what is shown of it. So where a search finds nobody, or asks for whole names, it is made once
// more for the halves of the texts, one of which is whole where a character hides in one place, and for their letters
// written in other code points, and what comes is compared as it is shown. Who shows what is not meant is left out of
// what Intercom finds.

// Textual reports whether the selection compares texts that people see, and that may hold what they do not see.
func (sel *Selection) Textual() bool {
	return sel.text != "" || slices.ContainsFunc(sel.checks, func(c condition) bool { return c.textual() })
}

// fullName is the least length in bytes of a text that is taken for a whole name.
const fullName = 8

// ByName reports whether the selection asks for whole names, e-mails, phones or external ids: who only shows so is
// looked for beside those who have them.
func (sel *Selection) ByName() bool {
	return len(sel.text) >= fullName && !strings.Contains(sel.text, "@") ||
		slices.ContainsFunc(sel.checks, func(c condition) bool {
			return c.textual() && c.field.Attribute == nil && (c.operator == "=" || c.operator == "IN")
		})
}

// textual reports whether the condition is met by a text that shows something.
func (c *condition) textual() bool {
	return c.typed() && slices.Contains([]Operator{"=", "IN", "~", "^", "$"}, c.operator)
}

// typed reports whether the condition's field is a text as somebody typed it.
func (c *condition) typed() bool {
	return c.field.Kind == record.KindString &&
		(c.field.Attribute != nil || slices.Contains([]string{"name", "email", "phone", "external_id"}, c.field.Name))
}

// excludes reports whether the condition is met by all but a text that shows something.
func (c *condition) excludes() bool {
	return c.typed() && slices.Contains([]Operator{"!=", "NIN", "!~"}, c.operator)
}

// Meant reports whether a contact that Intercom found for a selection is one that it means.
func (s *Searcher) Meant(ctx context.Context, sel *Selection, c *intercom.Contact) (bool, error) {
	oddly := func(cond condition) bool { return cond.excludes() && cond.showsOtherwise(c) }
	if sel.Exact && !slices.ContainsFunc(sel.checks, oddly) {
		return true, nil
	}
	return s.Matches(ctx, sel, c)
}

// showsOtherwise reports whether the contact's text is not what is shown of it, or what is looked for looks like
// others.
func (c *condition) showsOtherwise(contact *intercom.Contact) bool {
	odd := func(str string) bool { return text.Composed(text.Clean(str)) != str }
	str, _ := c.field.Get(contact).(string)
	return odd(str) || slices.ContainsFunc(c.values, func(value any) bool { return odd(value.(string)) })
}

// AsShown is the selection of those who may show what is searched for, to be compared with [Searcher.Matches]; nil
// where one search cannot hold it, or where it would tell what is masked.
func (s *Searcher) AsShown(sel *Selection) *Selection {
	if sel.companies != nil || sel.any && len(sel.checks) > 1 || !sel.Textual() {
		return nil
	}
	clauses := make([][]clause, len(sel.checks))
	for i := range sel.checks {
		c := &sel.checks[i]
		if !c.textual() {
			clauses[i] = c.clauses(s.Dir.Client.ExactTimes())
			continue
		}
		halves := c.halves()
		if s.Masks(c.field.Name) || len(halves) == 0 || len(halves) > directory.MaxFilters {
			return nil
		}
		clauses[i] = []clause{{group: intercom.Or, of: halves, wide: true}}
	}
	wide := *sel
	wide.halved = true
	if wide.buildAll(clauses) != nil {
		return nil
	}
	wide.Exact = false
	return &wide
}

// halves are the filters for the halves of the condition's values; none where one of them has a single character.
func (c *condition) halves() []intercom.Query {
	var of []intercom.Query
	first, second := intercom.Operator("~"), intercom.Operator("~")
	switch c.operator {
	case "=", "IN":
		first, second = "^", "$"
	case "^":
		first = "^"
	case "$":
		second = "$"
	}
	for _, value := range c.values {
		a, b := halve(value.(string))
		if a == "" || b == "" {
			return nil
		}
		of = append(of, intercom.Filter{Field: c.field.SearchName(), Operator: first, Value: a},
			intercom.Filter{Field: c.field.SearchName(), Operator: second, Value: b})
		of = append(of, each(c.field.SearchName(), first, otherwise(value.(string)))...)
	}
	return of
}

// otherwise are the other ways to write the letters of a text.
func otherwise(str string) []any {
	var forms []any
	for _, form := range []string{norm.NFC.String(str), norm.NFD.String(str)} {
		if form != str {
			forms = append(forms, form)
		}
	}
	return forms
}

func halve(whole string) (a, b string) {
	runes := []rune(whole)
	return string(runes[:len(runes)/2]), string(runes[len(runes)/2:])
}

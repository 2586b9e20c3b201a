package search

import (
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
)

// Intercom compares texts as they are stored, and answers show them without what hides in them: a name that is shown
// need not be found by what is shown of it. So where a search finds nobody, it is made once more for the halves of the
// texts, one of which is whole where a character hides in one place, and what comes is compared as it is shown.

// Textual reports whether the selection compares texts that people see, and that may hold what they do not see.
func (sel *Selection) Textual() bool {
	return sel.text != "" || slices.ContainsFunc(sel.checks, func(c condition) bool { return c.textual() })
}

// textual reports whether the condition is met by a text that shows something.
func (c *condition) textual() bool {
	return c.field.Kind == record.KindString && (c.field.Name == "name" || c.field.Attribute != nil) &&
		slices.Contains([]Operator{"=", "IN", "~", "^", "$"}, c.operator)
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
	}
	return of
}

func halve(text string) (a, b string) {
	runes := []rune(text)
	return string(runes[:len(runes)/2]), string(runes[len(runes)/2:])
}

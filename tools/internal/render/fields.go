package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
)

const (
	shownFields  = 1000 // columns of the names of fields, and of domains
	shownDomains = 5    // domains of new e-mails
	domainsText  = 160  // columns of them, beyond the first two
)

// touched is what a change does to one field.
type touched struct {
	field  string         // or a tag or a company: +tag "VIP"
	on     int            // items that touch it
	odd    int            // items that get a value that looks like another one
	dates  bool           // the values are times, in Unix seconds
	values map[string]int // how many of them by new value, e-mails by domain; nil where that may not be told
}

// touched sums up what items do, field by field, each tag and each company by its name. What is done to a record as a
// whole is no field.
func (p *preview) touched() map[string]*touched {
	all := make(map[string]*touched)
	touch := func(field string) *touched {
		if all[field] == nil {
			all[field] = &touched{field: field, values: make(map[string]int)}
		}
		all[field].on++
		return all[field]
	}
	for _, item := range p.pending {
		for field, value := range item.Patch.Set {
			t := touch(field)
			t.dates = t.dates || isDate(item, field)
			if p.view.Mask.hidesValue(p.change, item, field) {
				t.values = nil
			}
			if t.values == nil {
				continue
			}
			t.values[distinctly(field, value)]++
			if str, ok := value.(string); ok && text.Deceptive(str) {
				t.odd++
			}
		}
		for _, link := range links(item.Patch) {
			touch(link.sign + refName(link.ref, ShownValue, text.Reveal))
		}
		if item.Patch.Note != nil {
			touch(change.FieldNotes)
		}
	}
	return all
}

// fields tells which fields items touch: on how many each, and with how many different values, e-mails by domain.
// Protected fields come first, then others, then attributes. Fields of the same figures are told together. Only of
// attributes some may be left out.
func (p *preview) fields() string {
	all := slices.SortedFunc(maps.Values(p.touched()), func(a, b *touched) int {
		return cmp.Or(BoolOrder(p.view.Rows.protects(b.field), p.view.Rows.protects(a.field)),
			BoolOrder(IsAttribute(a.field), IsAttribute(b.field)),
			b.on-a.on, len(b.values)-len(a.values), strings.Compare(a.field, b.field))
	})
	var out strings.Builder
	size := 0
	for i, t := range all {
		name := fieldName(strings.TrimPrefix(t.field, directory.CustomPrefix))
		if size += text.Width(name) + 2; size > shownFields && IsAttribute(t.field) && !p.view.Rows.protects(t.field) {
			out.WriteString(", " + text.Plural(len(all)-i, "more attribute"))
			break
		}
		if i > 0 {
			out.WriteString(", ")
		}
		if IsAttribute(t.field) && (i == 0 || !IsAttribute(all[i-1].field)) {
			out.WriteString("attributes ")
		}
		out.WriteString(name)
		figures := t.figures(len(p.pending))
		if t.field == "email" {
			size += text.Width(figures)
		}
		if i+1 == len(all) || figures != all[i+1].figures(len(p.pending)) ||
			IsAttribute(t.field) != IsAttribute(all[i+1].field) {
			out.WriteString(figures)
		}
	}
	return out.String()
}

// figures tells on how many of several items a field is touched, by how many values, and how many of them look like
// others.
func (t *touched) figures(items int) string {
	var what []string
	switch {
	case items == 1:
	case t.field == "email" && t.values != nil:
		what = append(what, domains(t.values))
	case len(t.values) > 1:
		what = append(what, fmt.Sprintf("%d values", len(t.values)))
	}
	if t.odd > 0 && t.values != nil {
		what = append(what, fmt.Sprintf("%d with lookalike letters", t.odd))
	}
	figures := ""
	if items > 1 {
		figures = fmt.Sprintf(" on %d", t.on)
	}
	if len(what) > 0 {
		figures += " (" + strings.Join(what, "; ") + ")"
	}
	return figures
}

// domains tells how many e-mails are of which domain, most first.
func domains(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	var list []string
	for size := 0; len(list) < min(shownDomains, len(names)); {
		name := names[len(list)]
		str := fmt.Sprintf("%d %s", counts[name], domain(name))
		if size += text.Width(str); size > domainsText && len(list) >= 2 {
			break
		}
		list = append(list, str)
	}
	if more := len(names) - len(list); more > 0 {
		list = append(list, text.Plural(more, "other domain"))
	}
	return strings.Join(list, ", ")
}

// domain shows a domain, which needs no quotes as long as it is plain.
func domain(name string) string {
	switch {
	case name == "":
		return "(none)"
	case strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f ||
			strings.ContainsRune(`"(),;:`, r)
	}):
		return text.Reveal(name, ShownValue)
	}
	return text.Clip(name, ShownValue)
}

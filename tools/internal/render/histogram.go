package render

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// Histogram is what a change does to one field, for a person who decides about it.
type Histogram struct {
	Field     string // as policies name it, or "new tag"
	On        int    // items that touch it
	Protected bool
	Hidden    bool  // the new values may not be counted
	Bars      []Bar // the most frequent new values, and the odd ones, most first; e-mails by domain
	More      int   // other new values than those
}

// Bar is how many items get a new value.
type Bar struct {
	Value string
	On    int
	Odd   bool // it looks like another one, or none of these targets had such a domain before
}

// shownBars is how many new values of one field a person is shown, the odd ones first.
const shownBars = 8

// Histograms sums up what items are to do, field by field: protected ones first. Tags and companies are together by
// what is done with them.
func (v *View) Histograms(c *change.Change, items []*change.Item) []Histogram {
	p := &preview{view: v, change: c, pending: items}
	known := p.domainsBefore()
	var list []Histogram
	for _, t := range slices.SortedFunc(maps.Values(p.touched()), func(a, b *touched) int {
		return cmp.Or(BoolOrder(v.Rows.protects(b.field), v.Rows.protects(a.field)),
			BoolOrder(IsAttribute(a.field), IsAttribute(b.field)), b.on-a.on, strings.Compare(a.field, b.field))
	}) {
		if v.addLink(&list, t) {
			continue
		}
		h := Histogram{Field: fieldName(strings.TrimPrefix(t.field, directory.CustomPrefix)), On: t.on,
			Protected: v.Rows.protects(t.field), Hidden: t.values == nil}
		h.Bars, h.More = v.bars(t, known)
		list = append(list, h)
	}
	slices.SortStableFunc(list, func(a, b Histogram) int { return BoolOrder(b.Protected, a.Protected) })
	return list
}

// linkWords say what is done with tags and companies, by how [links] begins.
var linkWords = []struct{ prefix, words, field string }{
	{"+tag ", "new tag", change.FieldTags}, {"-tag ", "removed tag", change.FieldTags},
	{"+company ", "new company", change.FieldCompanies}, {"-company ", "removed company", change.FieldCompanies},
}

// addLink adds a tag or a company to the histogram of those with which the same is done, and reports whether it is one.
func (v *View) addLink(list *[]Histogram, t *touched) bool {
	for _, link := range linkWords {
		name, ok := strings.CutPrefix(t.field, link.prefix)
		if !ok {
			continue
		}
		at := slices.IndexFunc(*list, func(h Histogram) bool { return h.Field == link.words })
		if at < 0 {
			at = len(*list)
			*list = append(*list, Histogram{Field: link.words, Protected: v.Rows.protects(link.field)})
		}
		h := &(*list)[at]
		h.On = max(h.On, t.on)
		if len(h.Bars) == shownBars {
			h.More++
		} else {
			h.Bars = append(h.Bars, Bar{text.Unquote(name), t.on, text.Deceptive(name)})
		}
		return true
	}
	return false
}

// bars are the odd and the most frequent new values of a field, and how many others there are.
func (v *View) bars(t *touched, known map[string]bool) (bars []Bar, more int) {
	for value, on := range t.values {
		odd := text.Deceptive(value) || t.field == "email" && value != "" && known != nil && !known[value]
		bars = append(bars, Bar{value, on, odd})
	}
	slices.SortFunc(bars, func(a, b Bar) int {
		return cmp.Or(BoolOrder(b.Odd, a.Odd), b.On-a.On, strings.Compare(a.Value, b.Value))
	})
	more = max(len(bars)-shownBars, 0)
	bars = bars[:len(bars)-more]
	slices.SortStableFunc(bars, func(a, b Bar) int { return b.On - a.On })
	for i := range bars {
		bars[i].Value = v.barLabel(t, bars[i].Value)
	}
	return bars, more
}

// barLabel is a new value of a field as a person reads it; "" stands for one that is cleared.
func (v *View) barLabel(t *touched, value string) string {
	if at, ok := record.AsTime(json.Number(value)); ok && t.dates {
		return ISO(at)
	}
	if t.field == "owner_id" {
		value = v.Rows.ownerShown(value)
	}
	return text.Clip(Plainly(value), ShownValue)
}

// Plainly writes a value for a page, which sets it apart by itself: what hides, reorders or controls is named, and
// nothing is quoted.
func Plainly(value string) string { return strings.ReplaceAll(text.Revealed(value), `\"`, `"`) }

// domainsBefore are the domains that the e-mails of the targets had when planned; nil where they had none, or that may
// not be told.
func (p *preview) domainsBefore() map[string]bool {
	if p.view.Mask.Policy.Masks("email") {
		return nil
	}
	var known map[string]bool
	for _, item := range p.pending {
		if email, ok := item.Before.Set["email"].(string); ok && email != "" {
			if known == nil {
				known = make(map[string]bool)
			}
			known[distinctly("email", email)] = true
		}
	}
	return known
}

package render

import (
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/record"
)

// feature is what a row of a preview shows of an item: a new value of a field, an e-mail's domain, a tag put on.
type feature struct{ field, value string }

// features lists those of an item. A value that may not be shown tells by none which rows are chosen.
func (v *View) features(c *change.Change, item *change.Item) []feature {
	var list []feature
	if op := item.Patch.Traits().Record; op != "" {
		list = append(list, feature{op, ""})
	}
	if item.Patch.Note != nil {
		list = append(list, feature{change.FieldNotes, ""})
	}
	for field, value := range item.Patch.Set {
		f := feature{field: field}
		if !v.hidesValue(c, item, field) {
			f.value = distinctly(field, value)
		}
		list = append(list, f)
	}
	for _, link := range links(item.Patch) {
		list = append(list, feature{link.field, link.sign + link.ref.ID})
	}
	return list
}

// distinctly is by what a new value of a field counts as another one: e-mails by their domain.
func distinctly(field string, value any) string {
	str := record.Scalar(value)
	if field == "email" {
		return strings.ToLower(str[strings.LastIndexByte(str, '@')+1:])
	}
	return str
}

const (
	previewRows   = 10 // targets shown one by one, at most
	protectedRows = 7  // of them, those chosen for what they write to protected fields
)

// spread chooses the items that a preview shows: those that together show the most different values, rare ones first, so
// that an odd one does not hide behind harmless ones. What is written to protected fields comes first.
func (v *View) spread(c *change.Change, pending []*change.Item) []*change.Item {
	features := make([][]feature, len(pending))
	on := make(map[feature]float64)
	for i, item := range pending {
		features[i] = v.features(c, item)
		for _, f := range features[i] {
			on[f]++
		}
	}
	seen := make(map[feature]bool)
	taken := make([]bool, len(pending))
	var rows []*change.Item
	for len(rows) < min(previewRows, len(pending)) {
		best := -1
		var bestProtected, bestOther float64
		for i := range pending {
			if taken[i] {
				continue
			}
			var protected, other float64
			for _, f := range features[i] {
				switch {
				case seen[f]:
				case v.Protects(f.field) && len(rows) < protectedRows:
					protected += 1 / on[f]
				default:
					other += 1 / on[f]
				}
			}
			if best < 0 || protected > bestProtected || protected == bestProtected && other > bestOther {
				best, bestProtected, bestOther = i, protected, other
			}
		}
		taken[best] = true
		rows = append(rows, pending[best])
		for _, f := range features[best] {
			seen[f] = true
		}
	}
	return rows
}

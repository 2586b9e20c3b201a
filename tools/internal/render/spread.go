package render

import (
	"slices"
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
	str, ok := value.(string)
	switch {
	case !ok:
		return record.Scalar(value)
	case field == "email":
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
	var all []weighed // features, by number
	numbers := make(map[feature]int)
	features := make([][]int, len(pending)) // of each item, by number
	for i, item := range pending {
		for _, f := range v.features(c, item) {
			n, known := numbers[f]
			if !known {
				n = len(all)
				numbers[f] = n
				all = append(all, weighed{protected: v.Protects(f.field)})
			}
			all[n].on++
			features[i] = append(features[i], n)
		}
	}
	taken := make([]bool, len(pending))
	var rows []*change.Item
	for len(rows) < min(previewRows, len(pending)) {
		best := rarest(all, features, taken, len(rows) < protectedRows)
		taken[best] = true
		rows = append(rows, pending[best])
		for _, n := range features[best] {
			all[n].seen = true
		}
	}
	return rows
}

// weighed is a feature and how much it counts.
type weighed struct {
	on        float64 // items that have it
	protected bool
	seen      bool // in a row that was chosen
}

// rarest is the item whose features that were not seen yet are the rarest; those of protected fields count first, where
// they are to.
func rarest(all []weighed, features [][]int, taken []bool, protectedFirst bool) int {
	best, most := -1, [3]float64{}
	for i := range features {
		if taken[i] {
			continue
		}
		var score [3]float64 // by protected fields, by others, by whether it has protected ones at all
		for _, n := range features[i] {
			f := &all[n]
			if f.protected {
				score[2] = 1
			}
			switch {
			case f.seen:
			case f.protected && protectedFirst:
				score[0] += 1 / f.on
			default:
				score[1] += 1 / f.on
			}
		}
		if best < 0 || slices.Compare(score[:], most[:]) > 0 {
			best, most = i, score
		}
	}
	return best
}

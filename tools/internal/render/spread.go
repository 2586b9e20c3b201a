package render

import (
	"maps"
	"slices"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// feature is what a row of a preview shows of an item: a new value of a field, an e-mail's domain, a tag put on.
type feature struct{ field, value string }

// features lists those of an item. A value that may not be shown tells by none which rows are chosen.
func (p *preview) features(item *change.Item) []feature {
	var list []feature
	if op := item.Patch.Traits().Record; op != "" {
		list = append(list, feature{op, ""})
	}
	if item.Patch.Note != nil {
		list = append(list, feature{change.FieldNotes, ""})
	}
	for _, field := range slices.Sorted(maps.Keys(item.Patch.Set)) {
		f := feature{field: field}
		if value := item.Patch.Set[field]; !p.view.Mask.hidesValue(p.change, item, field) {
			f.value = distinctly(field, value)
			if str, ok := value.(string); ok && text.Deceptive(str) {
				f.value = str
			}
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
	fewRows       = 4  // of them, where values are long
	protectedRows = 7  // of them, those chosen for what they write to protected fields
)

// spread chooses the items that a preview shows, so that an odd one hides no more behind harmless ones than what most
// get behind odd ones: one with a rare value, the most common one, then field by field the rarest value, the most
// frequent one, and so on. Protected fields come first.
func (p *preview) spread() []*change.Item {
	s := spreading{items: make([][]*weighed, len(p.pending)), left: len(p.pending)}
	known := make(map[feature]*weighed)
	byField := make(map[string][]*weighed)
	for i, item := range p.pending {
		for _, f := range p.features(item) {
			w := known[f]
			if w == nil {
				w = &weighed{field: f.field, protected: p.view.Rows.protects(f.field)}
				known[f] = w
				byField[f.field] = append(byField[f.field], w)
			}
			w.on++
			s.items[i] = append(s.items[i], w)
		}
	}
	var protected, others [][]*weighed
	for _, field := range slices.SortedFunc(maps.Keys(byField), p.view.Rows.byWeight) {
		if p.view.Rows.protects(field) {
			protected = append(protected, byField[field])
		} else {
			others = append(others, byField[field])
		}
	}
	s.choose(slices.Concat(protected, others), 1)
	s.takeCommon()
	s.choose(protected, protectedRows)
	s.choose(others, previewRows)
	s.choose(protected, previewRows)
	for s.left > 0 && len(s.chosen) < previewRows {
		s.take(nil)
	}
	rows := make([]*change.Item, len(s.chosen))
	for n, i := range s.chosen {
		rows[n] = p.pending[i]
	}
	return rows
}

// weighed is a feature and how much it counts.
type weighed struct {
	field     string
	on        int // items that have it
	protected bool
	seen      bool // in a row that was chosen
}

// spreading is a choice of items by their features.
type spreading struct {
	items  [][]*weighed // the features of each; nil once it is chosen
	chosen []int
	left   int // items that are not chosen
}

// choose takes items, up to so many in all, for the rarest of the features of each field that were not seen yet, then
// for the most frequent ones, and so on in turn.
func (s *spreading) choose(fields [][]*weighed, most int) {
	for turn, before := 0, -1; before < len(s.chosen); turn++ {
		before = len(s.chosen)
		for _, features := range fields {
			var wanted *weighed
			for _, f := range features {
				if !f.seen && (wanted == nil || turn%2 == 0 && f.on < wanted.on || turn%2 == 1 && f.on > wanted.on) {
					wanted = f
				}
			}
			if wanted != nil && len(s.chosen) < most {
				s.take(wanted)
			}
		}
	}
}

// takeCommon chooses the item that shows the most frequent of what was not seen yet, if any.
func (s *spreading) takeCommon() {
	best, most := -1, [2]int{}
	for i, features := range s.items {
		var score [2]int // by features of protected fields, by those of others
		for _, f := range features {
			switch {
			case f.seen:
			case f.protected:
				score[0] += f.on
			default:
				score[1] += f.on
			}
		}
		if slices.Compare(score[:], most[:]) > 0 {
			best, most = i, score
		}
	}
	if best >= 0 {
		s.mark(best)
	}
}

// take chooses an item that has a feature as wanted as a given one, nil for any item: of several, one that writes to
// protected fields, and shows the rarest of what was not seen yet.
func (s *spreading) take(wanted *weighed) {
	best, most := -1, [3]float64{}
	for i, features := range s.items {
		fits := features != nil && wanted == nil
		// by unseen features of protected fields, by those of others, by whether it has protected ones at all
		var score [3]float64
		for _, f := range features {
			fits = fits || wanted != nil && !f.seen && f.field == wanted.field && f.on == wanted.on
			if f.protected {
				score[2] = 1
			}
			switch {
			case f.seen:
			case f.protected:
				score[0] += 1 / float64(f.on)
			default:
				score[1] += 1 / float64(f.on)
			}
		}
		if fits && (best < 0 || slices.Compare(score[:], most[:]) > 0) {
			best, most = i, score
		}
	}
	s.mark(best)
}

// mark counts an item as chosen, and its features as seen.
func (s *spreading) mark(item int) {
	for _, f := range s.items[item] {
		f.seen = true
	}
	s.items[item] = nil
	s.chosen = append(s.chosen, item)
	s.left--
}

package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// ShownValue is the columns of a value of a field that is not protected, where nothing says else.
const ShownValue = 40

// room is how much of a row is shown, in columns.
type room struct {
	value, protected       int // what a field held, and a protected one; 0: it is not shown
	newValue, newProtected int // what it gets, or the name of a tag or a company
	note                   int
	optional               int  // all parts that may be cut; what is beyond is short, or not shown
	short                  int  // of the new value in a short part; 0: a part beyond is not shown
	shorts                 int  // all short parts; what is beyond is not shown
	rows                   int  // how many rows have to fit
	drops                  bool // whether it may do without some parts
	later                  int  // short parts of each row but the first; 0: as many as of the first
	alone                  bool // whether it is for a single item
	reveal                 func(text string, most int) string
}

// countedFrom is how many columns a short part has at least where it tells how much is missing.
const countedFrom = 24

// revealShort reveals what a short part writes, and counts what it cuts without a word.
func (r room) revealShort(cut *int) func(text string, most int) string {
	if r.short >= countedFrom {
		return r.reveal
	}
	return func(str string, most int) string {
		shown, missing := text.RevealBare(str, most)
		*cut += missing
		return shown
	}
}

// rowRoom is what a row has in a list of many.
var rowRoom = room{
	value: ShownValue, protected: 120, newValue: ShownValue, newProtected: 120, note: 600, optional: MaxCell,
	reveal: text.RevealShort,
}

// part is what an item does to one field.
type part struct {
	field string
	text  string // field: from → to
	short string // field: to, of little room
	cut   int    // characters that the short one lacks, and does not tell of
	never bool   // to be cut, since it is what a person has to see
}

// Rows shows what each item of a change does. It is for one call, and asks Intercom for nothing.
type Rows struct {
	Mask *Mask
	// Owner is a teammate's e-mail as far as it is known without asking Intercom; "" where it is not.
	Owner func(id string) string
}

// Diff writes what an item of a change does, for a cell: field: from → to.
func (w *Rows) Diff(c *change.Change, item *change.Item) string {
	row, _ := w.row(c, item, rowRoom)
	return text.Clip(row, MaxCell)
}

// row writes what an item of a change does: field: from → to. Parts beyond the room for optional ones are short; where
// a room has none for these, it tells how many are missing, and that it is not all.
func (w *Rows) row(c *change.Change, item *change.Item, r room) (str string, all bool) {
	var shown []string
	size, shorts, missing, cut, attributes := 0, 0, 0, 0, false
	for _, p := range w.parts(c, item, r) {
		str := p.text
		if !p.never {
			size += text.Width(p.text) + 2
		}
		if !p.never && size > r.optional {
			if shorts += text.Width(p.short) + 2; len(shown) > 0 && (r.short == 0 || shorts > r.shorts) {
				missing++
				continue
			}
			if r.short > 0 {
				str, cut = p.short, cut+p.cut
				if IsAttribute(p.field) && !attributes { // these come last
					str, attributes = "attributes "+str, true
				}
			}
		}
		shown = append(shown, str)
	}
	if cut > 0 {
		shown[len(shown)-1] += fmt.Sprintf(" (%s missing in all)", text.Plural(cut, "character"))
	}
	if missing > 0 {
		shown = append(shown, fmt.Sprintf("%d more", missing))
	}
	if len(shown) == 0 {
		return "nothing to change", true
	}
	return strings.Join(shown, ", "), missing == 0
}

// parts lists what an item does: to the record as a whole, to protected fields, to others, to attributes.
func (w *Rows) parts(c *change.Change, item *change.Item, r room) []part {
	var parts []part
	traits := item.Patch.Traits()
	if traits.Record != "" {
		what := traits.Name
		if into := item.Patch.Into; into != nil {
			what += " into " + Side("user", w.Mask.knownAs(into.Name, into.LabelField, into.ID), into.ID)
		}
		parts = append(parts, part{field: traits.Record, text: what, never: true})
	}
	if note := item.Patch.Note; note != nil {
		str := "note: " + text.QuoteCounted(text.Clean(text.FromHTML(note.Body)), r.note)
		if n := text.HiddenIn(note.Body); n > 0 {
			str += " (and " + text.Plural(n, "invisible character") + ")"
		}
		if note.Author != "" {
			str += " as " + text.Clip(text.Clean(note.Author), 60)
		}
		parts = append(parts, part{field: change.FieldNotes, text: str, never: true})
	}
	for _, name := range slices.SortedFunc(maps.Keys(item.Patch.Set), w.byWeight) {
		p := part{field: name, never: w.protects(name)}
		held, gets := r.value, r.newValue
		if p.never {
			held, gets = r.protected, r.newProtected
		}
		to := w.newValue(c, item, name)
		p.text = w.shown(item, name, to, gets, r.reveal)
		if !traits.LateID && held > 0 {
			p.text = w.shown(item, name,
				w.Mask.VisibleIn(item, name, record.PlainBeside(item.Before.Value(name), item.Patch.Set[name])), held,
				r.reveal) +
				" → " + p.text
		}
		p.text = fieldName(name) + ": " + p.text
		if r.short > 0 {
			p.short = fieldName(strings.TrimPrefix(name, directory.CustomPrefix)) + ": " +
				w.shown(item, name, to, r.short, r.revealShort(&p.cut))
		}
		parts = append(parts, p)
	}
	for _, link := range links(item.Patch) {
		p := part{field: link.field, text: link.sign + refName(link.ref, r.newValue, r.reveal), never: w.protects(link.field)}
		if r.short > 0 {
			p.short = link.sign + refName(link.ref, r.short, r.revealShort(&p.cut))
		}
		parts = append(parts, p)
	}
	slices.SortStableFunc(parts, func(a, b part) int {
		return cmp.Or(BoolOrder(b.never, a.never), BoolOrder(IsAttribute(a.field), IsAttribute(b.field)))
	})
	return parts
}

// newValue is what an item of a change writes to a field, as far as it may be shown. What the caller gave is shown in
// full even of a masked field.
func (w *Rows) newValue(c *change.Change, item *change.Item, field string) any {
	if w.Mask.hidesValue(c, item, field) {
		return w.Mask.VisibleIn(item, field, written(c, item, field))
	}
	return written(c, item, field)
}

// written is what an item of a change writes to a field. An undo writes what was there as Intercom gave it.
func written(c *change.Change, item *change.Item, field string) any {
	if c.Undoes != "" {
		return record.PlainBeside(item.Patch.Set[field], item.Before.Set[field])
	}
	return item.Patch.Set[field]
}

// link is a tag or a company that a patch puts on, or takes off.
type link struct {
	field, sign string // tags, "+tag "
	ref         change.Ref
}

func links(p change.Patch) []link {
	var list []link
	for _, some := range []struct {
		field, sign string
		refs        []change.Ref
	}{
		{change.FieldTags, "-tag ", p.RemoveTags}, {change.FieldCompanies, "-company ", p.RemoveCompanies},
		{change.FieldTags, "+tag ", p.AddTags}, {change.FieldCompanies, "+company ", p.AddCompanies},
	} {
		for _, ref := range some.refs {
			list = append(list, link{some.field, some.sign, ref})
		}
	}
	return list
}

// refName names a tag, or a company, which others may be called the same as, or look the same as.
func refName(ref change.Ref, most int, reveal func(string, int) string) string {
	name := reveal(ref.Name, most)
	if ref.Key != "" && ref.Key != ref.Name {
		name += " (company_id " + reveal(ref.Key, most) + ")"
	}
	if text.Deceptive(ref.Name) {
		name += " " + ref.ID
	}
	return name
}

// fieldName is a field's name on one line.
func fieldName(field string) string { return text.Clip(text.Clean(field), 200) }

// protects reports whether the policy protects a field.
func (w *Rows) protects(field string) bool { return slices.Contains(w.Mask.Policy.Protected, field) }

// IsAttribute reports whether a field is a custom attribute.
func IsAttribute(field string) bool { return strings.HasPrefix(field, directory.CustomPrefix) }

// byWeight orders fields: protected ones, others, attributes; and by name.
func (w *Rows) byWeight(a, b string) int {
	return cmp.Or(BoolOrder(w.protects(b), w.protects(a)), BoolOrder(IsAttribute(a), IsAttribute(b)),
		strings.Compare(a, b))
}

// BoolOrder orders false before true.
func BoolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Value writes a value that a field of an item's target holds, or held, as far as it may be shown.
func (w *Rows) Value(item *change.Item, field string, value any) string {
	most := rowRoom.value
	if w.protects(field) {
		most = rowRoom.protected
	}
	return w.shown(item, field, w.Mask.VisibleIn(item, field, record.Plain(value)), most, rowRoom.reveal)
}

// shown writes what may be shown of a field of an item's target: owners by their e-mail, times as ISO 8601.
func (w *Rows) shown(item *change.Item, field string, visible any, most int, reveal func(string, int) string) string {
	if id, ok := visible.(string); ok && field == "owner_id" {
		visible = w.ownerShown(id)
	}
	return Shown(visible, isDate(item, field), most, reveal)
}

// isDate reports whether a field of an item's target holds times.
func isDate(item *change.Item, field string) bool {
	return strings.HasSuffix(field, "_at") || slices.Contains(item.Patch.Dates, field)
}

// ownerShown is a teammate's e-mail, as far as it is known without asking Intercom: the id where it is not.
func (w *Rows) ownerShown(id string) string {
	return cmp.Or(w.Owner(id), id)
}

// Shown writes a value in at most so many columns, text as reveal does: [text.Reveal] or [text.RevealShort].
func Shown(value any, isDate bool, most int, reveal func(text string, most int) string) string {
	if record.Empty(value) {
		return "(none)"
	}
	if isDate {
		if t, ok := record.AsTime(value); ok {
			return intercom.Unix(t.Unix()).String()
		}
	}
	if str, ok := value.(string); ok {
		return reveal(str, most)
	}
	return text.Isolate(text.Clip(record.Scalar(value), most))
}

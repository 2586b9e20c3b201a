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

const (
	ShownValue     = 40   // columns of a value
	shownProtected = 120  // of a protected field's
	shownNote      = 600  // of a note
	shownFields    = 1000 // of the names of fields
)

// part is what an item does to one field.
type part struct {
	field string
	text  string // field: from → to
	never bool   // to be cut, since it is what a person has to see
}

// Diff writes what an item changes: field: from → to. Beyond limit characters of
// what need not be seen it tells how many fields are missing, and that it is not
// all.
func (v *View) Diff(item *change.Item, limit int) (str string, all bool) {
	parts := v.parts(item)
	var shown []string
	for size := 0; len(parts) > 0; parts = parts[1:] {
		if !parts[0].never {
			if size += text.Width(parts[0].text) + 2; size > limit && len(shown) > 0 {
				break
			}
		}
		shown = append(shown, parts[0].text)
	}
	if len(parts) > 0 {
		shown = append(shown, fmt.Sprintf("%d more", len(parts)))
	}
	if len(shown) == 0 {
		return "nothing to change", true
	}
	return strings.Join(shown, ", "), len(parts) == 0
}

// parts lists what an item does: to the record as a whole, to protected fields,
// to others, to attributes.
func (v *View) parts(item *change.Item) []part {
	var parts []part
	traits := item.Patch.Traits()
	if traits.Record != "" {
		what := traits.Name
		if into := item.Patch.Into; into != nil {
			what += " into " + Side("user", v.knownAs(into.Name, into.LabelField, into.ID), into.ID)
		}
		parts = append(parts, part{traits.Record, what, true})
	}
	if item.Patch.Note != nil {
		str := "note: " + text.ClipCounted(text.FromHTML(item.Patch.Note.Body), shownNote)
		if n := text.HiddenIn(item.Patch.Note.Body); n > 0 {
			str += " (and " + text.Plural(n, "invisible character") + ")"
		}
		parts = append(parts, part{"notes", str, true})
	}
	for _, name := range slices.SortedFunc(maps.Keys(item.Patch.Set), v.byWeight) {
		never := v.Protects(name)
		to := v.Value(item, name, item.Patch.Set[name], never)
		if !traits.LateID {
			to = v.Value(item, name, item.Before.Set[name], never) + " → " + to
		}
		parts = append(parts, part{name, name + ": " + to, never})
	}
	for _, links := range []struct {
		field, what string
		refs        []change.Ref
	}{
		{"tags", "-tag ", item.Patch.RemoveTags}, {"companies", "-company ", item.Patch.RemoveCompanies},
		{"tags", "+tag ", item.Patch.AddTags}, {"companies", "+company ", item.Patch.AddCompanies},
	} {
		for _, ref := range links.refs {
			parts = append(parts, part{links.field, links.what + refName(ref), v.Protects(links.field)})
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int {
		return cmp.Or(BoolOrder(b.never, a.never), BoolOrder(IsAttribute(a.field), IsAttribute(b.field)))
	})
	return parts
}

// refName names a tag, or a company, which others may be called the same as.
func refName(ref change.Ref) string {
	name := text.Reveal(ref.Name, ShownValue)
	if ref.Key != "" && ref.Key != ref.Name {
		name += " (company_id " + text.Reveal(ref.Key, ShownValue) + ")"
	}
	return name
}

// Protects reports whether the policy protects a field.
func (v *View) Protects(field string) bool { return slices.Contains(v.Policy.Protected, field) }

func IsAttribute(field string) bool { return strings.HasPrefix(field, directory.CustomPrefix) }

// byWeight orders fields: protected ones, others, attributes; and by name.
func (v *View) byWeight(a, b string) int {
	return cmp.Or(BoolOrder(v.Protects(b), v.Protects(a)), BoolOrder(IsAttribute(a), IsAttribute(b)), strings.Compare(a, b))
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

// Value writes one value of an item's diff.
func (v *View) Value(item *change.Item, field string, value any, protected bool) string {
	most := ShownValue
	if protected {
		most = shownProtected
	}
	visible := v.VisibleIn(item, field, value)
	if id, ok := visible.(string); ok && field == "owner_id" {
		visible = v.ownerShown(id)
	}
	isDate := strings.HasSuffix(field, "_at") || slices.Contains(item.Patch.Dates, field)
	return Shown(visible, isDate, most)
}

// ownerShown is a teammate's e-mail, as far as it is known without asking
// Intercom: the id where it is not.
func (v *View) ownerShown(id string) string {
	return cmp.Or(v.Owner(id), id)
}

// Shown writes a value in at most so many characters.
func Shown(value any, isDate bool, most int) string {
	if record.Empty(value) {
		return "(none)"
	}
	if isDate {
		if t, ok := record.AsTime(value); ok {
			return intercom.Unix(t.Unix()).String()
		}
	}
	if str, ok := value.(string); ok {
		return text.Reveal(str, most)
	}
	return text.Clip(record.Scalar(value), most)
}

// changedNames lists the fields that a patch touches, each tag and each company by
// its name. What is done to a record as a whole is no field.
func changedNames(p change.Patch) []string {
	names := slices.DeleteFunc(p.Fields(), func(field string) bool {
		return field == change.FieldTags || field == change.FieldCompanies || field == p.Traits().Record
	})
	for _, links := range []struct {
		what string
		refs []change.Ref
	}{{"-tag ", p.RemoveTags}, {"+tag ", p.AddTags}, {"-company ", p.RemoveCompanies}, {"+company ", p.AddCompanies}} {
		for _, ref := range links.refs {
			names = append(names, links.what+refName(ref))
		}
	}
	return names
}

// histogram counts on how many contacts each field changes, most first: protected
// fields, others, attributes. Those that change on as many are told together. Only
// of attributes some may be left out.
func (v *View) histogram(items []*change.Item) string {
	counts := make(map[string]int)
	for _, item := range items {
		for _, name := range changedNames(item.Patch) {
			counts[name]++
		}
	}
	fields := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(BoolOrder(v.Protects(b), v.Protects(a)), BoolOrder(IsAttribute(a), IsAttribute(b)), counts[b]-counts[a], strings.Compare(a, b))
	})
	var out strings.Builder
	size := 0
	for i, field := range fields {
		name := text.Clip(text.Clean(strings.TrimPrefix(field, directory.CustomPrefix)), 200)
		if size += text.Width(name) + 2; size > shownFields && IsAttribute(field) && !v.Protects(field) {
			out.WriteString(", " + text.Plural(len(fields)-i, "more attribute"))
			break
		}
		switch {
		case IsAttribute(field) && (i == 0 || !IsAttribute(fields[i-1])):
			out.WriteString(separate(i) + "attributes " + name)
		default:
			out.WriteString(separate(i) + name)
		}
		if last := i == len(fields)-1; len(items) > 1 && (last || counts[fields[i+1]] != counts[field] || IsAttribute(fields[i+1]) != IsAttribute(field)) {
			fmt.Fprintf(&out, " on %d", counts[field])
		}
	}
	return out.String()
}

// separate is what stands before the item of a list at an index.
func separate(at int) string {
	if at == 0 {
		return ""
	}
	return ", "
}

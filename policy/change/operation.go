package change

import (
	"cmp"
	"maps"
	"slices"
)

// Operation is what is done to one target. Each has a row of [Traits] here, and one file in the engine that says how
// to send, read back, reconcile and undo it. There is no third place.
type Operation string

// The operations. Update is the zero value.
const (
	Update    Operation = ""
	Create    Operation = "create"
	AddNote   Operation = "add note"
	Archive   Operation = "archive"
	Unarchive Operation = "unarchive"
	Delete    Operation = "delete"
	Block     Operation = "block"
	Merge     Operation = "merge" // into Patch.Into

	SaveCompany   Operation = "save company"
	CreateCompany Operation = "create company" // under Patch.Key
	DeleteCompany Operation = "delete company"
	CreateTag     Operation = "create tag"
	DeleteTag     Operation = "delete tag"
)

// Target is the kind of record that an operation is about.
type Target string

// The kinds of targets.
const (
	TargetContact Target = "contact"
	TargetCompany Target = "company"
	TargetTag     Target = "tag"
)

// Traits are what is true of an operation whatever it is applied to.
type Traits struct {
	Operation  Operation
	Name       string // for people; no operation's name is empty here
	Target     Target
	Reversible bool   // undo_change can put it back
	LateID     bool   // the target has no id before the operation creates it
	Removes    bool   // a person is gone in Intercom for good, and may yet be erased here: see [Erasure]
	Record     string // the part that it writes of a record as a whole, as policies name it; empty: only fields
	Field      string // the only field that it writes; empty: those of its target
	Bulk       bool   // a bulk job can do it, where that takes the patch
	InTurn     bool   // of several, each is written after the last, on which it may depend
	Leaves     string // [LeavesShown], or why Intercom does not show the target afterwards; empty: it is as it was
}

// LeavesShown is what [Traits.Leaves] is of what brings a target back.
const LeavesShown = "shown"

// CreatesContact reports whether the operation makes a contact.
func (t Traits) CreatesContact() bool { return t.LateID && t.Target == TargetContact }

// operations is the table of operations, in the order in which they are documented.
var operations = []Traits{
	{Operation: Update, Name: "update", Target: TargetContact, Reversible: true, Bulk: true},
	{Operation: Create, Name: "create", Target: TargetContact, Reversible: true, LateID: true},
	{Operation: AddNote, Name: "add note", Target: TargetContact, Field: FieldNotes},
	{Operation: Archive, Name: "archive", Target: TargetContact, Reversible: true, Record: "archived", Leaves: "archived"},
	{Operation: Unarchive, Name: "unarchive", Target: TargetContact, Reversible: true, Record: "archived",
		Leaves: LeavesShown},
	{Operation: Delete, Name: "delete", Target: TargetContact, Removes: true, Record: "deleted",
		Leaves: "deleted for good"},
	{Operation: Block, Name: "block", Target: TargetContact, Record: "blocked"},
	{Operation: Merge, Name: "merge", Target: TargetContact, Record: "merged_into", InTurn: true},
	{Operation: SaveCompany, Name: "save company", Target: TargetCompany, Reversible: true},
	{Operation: CreateCompany, Name: "create company", Target: TargetCompany, LateID: true},
	{Operation: DeleteCompany, Name: "delete company", Target: TargetCompany, Record: "company.deleted"},
	{Operation: CreateTag, Name: "create tag", Target: TargetTag, LateID: true},
	{Operation: DeleteTag, Name: "delete tag", Target: TargetTag, Record: "tag.deleted"},
}

// Operations lists every operation's traits. The list is the caller's own.
func Operations() []Traits { return slices.Clone(operations) }

// Traits returns the row of an operation. One that this version does not know, from a file of a newer one, is about a
// contact and not reversible.
func (o Operation) Traits() Traits {
	for _, row := range operations {
		if row.Operation == o {
			return row
		}
	}
	return Traits{Operation: o, Name: string(o), Target: TargetContact, Record: string(o)}
}

// String is the operation's name for people.
func (o Operation) String() string { return o.Traits().Name }

// Operation is what the patch does. Files of version 4 keep notes and new companies without an operation of their own.
func (p Patch) Operation() Operation {
	switch {
	case p.Note != nil:
		return AddNote
	case p.Op == SaveCompany && p.Key != "":
		return CreateCompany
	}
	return p.Op
}

// Traits are those of the patch's operation.
func (p Patch) Traits() Traits { return p.Operation().Traits() }

// The fields by which policies know what has no field of its own.
const (
	FieldTags      = "tags"
	FieldCompanies = "companies"
	FieldNotes     = "notes"
)

// PartKind is what kind of thing a part is.
type PartKind int

// The kinds of parts.
const (
	PartRecord  PartKind = iota // a record as a whole
	PartField                   // a field: Label is its name in [Patch.Set]
	PartTag                     // a tag put on or taken off: ID is the tag's
	PartCompany                 // a company put in or taken out: ID is the company's
	PartNote                    // a note
)

// Part is the smallest thing that a patch writes. Reading back judges parts.
type Part struct {
	Kind PartKind
	ID   string // of a tag or a company
	Key  string // tells it from the other parts of its patch, and stays in records
	// as policies name it: Intercom's field, company.<field>, tag.<field>, or what a record as a whole becomes
	Field string
	Label string // for people: a field's name, or +tag, -tag, +company, -company and a name
}

// Parts lists what the patch writes: the record as a whole, fields by name, tags, companies, the note.
func (p Patch) Parts() []Part {
	var parts []Part
	traits := p.Traits()
	if traits.Record != "" {
		parts = append(parts, Part{Kind: PartRecord, Key: traits.Record, Field: traits.Record, Label: traits.Name})
	}
	prefix := ""
	if traits.Target != TargetContact {
		prefix = string(traits.Target) + "."
	}
	for field := range p.Set {
		parts = append(parts, Part{Kind: PartField, Key: prefix + field, Field: prefix + field, Label: field})
	}
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.Key, b.Key) })
	for _, links := range []struct {
		kind              PartKind
		what, field, sign string
		refs              []Ref
	}{
		{PartTag, "tag", FieldTags, "+", p.AddTags}, {PartTag, "tag", FieldTags, "-", p.RemoveTags},
		{PartCompany, "company", FieldCompanies, "+", p.AddCompanies}, {PartCompany, "company", FieldCompanies, "-",
			p.RemoveCompanies},
	} {
		for _, ref := range links.refs {
			parts = append(parts, Part{
				Kind: links.kind, ID: ref.ID, Key: links.what + " " + ref.ID, Field: links.field,
				Label: links.sign + links.what + " " + cmp.Or(ref.Name, ref.ID),
			})
		}
	}
	if p.Note != nil {
		parts = append(parts, Part{Kind: PartNote, Key: FieldNotes, Field: FieldNotes, Label: "note"})
	}
	return parts
}

// PartKeys lists the keys of the patch's parts.
func (p Patch) PartKeys() []string {
	var keys []string
	for _, part := range p.Parts() {
		keys = append(keys, part.Key)
	}
	return keys
}

// Without is the patch without the parts of these keys.
func (p Patch) Without(keys []string) Patch {
	if len(keys) == 0 {
		return p
	}
	p.Set = maps.Clone(p.Set)
	drop := func(refs []Ref, id string) []Ref {
		return slices.DeleteFunc(slices.Clone(refs), func(r Ref) bool { return r.ID == id })
	}
	for _, part := range p.Parts() {
		switch {
		case !slices.Contains(keys, part.Key):
		case part.Kind == PartField:
			delete(p.Set, part.Label)
		case part.Kind == PartTag:
			p.AddTags, p.RemoveTags = drop(p.AddTags, part.ID), drop(p.RemoveTags, part.ID)
		case part.Kind == PartCompany:
			p.AddCompanies, p.RemoveCompanies = drop(p.AddCompanies, part.ID), drop(p.RemoveCompanies, part.ID)
		}
	}
	return p
}

// Fields lists the fields of the patch's parts as policies name them, sorted, each once. It is never empty for a patch
// that writes something.
func (p Patch) Fields() []string {
	var fields []string
	for _, part := range p.Parts() {
		fields = append(fields, part.Field)
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// Empty reports whether the patch writes nothing.
func (p Patch) Empty() bool {
	return p.Traits().Record == "" && p.Note == nil &&
		len(p.Set)+len(p.AddTags)+len(p.RemoveTags)+len(p.AddCompanies)+len(p.RemoveCompanies) == 0
}

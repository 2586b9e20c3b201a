package change

import (
	"slices"
	"time"

	"intercom-mcp/policy"
)

// Change is one intended write: plan, decision, approval, items and outcome.
// Values that a [Store] hands out are copies; changing them changes nothing.
type Change struct {
	ID        string // chg_ and 128 random bits, the only handle the model sees
	Principal string // who asked; for anyone else the change does not exist
	Tool      string // the tool that planned it
	Binding   string // SHA-256 of the tool and its canonical arguments (RFC 8785)
	Effect    string // what it would write, however it was asked for: see [EffectOf]
	Status    Status
	Level     policy.Level // who must confirm
	Decision  policy.Decision
	Revision  string // of the policy that decided
	Verb      string // what it does to its targets: "update", "add a note to"
	Noun      string // what the targets are; empty: contacts
	// SideEffects are what else it does, LeftAlone what it does not put back, and
	// Irreversible why it cannot be put back itself: for a person, and worded, as
	// Notes are, under a policy that masks Masked.
	SideEffects  []string
	LeftAlone    []string
	Notes        []string // how the call was understood
	Irreversible string
	Masked       []string
	CreatedAt    time.Time
	ExpiresAt    time.Time // end of the wait for confirmation
	Approval     *Approval // nil until somebody approved, or when the policy allowed it
	AppliedAt    time.Time // when applying started
	EndedAt      time.Time // when it reached its last status
	Reason       string    // why it is failed, stale or unknown as a whole
	Undoes       string    // the change that this one puts back; empty for all others
	Forgotten    bool      `json:",omitempty"` // only ids and outcomes of the items are kept
	Items        []Item    // the frozen targets, in the order they were planned
	Told         string    `json:"-"` // what the audit trail is to tell of the items' values; only for Create
}

// Approval records a yes, told honestly: at which level it was given.
type Approval struct {
	Level    policy.Level
	By       string // the principal, or the approver
	Method   string `json:",omitempty"` // a flag that stood for the yes; empty where a question was answered
	At       time.Time
	Revision string `json:",omitempty"` // of the policy in force then
}

// Item is one target inside a change.
type Item struct {
	Contact string // Intercom id of the contact, company or tag; empty until a planned one is created
	Label   string // how a person knows it: e-mail, name or id
	Known   string `json:",omitempty"` // the contact's field that Label shows; empty for an id, and for no contact
	Patch   Patch
	Before  Image // the touched values when planned
	Outcome Outcome
	Failure
	Created string // id of what Intercom created for this item (contact or note)
}

// Failure says why an item is Failed or Unknown. The zero Failure is none.
type Failure struct {
	Code   string         // stable, for machines
	Reason string         // for the agent: why, and what to do
	Facts  map[string]any `json:",omitempty"` // the code's own, plain JSON values
}

// Operation is what a patch does as a whole.
type Operation string

// The operations. Update is the zero value.
const (
	Update    Operation = ""
	Create    Operation = "create"    // the contact does not exist yet
	Archive   Operation = "archive"   // out of every list, until unarchived
	Unarchive Operation = "unarchive" // the contact cannot be read before
	Delete    Operation = "delete"
	Block     Operation = "block"
	Merge     Operation = "merge" // into Patch.Into

	SaveCompany   Operation = "save company"
	DeleteCompany Operation = "delete company"
	DeleteTag     Operation = "delete tag"
)

// Operations lists the operations by which [Patch.Fields] names what is done to a
// record as a whole.
func Operations() []Operation {
	return []Operation{Archive, Unarchive, Delete, Block, Merge, DeleteCompany, DeleteTag}
}

// OfContact reports whether the operation's target is a contact.
func (o Operation) OfContact() bool { return o != SaveCompany && o != DeleteCompany && o != DeleteTag }

// Patch is what to write to one contact. Absent means untouched.
type Patch struct {
	Op Operation `json:",omitempty"`
	// Set maps Intercom's field names, custom_attributes.<name> included, to
	// what to write: string, bool, json.Number, or nil to clear.
	Set             map[string]any `json:",omitempty"`
	Dates           []string       `json:",omitempty"` // fields of Set that hold times, in Unix seconds, besides those whose names say so
	AddTags         []Ref          `json:",omitempty"`
	RemoveTags      []Ref          `json:",omitempty"`
	AddCompanies    []Ref          `json:",omitempty"`
	RemoveCompanies []Ref          `json:",omitempty"`
	Into            *Ref           `json:",omitempty"` // with Merge: the contact that stays
	Key             string         `json:",omitempty"` // with SaveCompany: the company_id of a new company
	Note            *Note          `json:",omitempty"`
}

// Note is a note to add.
type Note struct {
	Body  string // plain text or Intercom's HTML
	Admin string // id of the author
}

// Ref names a tag, a company or a contact: by Intercom id, by its name for people,
// and, for companies, by the company_id that its owner gave it.
type Ref struct {
	ID   string
	Name string
	Key  string `json:",omitempty"`
	// Known is the contact's field that Name shows, of a reference to a contact;
	// empty for an id.
	Known string `json:",omitempty"`
}

// Image is the state of the touched fields of one contact.
type Image struct {
	Set       map[string]any `json:",omitempty"` // same keys as Patch.Set
	Tags      []string       `json:",omitempty"` // ids of the touched tags the contact has
	Companies []string       `json:",omitempty"` // ids of the touched companies the contact is in
	Notes     []string       `json:",omitempty"` // ids of its latest notes that are just like Patch.Note
}

// Outcome is what became of an item.
type Outcome string

// The outcomes. Pending is the zero value.
const (
	Pending   Outcome = ""
	Changed   Outcome = "changed"   // reading back shows what we wrote
	Unchanged Outcome = "unchanged" // it already was so, nothing was sent
	Failed    Outcome = "failed"    // reading back shows that it is not so; Reason says why
	Unknown   Outcome = "unknown"   // it could not be read back
)

// Fields lists what the patch touches, as Intercom field names, sorted; tags
// and companies as "tags" and "companies", fields of a company as company.<name>,
// and an operation on a record as a whole by its name.
func (p Patch) Fields() []string {
	var fields []string
	if p.Op != Update && p.Op != Create && p.Op != SaveCompany {
		fields = append(fields, string(p.Op))
	}
	for field := range p.Set {
		if p.Op == SaveCompany {
			field = "company." + field
		}
		fields = append(fields, field)
	}
	if len(p.AddTags)+len(p.RemoveTags) > 0 {
		fields = append(fields, "tags")
	}
	if len(p.AddCompanies)+len(p.RemoveCompanies) > 0 {
		fields = append(fields, "companies")
	}
	if p.Note != nil {
		fields = append(fields, "notes")
	}
	slices.Sort(fields)
	return fields
}

package change

import (
	"time"

	"intercom-mcp/policy"
)

// Change is one intended write: plan, decision, approval, items and outcome.
// Values that a [Store] hands out are copies; changing them changes nothing.
type Change struct {
	ID          string        // chg_ and 128 random bits, the only handle the model sees
	Principal   string        // who asked; for anyone else the change does not exist
	Person      policy.Person `json:",omitzero"`  // who that was, where it was known
	Roles       []string      `json:",omitempty"` // that they had then
	Client      string        `json:",omitempty"` // what their program called itself
	Tool        string        // the tool that planned it
	Binding     string        // SHA-256 of the tool and its canonical arguments (RFC 8785)
	Fingerprint string        `json:"Effect"` // what it would write, however it was asked for: see [FingerprintOf]
	Status      Status
	Level       policy.Level // who must confirm
	Decision    policy.Decision
	Revision    string // of the policy that decided
	Verb        string // what it does to its targets: "update", "add a note to"
	Noun        string // what the targets are; empty: contacts
	// SideEffects are what else it does, Conflicts what it does not put back, and Irreversible why it cannot be put back
	// itself: for a person, and worded, as Notes are, under a policy that masks Masked.
	SideEffects  []string
	Conflicts    []string `json:"LeftAlone"`
	Notes        []string // how the call was understood
	Irreversible string
	Masked       []string
	CreatedAt    time.Time
	// ExpiresAt is the end of the wait for confirmation; once people have approved, the time by which it has to start.
	ExpiresAt time.Time
	// ApproveBy is ExpiresAt as it was planned, and ExecuteWithin how long an approval holds, with LevelApprover.
	ApproveBy     time.Time     `json:",omitzero"`
	ExecuteWithin time.Duration `json:",omitempty"`
	Approvals     []Approval    `json:",omitempty"` // by people in the console, with LevelApprover
	Approval      *Approval     // that completed them; nil until then, or when the policy allowed it
	AppliedAt     time.Time     // when applying started
	EndedAt       time.Time     // when it reached its last status
	Reason        string        // why it is failed, stale or unknown as a whole
	StopAfter     int           `json:",omitempty"` // failed items after which the run stops; 0: as the policy says
	Undoes        string        // the change that this one puts back; empty for all others
	Purged        bool          `json:"Forgotten,omitempty"` // only ids and outcomes of the items are kept
	Items         []Item        // the frozen targets, in the order they were planned
	// JobsOnRecord tells that whoever applies it has its bulk jobs on record, as Jobs; not so where an older version did.
	JobsOnRecord bool  `json:",omitempty"`
	Jobs         []Job `json:",omitempty"`
	// Salt goes into every hash of the change that the audit trail holds, so that nobody who has the trail alone can guess
	// its values; empty in older records.
	Salt        string `json:",omitempty"`
	AuditValues string `json:"-"` // what the audit trail is to tell of the items' values; only for Create
}

// Approval records a yes, told honestly: at which level it was given.
type Approval struct {
	Level    policy.Level
	By       string // the principal, or the approver
	Method   string `json:",omitempty"` // how it was given, as Actor has it; records of old have none but a flag
	At       time.Time
	Revision string `json:",omitempty"` // of the policy in force then
	// Of one by a person in the console: who that is, their roles, the [PlanHash] that they saw, and their word to
	// whoever asked.
	Person policy.Person `json:",omitzero"`
	Roles  []string      `json:",omitempty"`
	Plan   string        `json:",omitempty"`
	Reason string        `json:",omitempty"`
}

// Actor is who took a step, and in what role. The zero Actor is nobody: time went by, or the work ended.
type Actor struct {
	By     string       // a principal, or the server
	Level  policy.Level // LevelNone where no person and no agent did it
	Method string       // elicitation, a flag such as --yes, the agent's tool, or what else led to it; may be empty
}

// Server is the program itself as an actor.
const Server = "the server"

// facts are the actor's in an event; those that it lacks are left out.
func (a Actor) facts() map[string]string {
	facts := make(map[string]string)
	if a.By != "" {
		facts["by"] = a.By
	}
	if a.Level != policy.LevelNone {
		facts["level"] = a.Level.String()
	}
	if a.Method != "" {
		facts["method"] = a.Method
	}
	return facts
}

// Item is one target inside a change.
type Item struct {
	TargetID   string `json:"Contact"` // Intercom id of the contact, company or tag; empty until a planned one is created
	Label      string // how a person knows it: e-mail, name or id
	LabelField string `json:"Known,omitempty"` // the contact's field that Label shows; empty for an id, and for no contact
	Patch      Patch
	Before     Image // the touched values when planned
	Outcome    Outcome
	Failure
	Missing []string `json:",omitempty"` // with Partly and Failed: the keys of the parts that reading back does not show
	// LeftAlone are the fields that an undo does not put back, since another client wrote to them.
	LeftAlone []string `json:",omitempty"`
	Created   string   // id of what Intercom created for this item (contact or note)
	Erased    bool     `json:",omitempty"` // of a contact of which nothing is kept but ids and the outcome: see [Erasure]
}

// Failure says why an item is Failed or Unknown. The zero Failure is none.
type Failure struct {
	Code   string         // stable, for machines
	Reason string         // for the agent: why, and what to do
	Facts  map[string]any `json:",omitempty"` // the code's own, plain JSON values
}

// Patch is what to write to one target. Absent means untouched.
type Patch struct {
	Op Operation `json:",omitempty"`
	// Set maps Intercom's field names, custom_attributes.<name> included, to
	// what to write: string, bool, json.Number, or nil to clear.
	Set map[string]any `json:",omitempty"`
	// fields of Set that hold times, in Unix seconds, besides those whose names say so
	Dates           []string `json:",omitempty"`
	AddTags         []Ref    `json:",omitempty"`
	RemoveTags      []Ref    `json:",omitempty"`
	AddCompanies    []Ref    `json:",omitempty"`
	RemoveCompanies []Ref    `json:",omitempty"`
	Into            *Ref     `json:",omitempty"` // with Merge: the contact that stays
	Users           bool     `json:",omitempty"` // with Merge: both are users
	Key             string   `json:",omitempty"` // with SaveCompany: the company_id of a new company
	Note            *Note    `json:",omitempty"`
}

// Note is a note to add.
type Note struct {
	Body  string // plain text or Intercom's HTML
	Admin string // id of the author
	// Author is the author's e-mail, where that is not the owner of the access token.
	Author string `json:",omitempty"`
}

// Ref names a tag, a company or a contact: by Intercom id, by its name for people,
// and, for companies, by the company_id that its owner gave it.
type Ref struct {
	ID   string
	Name string
	Key  string `json:",omitempty"`
	// LabelField is the contact's field that Name shows, of a reference to a contact; empty for an id.
	LabelField string `json:"Known,omitempty"`
}

// Image is the state of the touched fields of one contact.
type Image struct {
	Set       map[string]any `json:",omitempty"` // same keys as Patch.Set
	Tags      []string       `json:",omitempty"` // ids of the touched tags the contact has
	Companies []string       `json:",omitempty"` // ids of the touched companies the contact is in
	Notes     []string       `json:",omitempty"` // ids of its latest notes that are just like Patch.Note
	// Hidden are the zeros that fields of Set hold which show nothing: those that the change wrote which is undone.
	Hidden map[string]any `json:",omitempty"`
}

// Value is what a field holds as far as is known: what it shows, or the zero that is hidden.
func (i Image) Value(field string) any {
	if zero, ok := i.Hidden[field]; ok {
		return zero
	}
	return i.Set[field]
}

// Outcome is what became of an item.
type Outcome string

// The outcomes. Pending is the zero value.
const (
	Pending   Outcome = ""
	Changed   Outcome = "changed"   // every part shows what we wrote
	Unchanged Outcome = "unchanged" // it already was so, nothing was sent
	Partly    Outcome = "partly"    // some parts show, Missing do not; Reason says why
	Failed    Outcome = "failed"    // no part shows; Reason says why
	NotSent   Outcome = "not_sent"  // the run stopped before it
	Unknown   Outcome = "unknown"   // it could not be read back
)

// Wrote reports whether an item with this outcome was sent and is not proven to have had no effect: it counts as
// written, for limits, windows, duplicates and undo.
func (o Outcome) Wrote() bool { return o == Changed || o == Partly || o == Unknown }

package policy

import (
	"slices"
	"time"
)

// Policy is what the operator decided. It is immutable once in use, so that concurrent callers may share it.
type Policy struct {
	// File is where the policy was read from, as it was named; [BuiltIn] for the embedded one.
	File string
	// Revision names this exact policy in records: the SHA-256 of its text, its file, and the mode where that was
	// narrowed.
	Revision string
	// Mode is the widest effect offered.
	Mode Mode
	// Protected lists contact fields that conditions know as `protected`: Intercom's names, custom_attributes.<name>
	// included.
	Protected []string
	// Masked lists the contact fields that agents see only through [Policy.Mask].
	Masked    []string
	Limits    Limits
	Confirm   Confirmation
	Audit     Audit
	Notify    Notify
	Retention Retention
	// Zone is the time zone of now.hour and now.weekday; nil is UTC.
	Zone *time.Location
	// Roles say what they take from those who have them: see [Policy.For].
	Roles []Role
	Rules []Rule
	// Toolsets are the sets whose tools are offered to whom the policy was narrowed for; nil: all.
	Toolsets []string
	// ModeBy is what narrowed Mode for them, "of role support" say; empty: nothing did.
	ModeBy string
}

// zone is the time zone of the policy's clock.
func (p *Policy) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// Reads says which of the facts that have to be found out before a decision the conditions use.
type Reads struct{ Tags, Companies, Set, Workspace, Clock bool }

// Targets reports whether each target has to be looked at.
func (r Reads) Targets() bool { return r.Tags || r.Companies || r.Set }

// Reads returns which of those facts the policy's conditions use. A condition that does not compile uses none, and
// denies.
func (p *Policy) Reads() Reads {
	var reads Reads
	for i := range p.Rules {
		if p.Rules[i].When == nil {
			continue
		}
		names, err := p.Rules[i].When.names()
		if err != nil {
			continue
		}
		reads.Tags = reads.Tags || names["targets.tags"]
		reads.Companies = reads.Companies || names["targets.companies"]
		reads.Set = reads.Set || names["set"]
		reads.Workspace = reads.Workspace || names["workspace"]
		reads.Clock = reads.Clock || names["now.hour"] || names["now.weekday"]
	}
	return reads
}

// Audit says what the audit trail records.
type Audit struct {
	// Values records the values that a change writes, and those before, in the trail for good; masked fields as they are
	// masked.
	Values bool
}

// Retention says how long a store keeps what it holds.
type Retention struct {
	// Values is how long it keeps the values that changes wrote, and those before them.
	Values time.Duration
	// Records is how long it keeps whole changes and the audit trail, which are exported to Folder then, an absolute path.
	// Zero and empty: for good.
	Records time.Duration
	Folder  string
}

// Confirmation says how a yes is obtained.
type Confirmation struct {
	// Fallback is the level that stands in where the client cannot reach the one that a rule asks for; LevelNone means
	// that none does. It never applies to an effect [Destroy].
	Fallback Level
	// TTL is how long a change waits for its confirmation by an agent or a user.
	TTL time.Duration
	// ApproveWithin is how long a change waits for approvers, and ExecuteWithin how long an approval holds.
	ApproveWithin, ExecuteWithin time.Duration
	// SelfApproval lets the person who asked for a change approve it.
	SelfApproval bool
	// Views is the level of a confirmation that comes from a view of a change inside the client.
	Views Level
}

// Narrow returns the policy with no more than mode offered: p itself where its own mode is not wider. It never widens.
func (p *Policy) Narrow(mode Mode) *Policy {
	if mode.width() >= p.Mode.width() {
		return p
	}
	return p.withMode(mode)
}

// withMode returns a copy of p that offers mode.
func (p *Policy) withMode(mode Mode) *Policy {
	other := *p
	other.Protected, other.Masked, other.Rules = slices.Clone(p.Protected), slices.Clone(p.Masked), slices.Clone(p.Rules)
	other.Mode = mode
	other.Revision += " mode " + string(mode)
	return &other
}

// Always returns a source of policies that returns p each time.
func Always(p *Policy) func() *Policy { return func() *Policy { return p } }

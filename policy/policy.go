package policy

import (
	"slices"
	"time"
)

// Policy is what the operator decided. It is immutable once in use, so that
// it may be shared by concurrent callers.
type Policy struct {
	// File is where the policy was read from, as it was named; [BuiltIn] for
	// the embedded one.
	File string
	// Revision names this exact policy in records: the SHA-256 of its text,
	// its file, and the mode where that was narrowed.
	Revision string
	// Mode is the widest effect offered.
	Mode Mode
	// Protected lists contact fields that conditions know as `protected`:
	// Intercom's names, custom_attributes.<name> included.
	Protected []string
	// Masked lists the contact fields that agents see only through
	// [Policy.Mask].
	Masked  []string
	Limits  Limits
	Confirm Confirmation
	Audit   Audit
	Rules   []Rule
}

// Limits are hard bounds.
type Limits struct {
	BulkContacts   int // contacts in one change
	InlineUpdates  int // contacts listed one by one in one call
	ContactsPer10m int // contacts written within 10 minutes that no user or approver confirmed
}

// Audit says what the audit trail tells.
type Audit struct {
	// Values has the trail tell what a change writes, and what was there before;
	// masked fields as they are masked. It is kept for good.
	Values bool
}

// Confirmation says how a yes is obtained.
type Confirmation struct {
	// Fallback is the level that stands in where the client cannot reach the
	// one a rule asks for; LevelNone means that nothing stands in. It never
	// applies to what cannot be undone.
	Fallback Level
	// TTL is how long a change waits for its confirmation.
	TTL time.Duration
}

// Narrow returns the policy with no more than mode offered: p itself where its
// own mode is not wider. It never widens.
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

// Always returns a source of policies that gives p each time it is asked.
func Always(p *Policy) func() *Policy { return func() *Policy { return p } }

package policy

import (
	"slices"
	"time"
)

// Policy is what the operator decided. It is immutable once in use, so that
// it may be shared by concurrent callers.
type Policy struct {
	// Revision names this exact policy in records.
	Revision string
	// Mode is the widest effect offered.
	Mode Mode
	// Protected lists the contact fields whose change is always confirmed.
	Protected []string
	Limits    Limits
	Confirm   Confirmation
	Rules     []Rule
}

// Limits are hard bounds.
type Limits struct {
	BulkContacts   int // contacts in one change
	InlineUpdates  int // contacts listed one by one in one call
	ContactsPer10m int // contacts written within 10 minutes that no user or approver confirmed
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

// Rule asks for a verdict when its condition holds for one of its effects.
type Rule struct {
	Name    string
	Effects []Effect // empty: any effect but Read
	// When is the condition; nil holds always. An error counts as Deny.
	When func(Request, *Policy) (bool, error)
	Then Verdict
	By   Level // for Confirm
	Why  string
}

// apply adds the rule's reason to d where the rule matches r.
func (rule Rule) apply(d *Decision, r Request, p *Policy) {
	if len(rule.Effects) > 0 && !slices.Contains(rule.Effects, r.Effect) {
		return
	}
	if rule.When != nil {
		holds, err := rule.When(r, p)
		if err != nil {
			d.add(Reason{rule.Name, Deny, LevelNone, "the rule's condition failed: " + err.Error()})
			return
		}
		if !holds {
			return
		}
	}
	d.add(Reason{rule.Name, rule.Then, rule.By, rule.Why})
}

// Default returns the built-in policy for mode: more than ten contacts at
// once, identity fields, and what cannot be undone are confirmed by the user.
func Default(mode Mode) *Policy {
	return &Policy{
		Revision:  "built-in/1 " + string(mode),
		Mode:      mode,
		Protected: []string{"email", "phone", "external_id", "owner_id", "unsubscribed_from_emails", "role"},
		Limits:    Limits{BulkContacts: 10_000, InlineUpdates: 200, ContactsPer10m: 500},
		Confirm:   Confirmation{Fallback: LevelAgent, TTL: 15 * time.Minute},
		Rules: []Rule{
			{
				Name: "many contacts at once", Effects: []Effect{Write}, Then: Confirm, By: LevelUser,
				Why:  "more than 10 contacts at once, or more than 25 within 10 minutes",
				When: func(r Request, _ *Policy) (bool, error) { return r.Contacts > 10 || r.Window.Contacts > 25, nil },
			},
			{
				Name: "identity fields", Effects: []Effect{Write}, Then: Confirm, By: LevelUser,
				Why: "a field that says who someone is, who owns them or what they are sent",
				When: func(r Request, p *Policy) (bool, error) {
					return slices.ContainsFunc(r.Fields, func(f string) bool { return slices.Contains(p.Protected, f) }), nil
				},
			},
			{
				Name: "cannot be undone", Effects: []Effect{Destroy}, Then: Confirm, By: LevelUser,
				Why: "the change cannot be undone",
			},
		},
	}
}

// Always returns a source of policies that gives p each time it is asked.
func Always(p *Policy) func() *Policy { return func() *Policy { return p } }

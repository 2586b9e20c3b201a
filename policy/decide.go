package policy

import (
	"fmt"
	"slices"
)

// Request is everything a decision may depend on.
type Request struct {
	Tool      string   // name of the tool
	Effect    Effect   // what the tool can do
	Principal string   // who asks
	Contacts  int      // contacts the change would write to
	Fields    []string // Intercom field names the change would touch, custom_attributes.<name> included
	Window    Window   // what the principal did lately
	Reach     Level    // the strongest level the caller's client can be asked at
	Declined  bool     // a person declined all of this lately
	Contested bool     // a person declined some of this lately, or other values for the same fields
	Given     Level    // the yes that came already, when a change that waits is decided on anew
}

// Window sums up the principal's last ten minutes.
type Window struct {
	// Contacts counts writes to contacts that no user or approver confirmed,
	// those of this request included.
	Contacts int
}

// Reason is one rule that matched, or one limit that was hit.
type Reason struct {
	Rule    string  // the rule's or the limit's name
	Line    int     // of the rule in the policy's file; 0 for a limit
	Verdict Verdict // what the rule says
	Level   Level   // who must confirm, for Confirm
	Text    string  // one sentence for a person
}

// Decision is the answer to a request. The zero Decision denies.
type Decision struct {
	Verdict Verdict
	// Level is who has to confirm; LevelNone unless Verdict is Confirm.
	Level Level
	// Fallback tells that the rules ask for a stronger level which the client
	// cannot reach, and that the policy lets Level stand in for it.
	Fallback bool
	// Unreachable tells that the client cannot be asked at Level and that no
	// weaker one may stand in. Verdict is then Confirm still: another client
	// of the same principal may be able to.
	Unreachable bool
	// Reasons lists everything that matched, in the order of the rules.
	Reasons []Reason
}

// Granted reports whether a change may be made without another yes than the one
// that was given.
func (d Decision) Granted(given Level) bool {
	return d.Verdict == Allow || d.Verdict == Confirm && !d.Unreachable && given >= d.Level
}

// Rule returns the name of the first reason that has the decision's verdict.
func (d Decision) Rule() string {
	for _, r := range d.Reasons {
		if r.Verdict == d.Verdict {
			return r.Rule
		}
	}
	return ""
}

// Decide applies the policy to a request. It evaluates every rule, never
// stopping early, so that the reasons are complete: deny beats confirm (the
// strongest level wins) beats allow. A rule whose condition fails denies. What
// cannot be undone is never allowed unasked: where no rule that names effects or
// tools asks for a confirmation, it takes the user's. Decide is pure and safe for concurrent use.
func (p *Policy) Decide(r Request) Decision {
	var d Decision
	if !p.Mode.Allows(r.Effect) {
		d.deny("mode", fmt.Sprintf("mode %s offers no %s tools", p.Mode, r.Effect))
	}
	if r.Effect == Read {
		if len(d.Reasons) == 0 {
			d.Verdict = Allow
		}
		return d
	}
	if r.Declined {
		d.deny("declined", "a person declined this in the last 30 minutes")
	}
	if r.Contested {
		d.ask("contested", "a person declined some of this, or other values for the same fields, in the last 30 minutes")
	}
	if limit := p.Limits.BulkContacts; r.Contacts > limit {
		d.deny("bulk_contacts", fmt.Sprintf("%d contacts in one change, the limit is %d", r.Contacts, limit))
	}
	settled := false // what becomes of what cannot be undone
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.apply(&d, r, p) && rule.Then == Confirm && (rule.narrow() || rule.By >= LevelUser) {
			settled = true
		}
	}
	if r.Effect == Destroy && !settled && !d.denies() {
		d.ask("irreversible", "the change cannot be undone")
	}
	d.settle(p, r)
	return d
}

func (d *Decision) add(r Reason) { d.Reasons = append(d.Reasons, r) }

// denies reports whether a reason so far denies.
func (d *Decision) denies() bool {
	return slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Verdict == Deny })
}

// deny adds the reason of a limit that was hit. The name is one of
// limitNames.
func (d *Decision) deny(limit, text string) { d.add(Reason{Rule: limit, Verdict: Deny, Text: text}) }

// ask adds the reason of what takes a user's yes under any policy. The name is
// one of limitNames.
func (d *Decision) ask(limit, text string) {
	d.add(Reason{Rule: limit, Verdict: Confirm, Level: LevelUser, Text: text})
}

// limitNames are the names in reasons that are not those of rules.
var limitNames = []string{"mode", "declined", "contested", "irreversible", "bulk_contacts", "contacts_per_10m"}

// settle turns the collected reasons into the verdict and the level.
func (d *Decision) settle(p *Policy, r Request) {
	d.Verdict, d.Level = Allow, LevelNone
	for _, reason := range d.Reasons {
		d.Verdict = min(d.Verdict, reason.Verdict)
		d.Level = max(d.Level, reason.Level)
	}
	if d.Verdict == Confirm && d.Level > r.Reach {
		weakest := p.Confirm.Fallback
		far := weakest < d.Level-1 // an agent does not stand in for an approver
		if r.Effect == Destroy || r.Contested || weakest == LevelNone || weakest > r.Reach || far {
			d.Unreachable = true
		} else {
			d.Level, d.Fallback = weakest, true
		}
	}
	if max(d.Level, r.Given) < LevelUser && d.Verdict != Deny && r.Window.Contacts > p.Limits.ContactsPer10m {
		d.deny("contacts_per_10m", fmt.Sprintf(
			"%d contacts within 10 minutes without a user's confirmation, the limit is %d", r.Window.Contacts, p.Limits.ContactsPer10m))
		d.Verdict = Deny
	}
	if d.Verdict != Confirm {
		d.Level = LevelNone
	}
}

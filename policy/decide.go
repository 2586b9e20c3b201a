package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Request is everything a decision may depend on.
type Request struct {
	Tool       string   // name of the tool
	Effect     Effect   // what the tool can do
	Reversible bool     // whether undo can put the change back; never so for [Destroy], whatever is said here
	Toolset    string   // set that the tool belongs to
	Principal  string   // who asks
	Person     Person   // who that is, as far as it is known
	Roles      []string // of the caller
	Client     string   // what the caller's program calls itself
	Author     string   // e-mail of the teammate as whom a note is written; "" for the owner of the access token
	Workspace  string   // id of the workspace, where the policy reads it
	// WorkspaceErr and TargetsErr are why facts that the policy reads could not be: a condition that depends on them
	// fails.
	WorkspaceErr, TargetsErr error
	Now                      time.Time
	Contacts                 int // records the change would write to
	// what it would touch: Intercom's field names, custom_attributes.<name> included, and parts
	Fields    []string
	Targets   []Target // what conditions may ask of each target, each different one once; nil: nothing is known of any
	Window    Window   // what the principal wrote within 10 minutes
	Reach     Level    // the strongest level the caller's client can be asked at
	Approvers bool     // people can be asked on a channel of their own, whatever Reach says
	Declined  bool     // a person declined all of this within 30 minutes
	Contested bool     // a person declined some of this, or other values for the same fields
	Given     Level    // the yes that came already, when a change that waits is decided on anew
}

// Target is what a condition may ask of one target of a change, as far as the policy reads it: see [Policy.Reads].
type Target struct {
	Tags, Companies []string       // by name
	Set             map[string]any // the new values by field: text, bool, json.Number, list of text, or nil to clear
}

// Window counts the different records that the principal's changes wrote, or are about to write, within 10 minutes,
// those of the request included.
type Window struct {
	// Unconfirmed counts those of changes that went through unasked: nobody said yes to them at any level, the agent
	// included. Rules see it as window.contacts.
	Unconfirmed int
	// Notes counts, for a request that adds notes, those that got some unconfirmed; 0 for others.
	Notes int
	// All counts those of all changes, whoever confirmed them. Only [Limits.ContactsPer10m] bounds it.
	All int
}

// Reason is one rule that matched, or one limit that was hit.
type Reason struct {
	Rule    string  // the rule's or the limit's name
	Line    int     // of the rule in the policy's file; 0 for a limit, and for a rule that is not from the file
	Verdict Verdict // what the rule says
	Level   Level   // who must confirm, for Confirm
	Text    string  // one sentence for a person
}

// How Text tells of a rule that has no words of its own, and of one whose condition failed.
const (
	unexplained = "rule %s"
	failedWhen  = "the condition of rule %s failed: "
)

// Detail is Text for a place that names the rule already: what it says beyond that, empty where it is the name alone.
func (r Reason) Detail() string {
	if r.Text == fmt.Sprintf(unexplained, r.Rule) {
		return ""
	}
	if cause, ok := strings.CutPrefix(r.Text, fmt.Sprintf(failedWhen, r.Rule)); ok {
		return "its condition failed: " + cause
	}
	return r.Text
}

// Decision is the answer to a request. The zero Decision denies.
type Decision struct {
	Verdict Verdict
	// Level is who has to confirm; LevelNone unless Verdict is Confirm.
	Level Level
	// Fallback reports that the rules ask for a stronger level, which the client cannot reach, and that the policy lets
	// Level stand in for it.
	Fallback bool
	// Unreachable reports that the client cannot be asked at Level, and that no weaker one may stand in. Verdict is then
	// Confirm still: another client of the same principal may be able to.
	Unreachable bool
	// Reasons lists everything that matched, in the order of the rules.
	Reasons []Reason
	// Needs are what approvers have to say, all of them, where Level is LevelApprover.
	Needs []Need `json:",omitempty"`
}

// Need is how many people have to approve for one rule: different ones, none of whom asked for the change unless the
// policy lets them.
type Need struct {
	Rule      string   // the rule's name
	Line      int      // of the rule in the policy's file; 0: it is not from the file
	Approvers []string `json:",omitempty"` // roles of which each of them has one; empty: any
	Needed    int      // at least 1
}

// By reports whether somebody with these roles counts for the need, besides the role approver that they have.
func (n *Need) By(roles []string) bool {
	return len(n.Approvers) == 0 || slices.ContainsFunc(n.Approvers, func(role string) bool {
		return slices.Contains(roles, role)
	})
}

// Granted reports whether a change may be made without another yes than the one that was given.
func (d Decision) Granted(given Level) bool {
	return d.Verdict == Allow || d.Verdict == Confirm && !d.Unreachable && given >= d.Level
}

// Both is the decision about what two decisions are about parts of: the stricter verdict, and the reasons of both. It
// is allowed where both allow it.
func Both(a, b Decision) Decision {
	both := Decision{
		Verdict: min(a.Verdict, b.Verdict), Fallback: a.Fallback || b.Fallback,
		Unreachable: a.Unreachable || b.Unreachable, Reasons: slices.Clone(a.Reasons),
	}
	if both.Verdict == Confirm {
		both.Level = max(a.Level, b.Level)
	}
	for _, reason := range b.Reasons {
		if !slices.Contains(both.Reasons, reason) {
			both.Reasons = append(both.Reasons, reason)
		}
	}
	if both.Level == LevelApprover {
		both.Needs = slices.Clone(a.Needs)
		for _, need := range b.Needs {
			if !slices.ContainsFunc(both.Needs, func(n Need) bool { return n.Rule == need.Rule && n.Line == need.Line }) {
				both.Needs = append(both.Needs, need)
			}
		}
	}
	return both
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

// Decide applies the policy to a request. It evaluates every rule, never stopping early, so that the reasons are
// complete: deny beats confirm (the strongest level wins) beats allow. A rule whose condition fails denies. An effect
// [Destroy] is never allowed unasked: it requires confirmation at level user, unless a rule that names effects or tools
// sets another level. Decide is pure and safe for concurrent use.
func (p *Policy) Decide(r Request) Decision {
	var d Decision
	if !p.Mode.Allows(r.Effect) {
		d.deny("mode", fmt.Sprintf("mode %s offers no %s tools", strings.TrimSpace(string(p.Mode)+" "+p.ModeBy), r.Effect))
	}
	if r.Toolset != "" && !p.Offers(r.Toolset) {
		d.deny("toolsets", p.onlyToolsets())
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
	facts := newFactSet(&r, p)
	settled := false // who confirms an effect Destroy
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.apply(&d, &r, facts) && rule.Then == Confirm && (rule.narrow() || rule.By >= LevelUser) {
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

// deny adds the reason of a limit that was hit. The name is one of limitNames.
func (d *Decision) deny(limit, text string) { d.add(Reason{Rule: limit, Verdict: Deny, Text: text}) }

// ask adds the reason of what requires confirmation at level user under any policy. The name is one of limitNames.
func (d *Decision) ask(limit, text string) {
	d.add(Reason{Rule: limit, Verdict: Confirm, Level: LevelUser, Text: text})
}

// limitNames are the names in reasons that are not those of rules.
var limitNames = []string{"mode", "toolsets", "declined", "contested", "irreversible", "bulk_contacts",
	"contacts_per_10m", "waiting_changes", "waiting_megabytes", "unanswered_per_10m"}

// settle turns the collected reasons into the verdict and the level.
func (d *Decision) settle(p *Policy, r Request) {
	d.Verdict, d.Level = Allow, LevelNone
	for _, reason := range d.Reasons {
		d.Verdict = min(d.Verdict, reason.Verdict)
		d.Level = max(d.Level, reason.Level)
	}
	if d.Verdict == Confirm && d.Level > r.Reach && !(d.Level == LevelApprover && r.Approvers) {
		weakest := p.Confirm.Fallback
		far := weakest < d.Level-1 // an agent does not stand in for an approver
		if r.Effect == Destroy || r.Contested || weakest == LevelNone || weakest > r.Reach || far {
			d.Unreachable = true
		} else {
			d.Level, d.Fallback = weakest, true
		}
	}
	d.bound(p, r)
	if d.Verdict != Confirm {
		d.Level = LevelNone
	}
	if d.Level != LevelApprover {
		d.Needs = nil
	}
}

// bound holds a change that is not denied to the limit of contacts within 10 minutes. A user's or an approver's yes,
// asked for or given, lifts it for this change; where nothing asks for one, the limit does, and no weaker level stands
// in: a client that cannot ask the user is denied.
func (d *Decision) bound(p *Policy, r Request) {
	limit := p.Limits.ContactsPer10m
	if r.Window.All <= limit || d.Verdict == Deny || max(d.Level, r.Given) >= LevelUser {
		return
	}
	text := fmt.Sprintf(
		"%d contacts, companies and tags within 10 minutes, the limit is %d without a user's confirmation", r.Window.All,
		limit)
	if r.Reach < LevelUser {
		d.deny("contacts_per_10m", text)
		d.Verdict = Deny
		return
	}
	d.ask("contacts_per_10m", text)
	d.Verdict, d.Level = Confirm, LevelUser
}

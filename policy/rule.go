package policy

import (
	"fmt"
	"slices"
)

// Rule asks for a verdict when its condition holds for one of its effects and tools.
type Rule struct {
	Name    string
	Line    int        // where the policy's file begins it; 0: the file has no rules, and this is a built-in one
	Effects []Effect   // empty: any effect but Read
	Tools   []string   // empty: any tool
	When    *Condition // nil holds always; an error counts as Deny
	Then    Verdict
	By      Level // for Confirm
	// Approvers are roles of which an approver has one, with LevelApprover; empty: any approver.
	Approvers []string
	Needed    int    // different people who approve, with LevelApprover; 0 with any other level
	Why       string // one sentence for a person, without a full stop
}

// Covers reports whether the rule names a tool, or its effect e, and asks or forbids.
func (rule *Rule) Covers(e Effect, tool string) bool {
	return rule.Then != Allow && rule.narrow() && rule.about(e, tool)
}

// about reports whether the rule is about calls of a tool of effect e.
func (rule *Rule) about(e Effect, tool string) bool {
	return (len(rule.Effects) == 0 || slices.Contains(rule.Effects, e)) &&
		(len(rule.Tools) == 0 || slices.Contains(rule.Tools, tool))
}

// narrow reports whether the rule says what it is about: some effects, or tools.
func (rule *Rule) narrow() bool { return len(rule.Effects)+len(rule.Tools) > 0 }

// apply adds the rule's reason to d, and returns true, where the rule matches r, which has the facts.
func (rule *Rule) apply(d *Decision, r *Request, facts *factSet) bool {
	if !rule.about(r.Effect, r.Tool) {
		return false
	}
	reason := Reason{Rule: rule.Name, Line: rule.Line, Verdict: rule.Then, Level: rule.By, Text: rule.Why}
	if reason.Text == "" {
		reason.Text = fmt.Sprintf(unexplained, rule.Name)
	}
	if rule.When != nil {
		holds, err := facts.holds(rule.When)
		if err != nil {
			reason.Verdict, reason.Level = Deny, LevelNone
			reason.Text = fmt.Sprintf(failedWhen, rule.Name) + err.Error()
		} else if !holds {
			return false
		}
	}
	d.add(reason)
	if reason.Verdict == Confirm && rule.By == LevelApprover {
		d.Needs = append(d.Needs, Need{Rule: rule.Name, Line: rule.Line, Approvers: rule.Approvers,
			Needed: max(1, rule.Needed)})
	}
	return true
}

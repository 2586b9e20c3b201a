package policy

import "slices"

// Rule asks for a verdict when its condition holds for one of its effects and
// tools.
type Rule struct {
	Name    string
	Line    int        // where the policy's file begins it
	Effects []Effect   // empty: any effect but Read
	Tools   []string   // empty: any tool
	When    *Condition // nil holds always; an error counts as Deny
	Then    Verdict
	By      Level  // for Confirm
	Why     string // one sentence for a person, without a full stop
}

// apply adds the rule's reason to d where the rule matches r.
func (rule *Rule) apply(d *Decision, r Request, p *Policy) {
	if len(rule.Effects) > 0 && !slices.Contains(rule.Effects, r.Effect) {
		return
	}
	if len(rule.Tools) > 0 && !slices.Contains(rule.Tools, r.Tool) {
		return
	}
	reason := Reason{Rule: rule.Name, Line: rule.Line, Verdict: rule.Then, Level: rule.By, Text: rule.Why}
	if reason.Text == "" {
		reason.Text = "rule " + rule.Name
	}
	if rule.When != nil {
		holds, err := rule.When.holds(r, p)
		if err != nil {
			reason.Verdict, reason.Level, reason.Text = Deny, LevelNone, "the condition of rule "+rule.Name+" failed: "+err.Error()
		} else if !holds {
			return
		}
	}
	d.add(reason)
}

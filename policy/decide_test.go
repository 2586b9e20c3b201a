package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBoth takes the stricter of two decisions, with the reasons and the needs of both, each once.
func TestBoth(t *testing.T) {
	reason := func(name string, v Verdict) Reason { return Reason{Rule: name, Verdict: v} }
	leads, owners := Need{Rule: "leads", Line: 1, Needed: 1}, Need{Rule: "leads", Line: 2, Needed: 2}
	third := Need{Rule: "third", Line: 1, Needed: 1}
	allowed := Decision{Verdict: Allow, Reasons: []Reason{reason("a", Allow)}}
	denied := Decision{Verdict: Deny, Reasons: []Reason{reason("d", Deny)}}
	agent := Decision{Verdict: Confirm, Level: LevelAgent, Fallback: true, Reasons: []Reason{reason("c", Confirm)}}
	user := Decision{Verdict: Confirm, Level: LevelUser, Unreachable: true,
		Reasons: []Reason{reason("c", Confirm), reason("u", Confirm)}}
	approved := Decision{Verdict: Confirm, Level: LevelApprover, Needs: []Need{leads, owners}}
	other := Decision{Verdict: Confirm, Level: LevelApprover, Needs: []Need{owners, third}}
	for _, test := range []struct {
		name       string
		a, b, want Decision
	}{
		{"allowed twice", allowed, allowed, allowed},
		{"allowed and denied", allowed, denied, Decision{Verdict: Deny,
			Reasons: []Reason{reason("a", Allow), reason("d", Deny)}}},
		{"confirmed and denied", agent, denied, Decision{Verdict: Deny, Fallback: true,
			Reasons: []Reason{reason("c", Confirm), reason("d", Deny)}}},
		{"by agent and user", agent, user, Decision{Verdict: Confirm, Level: LevelUser, Fallback: true, Unreachable: true,
			Reasons: []Reason{reason("c", Confirm), reason("u", Confirm)}}},
		{"by user and agent", user, agent, Decision{Verdict: Confirm, Level: LevelUser, Fallback: true, Unreachable: true,
			Reasons: []Reason{reason("c", Confirm), reason("u", Confirm)}}},
		{"by approvers", approved, other, Decision{Verdict: Confirm, Level: LevelApprover,
			Needs: []Need{leads, owners, third}}},
		{"by an approver and the agent", agent, approved, Decision{Verdict: Confirm, Level: LevelApprover, Fallback: true,
			Reasons: []Reason{reason("c", Confirm)}, Needs: []Need{leads, owners}}},
	} {
		if diff := cmp.Diff(test.want, Both(test.a, test.b)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if len(approved.Needs) != 2 || len(agent.Reasons) != 1 {
		t.Error("a decision that was given was changed")
	}
}

// TestNeeded takes one approver at least, of a rule of a file and of one that was made otherwise.
func TestNeeded(t *testing.T) {
	p, err := Parse("p.yaml", []byte("rules: [{name: r, then: confirm, by: approver}]"), known)
	if err != nil {
		t.Fatal(err)
	}
	if needed := p.Rules[0].Needed; needed != 1 {
		t.Errorf("the rule needs %d approvers", needed)
	}
	p.Rules[0].Needed = 0
	want := []Need{{Rule: "r", Line: 1, Needed: 1}}
	if diff := cmp.Diff(want, p.Decide(Request{Effect: Write, Approvers: true}).Needs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNeedBy counts whoever has one of a need's roles, and everybody where it names none.
func TestNeedBy(t *testing.T) {
	for _, test := range []struct {
		approvers, roles []string
		want             bool
	}{
		{nil, nil, true},
		{nil, []string{"leads"}, true},
		{[]string{"leads", "owners"}, []string{"staff", "owners"}, true},
		{[]string{"leads"}, []string{"staff"}, false},
		{[]string{"leads"}, nil, false},
	} {
		need := Need{Approvers: test.approvers}
		if got := need.By(test.roles); got != test.want {
			t.Errorf("%v of %v: %t", test.roles, test.approvers, got)
		}
	}
}

package policy

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rulesOf lists the names of the reasons of a decision.
func rulesOf(d Decision) []string {
	var names []string
	for _, reason := range d.Reasons {
		names = append(names, reason.Rule)
	}
	return names
}

func TestDecideDefault(t *testing.T) {
	tests := []struct {
		name    string
		mode    Mode
		request Request
		want    Decision // Reasons are compared by name, in rules
		rules   []string
	}{
		{"a read is allowed in mode read", ModeRead, Request{Effect: Read, Contacts: 99_999}, Decision{Verdict: Allow}, nil},
		{"a write is denied in mode read", ModeRead, Request{Effect: Write, Contacts: 1}, Decision{Verdict: Deny}, []string{"mode"}},
		{"an unknown mode offers nothing", "", Request{Effect: Read}, Decision{Verdict: Deny}, []string{"mode"}},
		{"an unknown effect is denied", ModeFull, Request{Effect: "explode"}, Decision{Verdict: Deny}, []string{"mode"}},
		{"a small write is allowed", ModeWrite, Request{Effect: Write, Contacts: 10, Fields: []string{"name"}, Window: Window{25}}, Decision{Verdict: Allow}, nil},
		{"eleven contacts are confirmed by the user", ModeWrite, Request{Effect: Write, Contacts: 11, Reach: LevelUser},
			Decision{Verdict: Confirm, Level: LevelUser}, []string{"many contacts at once"}},
		{"the agent stands in for a user who cannot be asked", ModeWrite, Request{Effect: Write, Contacts: 11, Reach: LevelAgent},
			Decision{Verdict: Confirm, Level: LevelAgent, Fallback: true}, []string{"many contacts at once"}},
		{"many small writes add up", ModeWrite, Request{Effect: Write, Contacts: 1, Window: Window{26}, Reach: LevelUser},
			Decision{Verdict: Confirm, Level: LevelUser}, []string{"many contacts at once"}},
		{"an identity field is confirmed", ModeWrite, Request{Effect: Write, Contacts: 1, Fields: []string{"email", "name"}, Reach: LevelUser},
			Decision{Verdict: Confirm, Level: LevelUser}, []string{"identity fields"}},
		{"all reasons are given", ModeWrite, Request{Effect: Write, Contacts: 11, Fields: []string{"owner_id"}, Reach: LevelUser},
			Decision{Verdict: Confirm, Level: LevelUser}, []string{"many contacts at once", "identity fields"}},
		{"a custom attribute named like an identity field is none", ModeWrite, Request{Effect: Write, Contacts: 1, Fields: []string{"custom_attributes.email"}},
			Decision{Verdict: Allow}, nil},
		{"what cannot be undone is not offered in mode write", ModeWrite, Request{Effect: Destroy, Contacts: 1, Reach: LevelUser},
			Decision{Verdict: Deny}, []string{"mode", "cannot be undone"}},
		{"what cannot be undone is confirmed", ModeFull, Request{Effect: Destroy, Contacts: 1, Reach: LevelUser},
			Decision{Verdict: Confirm, Level: LevelUser}, []string{"cannot be undone"}},
		{"nothing stands in where it cannot be undone", ModeFull, Request{Effect: Destroy, Contacts: 1, Reach: LevelAgent},
			Decision{Verdict: Confirm, Level: LevelUser, Unreachable: true}, []string{"cannot be undone"}},
		{"too many contacts for one change", ModeWrite, Request{Effect: Write, Contacts: 10_001, Reach: LevelUser},
			Decision{Verdict: Deny}, []string{"bulk_contacts", "many contacts at once"}},
		{"a no sticks", ModeWrite, Request{Effect: Write, Contacts: 1, Declined: true, Reach: LevelUser}, Decision{Verdict: Deny}, []string{"declined"}},
		{"the agent alone may write to 500 contacts in 10 minutes", ModeWrite, Request{Effect: Write, Contacts: 500, Window: Window{500}, Reach: LevelAgent},
			Decision{Verdict: Confirm, Level: LevelAgent, Fallback: true}, []string{"many contacts at once"}},
		{"and not to 501", ModeWrite, Request{Effect: Write, Contacts: 500, Window: Window{501}, Reach: LevelAgent},
			Decision{Verdict: Deny, Fallback: true}, []string{"many contacts at once", "contacts_per_10m"}},
		{"which the user may", ModeWrite, Request{Effect: Write, Contacts: 500, Window: Window{501}, Reach: LevelUser},
			Decision{Verdict: Confirm, Level: LevelUser}, []string{"many contacts at once"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Default(test.mode).Decide(test.request)
			if rules := rulesOf(got); !slices.Equal(rules, test.rules) {
				t.Errorf("rules %q, want %q", rules, test.rules)
			}
			got.Reasons = nil
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDecideRules covers what the built-in rules do not: failing conditions,
// rules that deny or allow, levels beyond the user, no fallback.
func TestDecideRules(t *testing.T) {
	p := Default(ModeWrite)
	p.Rules = []Rule{
		{Name: "for everybody", Then: Allow},
		{Name: "by an approver", Effects: []Effect{Write}, Then: Confirm, By: LevelApprover,
			When: func(r Request, _ *Policy) (bool, error) { return r.Contacts > 1, nil }},
		{Name: "by a user", Then: Confirm, By: LevelUser, When: func(r Request, _ *Policy) (bool, error) { return r.Contacts > 1, nil }},
		{Name: "broken", Then: Allow, When: func(r Request, _ *Policy) (bool, error) {
			if r.Contacts == 3 {
				return false, errors.New("no such key: plan")
			}
			return false, nil
		}},
		{Name: "only destroy", Effects: []Effect{Destroy}, Then: Deny},
	}
	if got := p.Decide(Request{Effect: Write, Contacts: 1}); got.Verdict != Allow || got.Rule() != "for everybody" {
		t.Errorf("allow: %+v", got)
	}
	if got := p.Decide(Request{Effect: Write, Contacts: 2, Reach: LevelUser}); got.Level != LevelAgent || !got.Fallback {
		t.Errorf("the strongest level wins, then the fallback stands in: %+v", got)
	}
	p.Confirm.Fallback = LevelNone
	if got := p.Decide(Request{Effect: Write, Contacts: 2, Reach: LevelUser}); got.Level != LevelApprover || !got.Unreachable || got.Verdict != Confirm {
		t.Errorf("without a fallback: %+v", got)
	}
	if got := p.Decide(Request{Effect: Write, Contacts: 3, Reach: LevelApprover}); got.Verdict != Deny || got.Rule() != "broken" || len(got.Reasons) != 4 {
		t.Errorf("a condition that fails denies: %+v", got)
	}
	if (Decision{}).Verdict != Deny || (Decision{Verdict: Allow}).Rule() != "" {
		t.Error("the zero decision denies, and names no rule")
	}
	if ttl := p.Confirm.TTL; ttl != 15*time.Minute {
		t.Errorf("ttl %v", ttl)
	}
}

func TestNames(t *testing.T) {
	for _, name := range []string{"read", "write", "full"} {
		if m, err := ParseMode(name); err != nil || string(m) != name {
			t.Errorf("mode %q: %v %v", name, m, err)
		}
	}
	if _, err := ParseMode("admin"); err == nil {
		t.Error("mode admin is accepted")
	}
	for level := LevelNone; level <= LevelApprover; level++ {
		text, err := level.MarshalText()
		var back Level
		if err != nil || back.UnmarshalText(text) != nil || back != level {
			t.Errorf("level %v does not survive as %q", level, text)
		}
	}
	var level Level
	if level.UnmarshalText([]byte("root")) == nil || Level(9).String() != "level(9)" {
		t.Error("an unknown level has a name")
	}
	got := []string{Deny.String(), Confirm.String(), Allow.String(), Verdict(9).String()}
	if diff := cmp.Diff([]string{"deny", "confirm", "allow", "verdict(9)"}, got); diff != "" {
		t.Error(diff)
	}
}

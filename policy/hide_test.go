package policy

import "testing"

// TestHides hides a tool where a rule denies it to somebody whatever the arguments, and only then.
func TestHides(t *testing.T) {
	for _, test := range []struct {
		when string // of a rule that denies; empty: always
		want bool   // for support
	}{
		{"", true},
		{"true", true},
		{"!('ops' in roles)", true},
		{"'ops' in roles", false},
		{"'support' in roles && person.email == 'sue@example.com' && principal == 'sue'", true},
		{"!('ops' in roles) && contacts > 10", false},
		{"!('ops' in roles) || contacts > 10", true},
		{"contacts > 10", false},
		{"contacts >= 0 || true", true},
		{"'VIP' in targets.tags && !('leads' in roles)", false},
		{"'VIP' in targets.tags && 'leads' in roles", false},
		{"has(set.email)", false},
		{"fields.exists(f, f in protected)", false},
		{"now.hour < 24", false},
		{"now.hour < 24 && 'ops' in roles", false},
		{"workspace == 'prod'", false},
		{"client == 'toy'", true},
		{"tool == 'tag_contacts' && effect == 'write' && mode == 'full'", true},
		{"tool == 'update_contact'", false},
		{"roles[7] == 'x'", true}, // which fails, and that denies
		{"reversible", false},
		{"no condition at all", true},
		{"window.contacts > 5 ? true : true", false}, // not told, which is on the safe side
	} {
		rule := Rule{Name: "r", Then: Deny}
		if test.when != "" {
			rule.When = newCondition(test.when)
		}
		p := &Policy{Mode: ModeFull, Rules: []Rule{rule}, Protected: []string{"email"}}
		r := Request{Tool: "tag_contacts", Effect: Write, Principal: "sue", Roles: []string{"support"},
			Person: Person{Email: "Sue@example.com"}, Client: "toy"}
		if got := p.Hides(r); got != test.want {
			t.Errorf("%q hides it: %t", test.when, got)
		}
		p.Rules[0].Then, p.Rules[0].By = Confirm, LevelUser
		if p.Hides(r) {
			t.Errorf("%q hides what is only asked about", test.when)
		}
		p.Rules[0].Then, p.Rules[0].Tools = Deny, []string{"add_note"}
		if p.Hides(r) {
			t.Errorf("%q hides another tool", test.when)
		}
	}
	destroys := &Policy{Mode: ModeFull, Rules: []Rule{{Name: "r", Then: Deny, When: newCondition("!reversible")}}}
	if !destroys.Hides(Request{Tool: "delete_tag", Effect: Destroy}) {
		t.Error("what destroys can be put back")
	}
	bound := &Policy{Mode: ModeWrite, Toolsets: []string{"tags"}}
	for toolset, want := range map[string]bool{"tags": false, "notes": true} {
		for _, effect := range []Effect{Read, Write} {
			if bound.Hides(Request{Toolset: toolset, Effect: effect}) != want {
				t.Errorf("a %s of %s is hidden: %t", effect, toolset, !want)
			}
		}
	}
	if !bound.Hides(Request{Toolset: "tags", Effect: Destroy}) {
		t.Error("mode write offers what destroys")
	}
}

package policy

import (
	"slices"
	"testing"
)

// TestFor narrows a policy by roles, and leaves it as it is where none narrows it.
func TestFor(t *testing.T) {
	p, err := Parse("team.yaml", []byte(`
mode: full
masked: [email]
roles:
  support: {masked: [phone], mode: write}
  viewers: {masked: [phone, email], mode: read}
rules:
  - {name: a, when: "'leads' in roles || roles.exists(r, r.startsWith('team-'))", then: deny}
  - {name: always, tools: [add_note], then: deny}
`), known)
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []Who{{}, {Roles: []string{"ops"}}, {Mode: ModeFull}} {
		if p.For(who) != p {
			t.Errorf("%+v makes another policy", who)
		}
	}
	for _, test := range []struct {
		who    Who
		mode   Mode
		by     string
		masked []string
	}{
		{Who{Roles: []string{"support"}}, ModeWrite, "of role support", []string{"email", "phone"}},
		{Who{Roles: []string{"viewers", "support"}}, ModeRead, "of role viewers", []string{"email", "phone"}},
		{Who{Roles: []string{"support"}, Mode: ModeRead}, ModeRead, "of the token", []string{"email", "phone"}},
		{Who{Mode: ModeWrite}, ModeWrite, "of the token", []string{"email"}},
	} {
		got := p.For(test.who)
		if got.Mode != test.mode || got.ModeBy != test.by || !slices.Equal(got.Masked, test.masked) ||
			got.Revision != p.Revision {
			t.Errorf("%+v: mode %s %s, masked %v", test.who, got.Mode, got.ModeBy, got.Masked)
		}
	}
	if len(p.Masked) != 1 || p.Mode != ModeFull {
		t.Errorf("the policy itself became mode %s, masked %v", p.Mode, p.Masked)
	}
	p.Rules = append(slices.Clone(p.Rules), Rule{When: newCondition("no roles at all")})
	for role, want := range map[string]bool{"support": true, "leads": true, "team-a": true, "lead": false, "hr": false} {
		if p.Names(role) != want {
			t.Errorf("names %s: %t", role, !want)
		}
	}
}

// TestForLimits takes the narrowest of each limit and what all roles leave of the toolsets.
func TestForLimits(t *testing.T) {
	p := &Policy{Mode: ModeFull, Masked: []string{"email", ""}[:1], Roles: []Role{
		{Name: "a", Mode: ModeFull, Masked: []string{"name"}, Toolsets: []string{"contacts", "tags"},
			Limits: Limits{BulkContacts: 5, InlineUpdates: 50, ContactsPer10m: 7, UnansweredPer10m: 3}},
		{Name: "b", Toolsets: []string{"tags", "notes"},
			Limits: Limits{BulkContacts: 50, InlineUpdates: 5, ContactsPer10m: 70, WaitingChanges: 2, WaitingMegabytes: 3}},
	}}
	p.Limits = Limits{BulkContacts: 10, InlineUpdates: 10, ContactsPer10m: 10, WaitingMegabytes: 4, UnansweredPer10m: 6}
	got := p.For(Who{Roles: []string{"b", "a"}})
	want := Limits{BulkContacts: 5, InlineUpdates: 5, ContactsPer10m: 7, WaitingChanges: 2, WaitingMegabytes: 3,
		UnansweredPer10m: 3}
	if got.Limits != want {
		t.Errorf("limits %+v, want %+v", got.Limits, want)
	}
	if !slices.Equal(got.Toolsets, []string{"tags"}) {
		t.Errorf("toolsets %v", got.Toolsets)
	}
	none := p.For(Who{Roles: []string{"a", "b"}})
	none.Toolsets = []string{}
	for bound, want := range map[*Policy]string{
		got:  "the caller's roles leave only tools of tags",
		none: "the caller's roles leave no set of tools in common",
	} {
		if reason := bound.Decide(Request{Effect: Read, Toolset: "bulk"}).Reasons[0].Text; reason != want {
			t.Errorf("another set is denied: %s, want %s", reason, want)
		}
	}
	if got.Mode != ModeFull || got.ModeBy != "" {
		t.Errorf("a role of the same mode: mode %s %s", got.Mode, got.ModeBy)
	}
	if beyond := p.Masked[:2]; beyond[1] != "" {
		t.Errorf("the policy's own list became %v", beyond)
	}
}

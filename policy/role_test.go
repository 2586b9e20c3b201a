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
	for role, want := range map[string]bool{"support": true, "leads": true, "team-a": true, "lead": false, "hr": false} {
		if p.Names(role) != want {
			t.Errorf("names %s: %t", role, !want)
		}
	}
}

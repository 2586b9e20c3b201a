package policy

import (
	"slices"
	"testing"
)

// TestReads tells what conditions take reading for, and nothing else.
func TestReads(t *testing.T) {
	for when, want := range map[string]Reads{
		"contacts > 1":                        {},
		"'VIP' in targets.tags":               {Tags: true},
		"'acme' in targets.companies":         {Companies: true},
		"has(set.email)":                      {Set: true},
		"workspace == 'w'":                    {Workspace: true},
		"now.hour < 8":                        {Clock: true},
		"now.weekday in ['Sat', 'Sun']":       {Clock: true},
		"now.hour < 8 && 'a' in targets.tags": {Clock: true, Tags: true},
		"no condition at all":                 {},
	} {
		p := &Policy{Rules: []Rule{{Name: "always", Then: Deny}, {When: newCondition(when), Then: Deny}}}
		if got := p.Reads(); got != want {
			t.Errorf("%s: %+v", when, got)
		}
		if got, looks := want.Targets(), want.Tags || want.Companies || want.Set; got != looks {
			t.Errorf("%s: targets are looked at: %t", when, got)
		}
	}
}

// TestWanted tells of everything where a policy names nothing, and of nothing where it names an empty list.
func TestWanted(t *testing.T) {
	for _, test := range []struct{ events, want []string }{
		{nil, noticeEvents}, {[]string{}, []string{}}, {[]string{"failed"}, []string{"failed"}},
	} {
		if got := (Notify{test.events}).Wanted(); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q", test.events, got)
		}
	}
}

package engine

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/change"
)

// TestUnseen leaves alone what shows like what is to be written, and tells why it may be another text, of what is not
// masked; an undo writes whatever is not exactly so.
func TestUnseen(t *testing.T) {
	const maybe, hidden = "it is so already, or holds", "but for hidden characters"
	for name, test := range map[string]struct {
		written, before any
		held            holding
		exact, masked   bool
		writes          bool
		told            string
	}{
		"another":                       {written: "B", before: "A", writes: true},
		"the same":                      {written: "A", before: "A"},
		"a text over nothing":           {written: "A", before: nil, writes: true},
		"a blank over nothing":          {written: " ", before: nil, writes: true},
		"nothing over a blank":          {written: nil, before: " ", writes: true},
		"nothing over nothing":          {written: nil, before: nil},
		"a number over its text":        {written: json.Number("7"), before: "seven", writes: true},
		"what may be escaped":           {written: "R&D", before: "R&amp;D", told: maybe},
		"another over what is escaped":  {written: "B", before: "R&amp;D", writes: true},
		"masked, what may be escaped":   {written: "R&D", before: "R&amp;D", masked: true},
		"what is escaped":               {written: "R&D", before: "R&amp;D", held: asShown},
		"what somebody wrote so":        {written: "R&D", before: "R&amp;D", held: literally, writes: true},
		"the plain text as it is":       {written: "R&D", before: "R&D", held: literally},
		"as escaping makes it":          {written: "R&amp;D", before: "R&D", told: entities},
		"with hidden characters":        {written: "Ann", before: "Ann\u200b", told: hidden},
		"masked, hidden characters":     {written: "Ann", before: "Ann\u200b", masked: true},
		"with blanks around it":         {written: " Ann ", before: "Ann"},
		"an undo, exactly":              {written: "A", before: "A", exact: true},
		"an undo, as escaping makes it": {written: "R&amp;D", before: "R&D", exact: true, writes: true},
		"an undo, hidden characters":    {written: "Ann", before: "Ann\u200b", exact: true, writes: true},
	} {
		told := ""
		p := &Planner{exact: test.exact, Masks: func(string) bool { return test.masked },
			Alike: func(field, why string) { told = field + ": " + why }}
		patch := change.Patch{Set: map[string]any{"name": test.written}}
		left := p.unseen(patch, change.Image{Set: map[string]any{"name": test.before}},
			func(field, given, shown string) holding {
				if field != "name" || given != test.before || shown != test.written {
					t.Errorf("%s: asked of %q, given %q, shown %q", name, field, given, shown)
				}
				return test.held
			})
		if writes := len(left.Set) > 0; writes != test.writes || !writes && left.Set != nil || len(patch.Set) != 1 {
			t.Errorf("%s: writes %v", name, left.Set)
		}
		if !strings.HasPrefix(told, test.told) && !strings.HasPrefix(told, "name: "+test.told) ||
			(told == "") != (test.told == "") {
			t.Errorf("%s: told %q", name, told)
		}
		p.Alike = nil // nobody is told
		p.unseen(patch, change.Image{Set: map[string]any{"name": test.before}},
			func(string, string, string) holding { return test.held })
	}
}

// TestPlannerEscaping asks what is there where Intercom may have escaped it, but of no masked field, nor where nobody
// tells.
func TestPlannerEscaping(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	id := f.user(0).ID
	body, err := contactWrite(map[string]any{"name": "R&amp;D"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.client.Contacts.Update(t.Context(), id, body)
	if err != nil {
		t.Fatal(err)
	}
	patch := change.Patch{Set: map[string]any{"name": "R&D"}}
	for _, test := range []struct {
		tells, masked, asks bool
		outcome             change.Outcome
	}{{true, false, true, change.Pending}, {false, false, false, change.Unchanged},
		{true, true, false, change.Pending}} { // masked fields are always written
		f.words = plain{}
		if test.masked {
			f.words.masked = []string{"name"}
		}
		p := f.planner()
		if test.tells {
			p.Escaping = NewEscaping(f.client)
		}
		f.sandbox.ResetCalls()
		if err := p.Update(t.Context(), &c, patch, ByID); err != nil || p.Items[0].Outcome != test.outcome ||
			(len(f.sandbox.Calls()) > 0) != test.asks {
			t.Errorf("%+v: %+v, %d requests, %v", test, p.Items, len(f.sandbox.Calls()), err)
		}
	}
	acme := f.sandbox.Companies()[0].ID
	var written change.Patch
	written.Set = map[string]any{"name": "R&amp;D"}
	saved := f.applied(change.Item{TargetID: acme, Patch: change.Patch{Op: change.SaveCompany, Set: written.Set}})
	if saved.Status != change.StatusApplied {
		t.Fatal(saved.Status)
	}
	company, err := f.client.Companies.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	for tells, outcome := range map[bool]change.Outcome{true: change.Pending, false: change.Unchanged} {
		p := f.planner()
		if tells {
			p.Escaping = NewEscaping(f.client)
		}
		saving := change.Patch{Op: change.SaveCompany, Set: patch.Set}
		if err := p.Company(t.Context(), &company, "Acme", saving); err != nil || p.Items[0].Outcome != outcome {
			t.Errorf("company, tells %t: %+v, %v", tells, p.Items, err)
		}
	}
	if diff := cmp.Diff(map[string]any{"name": "R&D"}, patch.Set); diff != "" {
		t.Errorf("the patch itself is changed:\n%s", diff)
	}
}

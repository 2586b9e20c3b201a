package engine

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestPlannerUpdate plans what a contact does not show yet, and masked fields whatever it shows.
func TestPlannerUpdate(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	ann := f.user(0)
	c, err := f.client.Contacts.Get(t.Context(), ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	stale := c
	stale.Name = "Renamed" // to a search
	for name, test := range map[string]struct {
		contact *intercom.Contact
		masked  []string
		patch   change.Patch
		from    Source
		want    change.Patch
		outcome change.Outcome
	}{
		"another name": {&c, nil, change.Patch{Set: map[string]any{"name": "Renamed"}}, ByID,
			change.Patch{Set: map[string]any{"name": "Renamed"}}, change.Pending},
		"its own name": {&c, nil, change.Patch{Set: map[string]any{"name": c.Name}}, ByID, change.Patch{},
			change.Unchanged},
		"its own name, masked": {&c, []string{"name"}, change.Patch{Set: map[string]any{"name": c.Name}}, ByID,
			change.Patch{Set: map[string]any{"name": c.Name}}, change.Pending},
		"its name, and a masked": {&c, []string{"phone"}, change.Patch{Set: map[string]any{"name": c.Name}}, ByID,
			change.Patch{}, change.Unchanged},
		"as a search shows it": {&stale, nil, change.Patch{Set: map[string]any{"name": "Renamed"}}, BySearch,
			change.Patch{Set: map[string]any{"name": "Renamed"}}, change.Pending},
		"as a search has it, too": {&c, nil, change.Patch{Set: map[string]any{"name": c.Name}}, BySearch, change.Patch{},
			change.Unchanged},
		"as it was read": {&stale, nil, change.Patch{Set: map[string]any{"name": "Renamed"}}, ByID,
			change.Patch{}, change.Unchanged},
		"another than a search has": {&stale, nil, change.Patch{Set: map[string]any{"name": "Third"}}, BySearch,
			change.Patch{Set: map[string]any{"name": "Third"}}, change.Pending},
	} {
		f.words = plain{masked: test.masked}
		p := f.planner()
		f.sandbox.ResetCalls()
		if err := p.Update(t.Context(), test.contact, test.patch, test.from); err != nil || len(p.Items) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Items[0].Outcome != test.outcome || len(p.Items[0].Before.Set) != 1 {
			t.Errorf("%s: %+v", name, p.Items[0])
		}
		if diff := cmp.Diff(test.want.Set, p.Items[0].Patch.Set); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		doubtful := test.from == BySearch && test.patch.Set["name"] == test.contact.Name // the search may be behind
		if reads := len(f.sandbox.Calls()); (reads > 0) != doubtful {
			t.Errorf("%s: read in %d requests", name, reads)
		}
	}
	f.words = plain{}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden})
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/tags", Status: http.StatusForbidden})
	p := f.planner()
	missing := errors.New("it is missing")
	p.Missing = func(_ error, id string) error {
		if id != c.ID {
			t.Errorf("%s is missing", id)
		}
		return missing
	}
	if err := p.Update(t.Context(), &stale, change.Patch{Set: map[string]any{"name": "Renamed"}},
		BySearch); !errors.Is(err, missing) {
		t.Errorf("unreadable: %v", err)
	}
	c.Tags.HasMore = true
	if err := p.Update(t.Context(), &c, change.Patch{AddTags: refs("1")}, ByID); err == nil || len(p.Items) > 0 {
		t.Errorf("its tags are unreadable: %v", err)
	}
}

// TestPlannerCompany plans what a company does not show yet.
func TestPlannerCompany(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	p := f.planner()
	acme := &intercom.Company{ID: "c1", Name: "Acme", Industry: "Rockets"}
	p.Company(t.Context(), acme, "Acme",
		change.Patch{Op: change.SaveCompany, Set: map[string]any{"name": "Acme", "industry": "Anvils"}})
	p.Company(t.Context(), acme, "Acme", change.Patch{Op: change.SaveCompany, Set: map[string]any{"name": "Acme"}})
	want := []change.Item{
		{TargetID: "c1", Label: "Acme", Patch: change.Patch{Op: change.SaveCompany,
			Set: map[string]any{"industry": "Anvils"}},
			Before: change.Image{Set: map[string]any{"name": "Acme", "industry": "Rockets"}}},
		{TargetID: "c1", Label: "Acme", Patch: change.Patch{Op: change.SaveCompany}, Outcome: change.Unchanged,
			Before: change.Image{Set: map[string]any{"name": "Acme"}}},
	}
	if diff := cmp.Diff(want, p.Items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNotesLike lists the notes that are just like one.
func TestNotesLike(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.note(0, "Called again.")
	id := f.note(0, "<p>Called.</p>")
	note := f.noting(0).Patch.Note
	ids, err := f.planner().NotesLike(t.Context(), f.user(0).ID, note)
	if err != nil || len(ids) != 1 || ids[0] != id {
		t.Errorf("%v, %v", ids, err)
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/notes", Status: http.StatusForbidden})
	if _, err := f.planner().NotesLike(t.Context(), f.user(0).ID, note); err == nil {
		t.Error("notes that cannot be read are read")
	}
}

// TestWhereGone says where a contact went.
func TestWhereGone(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	lead, ann := f.lead().ID, f.user(0).ID
	if _, err := f.client.Contacts.Merge(t.Context(),
		intercom.Merge{From: lead, Into: ann, SkipDuplicateCheck: true}); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{lead: "was merged into " + ann, "63e35680c4f5a586566fffff": isHidden} {
		_, err := f.client.Contacts.Get(t.Context(), id)
		if got := whereGone(err); got != want {
			t.Error(got)
		}
	}
}

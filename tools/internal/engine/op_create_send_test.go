package engine

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// creating is an item that creates a contact with a tag.
func (f *fixture) creating(set map[string]any) change.Item {
	return change.Item{Label: "new", Patch: change.Patch{Op: change.Create, Set: set,
		AddTags: []change.Ref{{ID: f.sandbox.Tags()[0].ID, Name: "VIP"}}}}
}

// alike counts the contacts by a name.
func (f *fixture) alike(name string) (ids []string, tagged int) {
	for _, c := range f.sandbox.Contacts() {
		if c.Name == name {
			ids = append(ids, c.ID)
			tagged += len(c.TagIDs)
		}
	}
	return ids, tagged
}

// TestCreate creates contacts: never twice, and where the answer is lost, found again only by an external_id.
func TestCreate(t *testing.T) {
	keyed := map[string]any{"name": "New One", "external_id": "new-1", "role": "user"}
	mailed := map[string]any{"name": "New One", "email": "new@example.com", "role": "user"}
	none := sandbox.Fault{Method: "PATCH"}
	for name, test := range map[string]struct {
		set    map[string]any
		fault  sandbox.Fault
		want   change.Outcome
		code   toolerr.Code
		there  int
		tagged int
	}{
		"created": {keyed, none, change.Changed, "", 1, 1},
		"took effect": {keyed, sandbox.Fault{Method: "POST", Path: "/contacts", ResetAfter: true}, change.Changed,
			"", 1, 1},
		"took effect, by e-mail": {mailed, sandbox.Fault{Method: "POST", Path: "/contacts", ResetAfter: true},
			change.Unknown, toolerr.OutcomeUnknown, 1, 0},
		"took none": {keyed, sandbox.Fault{Method: "POST", Path: "/contacts", Reset: true}, change.Unknown,
			toolerr.OutcomeUnknown, 0, 0},
		"refused": {keyed, sandbox.Fault{Method: "POST", Path: "/contacts", Status: http.StatusBadRequest},
			change.Failed, toolerr.InvalidArgument, 0, 0},
		"its tag is refused": {keyed, sandbox.Fault{Method: "POST", Path: "/contacts/*/tags",
			Status: http.StatusNotFound}, change.Partly, toolerr.NotFound, 1, 0},
		"it cannot be read back": {keyed, sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden},
			change.Unknown, toolerr.OutcomeUnknown, 1, 1},
		"nobody could be created": {map[string]any{"wings": true}, none, change.Failed, toolerr.Internal, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			f.sandbox.AddFault(test.fault)
			got := f.applied(f.creating(test.set)).Items[0]
			ids, tagged := f.alike("New One")
			if got.Outcome != test.want || got.Code != string(test.code) || len(ids) != test.there || tagged != test.tagged {
				t.Errorf("%d, %d tags: %+v", len(ids), tagged, got)
			}
			if known := test.there == 1 && name != "took effect, by e-mail"; known != (got.Created != "") ||
				got.TargetID != got.Created || known && got.Created != ids[0] {
				t.Errorf("%+v", got)
			}
			if test.want == change.Unknown && got.Facts["check_with"] != "search_contacts" {
				t.Errorf("facts: %v", got.Facts)
			}
		})
	}
}

// TestCreateTaken finds a contact there with the same external_id: when resumed, it is the change's own if it came to
// be since.
func TestCreateTaken(t *testing.T) {
	for name, test := range map[string]struct {
		resumed bool
		began   time.Duration // after it came to be
		lost    bool
		want    change.Outcome
	}{
		"another's":             {false, 0, false, change.Failed},
		"resumed, its own":      {true, 0, false, change.Changed},
		"resumed, another's":    {true, time.Hour, false, change.Failed},
		"answer lost":           {false, 0, true, change.Changed},
		"answer lost, anothers": {false, time.Hour, true, change.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			if _, err := f.client.Contacts.Create(t.Context(), intercom.ContactWrite{Name: intercom.Value("New One"),
				ExternalID: intercom.Value("new-1")}); err != nil {
				t.Fatal(err)
			}
			if test.lost {
				f.sandbox.AddFault(sandbox.Fault{Method: "POST", Path: "/contacts", Reset: true})
			}
			a := f.applier(change.Item{}, f.creating(map[string]any{"name": "New One", "external_id": "new-1"}))
			a.run.resumed, a.change.AppliedAt = test.resumed, time.Now().Add(test.began)
			r := (createContact{}).send(t.Context(), a, 1)
			ids, tagged := f.alike("New One")
			if r.Index != 1 || r.Outcome != test.want || len(ids) != 1 || (tagged == 1) != (test.want == change.Changed) {
				t.Errorf("%d, %d tags: %+v", len(ids), tagged, r)
			}
		})
	}
}

// TestReconcileCreate looks for the contact that an earlier process may have created.
func TestReconcileCreate(t *testing.T) {
	write := func(role, key, email string) *intercom.ContactWrite {
		w := intercom.ContactWrite{Name: intercom.Value("New One"), Role: intercom.Value(role)}
		if key != "" {
			w.ExternalID = intercom.Value(key)
		}
		if email != "" {
			w.Email = intercom.Value(email)
		}
		return &w
	}
	keyed, mailed := map[string]any{"name": "New One", "external_id": "new-1", "role": "user"},
		map[string]any{"name": "New One", "email": "new@example.com"}
	lead := map[string]any{"name": "New One", "role": "lead", "external_id": "new-1"}
	for name, test := range map[string]struct {
		set     map[string]any
		there   *intercom.ContactWrite
		began   time.Duration // after it came to be
		stopped bool
		want    change.Outcome
		sure    bool
		tagged  int
	}{
		"by key":             {keyed, write("user", "new-1", ""), 0, false, change.Changed, true, 1},
		"by key, stopped":    {keyed, write("user", "new-1", ""), 0, true, change.Partly, true, 0},
		"by key, another's":  {keyed, write("user", "new-1", ""), time.Hour, false, change.Pending, true, 0},
		"by key, none":       {keyed, nil, 0, false, change.Pending, true, 0},
		"by e-mail":          {mailed, write("user", "", "new@example.com"), 0, false, change.Changed, true, 1},
		"by e-mail, stopped": {mailed, write("user", "", "new@example.com"), 0, true, change.Partly, true, 0},
		"by e-mail, another's": {mailed, write("user", "", "new@example.com"), time.Hour, false, change.Pending, false,
			0},
		"by e-mail, a lead": {mailed, write("lead", "", "new@example.com"), 0, false, change.Pending, false, 0},
		"by e-mail, none":   {mailed, nil, 0, false, change.Pending, false, 0},
		"of a name alone": {map[string]any{"name": "New One"}, write("user", "", "other@example.com"), 0, false,
			change.Pending, false, 0},
		"a lead":                     {lead, nil, 0, false, change.Unknown, true, 0},
		"a lead, stopped, not found": {lead, nil, 0, true, change.Pending, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			id := ""
			if test.there != nil {
				made, err := f.client.Contacts.Create(t.Context(), *test.there)
				if err != nil {
					t.Fatal(err)
				}
				id = made.ID
			}
			a := f.applier(change.Item{}, f.creating(test.set))
			a.change.AppliedAt = time.Now().Add(test.began)
			if test.stopped {
				a.run.halt.set(cancelled, change.StopRequest{})
			}
			r := (createContact{}).reconcile(t.Context(), a, 1)
			_, tagged := f.alike("New One")
			if r.recorded.Outcome != test.want || (r.unsure == "") != test.sure || tagged != test.tagged {
				t.Errorf("%d tags: %+v", tagged, r)
			}
			f.sandbox.ResetCalls()
			if again := (createContact{}).completeFound(t.Context(), a, 1, id, nil); test.want == change.Changed &&
				(again.Outcome != change.Changed || len(f.writes()) > 0) {
				t.Errorf("done again: %v, %+v", f.writes(), again)
			}
			if found := test.want == change.Changed || test.want == change.Partly; found &&
				(r.recorded.Created != id || r.recorded.TargetID != id) {
				t.Errorf("%+v, want %s", r.recorded, id)
			}
		})
	}
	f := newFixture(t, sandboxOfFew)
	a := f.applier(f.creating(keyed))
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/find_by_external_id/*", Status: http.StatusForbidden})
	if r := (createContact{}).reconcile(t.Context(), a, 0); r.unsure == "" {
		t.Errorf("unreadable: %+v", r)
	}
	if what, err := (createContact{}).drift(t.Context(), a, &a.change.Items[0], seen{}); what != "" || err != nil {
		t.Errorf("drift: %q, %v", what, err)
	}
}

// TestUndoCreate archives who was created, unless others have written to them.
func TestUndoCreate(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	c := f.applied(f.creating(map[string]any{"name": "New One", "external_id": "new-1"}))
	undo, err := f.planUndo(c)
	if err != nil || len(undo.Items) != 1 || undo.Items[0].Patch.Op != change.Archive ||
		undo.Items[0].TargetID != c.Items[0].Created {
		t.Errorf("%+v, %v", undo, err)
	}
	if _, err := f.client.Contacts.Update(t.Context(), c.Items[0].TargetID,
		intercom.ContactWrite{Phone: intercom.Value("+15550100"), Email: intercom.Value("new@example.com")}); err != nil {
		t.Fatal(err)
	}
	undo, err = f.planUndo(c)
	want := "new: was written to since (email, phone) and is left as it is; archive_contacts archives it all the same"
	if err != nil || len(undo.Items) > 0 || !slices.Equal(undo.Conflicts, []string{want}) {
		t.Errorf("%+v, %v", undo, err)
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/*", Status: http.StatusForbidden})
	more, err := f.client.Contacts.Get(t.Context(), c.Items[0].TargetID)
	if err != nil {
		t.Fatal(err)
	}
	more.Tags.HasMore = true
	u := &undoing{client: f.client, words: f.words, planner: f.planner(),
		now: map[string]*intercom.Contact{more.ID: &more}}
	if err := (createContact{}).undo(t.Context(), u, &c.Items[0]); err == nil || len(u.planner.Items) > 0 {
		t.Error("it is archived though its tags cannot be read")
	}
	held, err := f.client.Contacts.Get(t.Context(), c.Items[0].TargetID)
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range []func(c *intercom.Contact){
		func(c *intercom.Contact) { c.Tags.HasMore = true }, func(c *intercom.Contact) { c.Companies.HasMore = true },
	} {
		now := held
		more(&now)
		for _, item := range []change.Item{c.Items[0], {Patch: change.Patch{Op: change.Create}}} {
			if _, err := writtenSince(context.Background(), f.client, &item, &now); err == nil {
				t.Error("it is undone though its links cannot be read")
			}
		}
	}
}

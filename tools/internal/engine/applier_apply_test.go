package engine

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestMaskedOneByOne writes many contacts one by one where what is masked is written: bulk jobs answer for no item.
func TestMaskedOneByOne(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.words = plain{masked: []string{"name"}}
	c := f.applied(f.renamings(12)...)
	if n := change.CountItems(c.Items); n != (change.Count{Changed: 12}) || f.routes()["PUT /contacts/bulk"] > 0 {
		t.Errorf("%+v: %v", n, f.routes())
	}
}

// TestCreatedBefore gives a record that an earlier process created for one item to no other item.
func TestCreatedBefore(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	first := f.creating(map[string]any{"name": "New One", "external_id": "new-1", "role": "user"})
	c := f.interrupted(first, first)
	made := (createContact{}).send(t.Context(), f.applier(first), 0)
	if made.Outcome != change.Changed {
		t.Fatalf("%+v", made)
	}
	if err := f.store.Record(t.Context(), c.ID, []change.Recorded{made}); err != nil {
		t.Fatal(err)
	}
	f.takeOver(f.stored(c.ID))
	if got := f.stored(c.ID).Items; got[0].Outcome != change.Changed || got[1].Outcome != change.Unknown ||
		got[1].Created != "" {
		t.Errorf("%+v", got)
	}
}

// TestUndoIsRecordedFirst records what an undo wrote before its end, which is two steps: what it puts back is undone in
// between.
func TestUndoIsRecordedFirst(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	written := f.applied(f.renaming(0))
	undo, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local",
		Status: change.StatusApproved, CreatedAt: time.Now(), Items: []change.Item{f.renaming(1)}, Undoes: written.ID}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Engine.store = endless{f.store, change.StatusUndone}
	if got := f.finished(undo); got.Status != change.StatusApplying || got.Items[0].Outcome != change.Changed {
		t.Errorf("%s: %+v", got.Status, got.Items)
	}
}

// TestSendsWhatIsLeft sends a second time only what reading back does not show, where the first answer was lost.
func TestSendsWhatIsLeft(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := f.renaming(0)
	item.Patch.AddTags = []change.Ref{{ID: f.sandbox.Tags()[0].ID, Name: "VIP"}}
	f.sandbox.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/*", Reset: true, Times: 1})
	c := f.applied(item)
	routes := f.routes()
	if c.Items[0].Outcome != change.Changed || routes["PUT /contacts/{id}"] != 2 ||
		routes["POST /contacts/{id}/tags"] != 1 {
		t.Errorf("%+v: %v", c.Items[0], routes)
	}
}

// TestLink tells of each tag and company that cannot be linked, and has the names of tags read anew where Intercom does
// not know one.
func TestLink(t *testing.T) {
	for name, test := range map[string]struct {
		patch  change.Patch
		status int // of all links; 0: as it is
		fails  int
		reads  int // of the tags after that
	}{
		"an unknown tag":               {change.Patch{AddTags: refs("99999")}, 0, 1, 1},
		"an unknown tag is taken off":  {change.Patch{RemoveTags: refs("99999")}, 0, 1, 1},
		"a tag that may not be put on": {change.Patch{AddTags: refs("1")}, http.StatusForbidden, 1, 0},
		"each is told": {change.Patch{AddTags: refs("1"), RemoveTags: refs("2")}, http.StatusForbidden, 2,
			0},
		"an unknown company":            {change.Patch{AddCompanies: refs("99999")}, 0, 1, 0},
		"an unknown company is left":    {change.Patch{RemoveCompanies: refs("99999")}, 0, 1, 0},
		"nothing is linked, and nobody": {change.Patch{}, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			a := f.applier(f.renaming(0))
			if _, err := a.lists.Tags.Younger(t.Context(), time.Hour); err != nil {
				t.Fatal(err)
			}
			if test.status != 0 {
				f.sandbox.AddFault(sandbox.Fault{Path: "/contacts/*/tags", Status: test.status})
				f.sandbox.AddFault(sandbox.Fault{Path: "/contacts/*/tags/*", Status: test.status})
			}
			if err := a.link(t.Context(), f.user(0).ID, test.patch); len(failuresOf(err)) != test.fails {
				t.Errorf("%v", err)
			}
			f.sandbox.ResetCalls()
			if _, err := a.lists.Tags.Younger(t.Context(), time.Hour); err != nil || len(f.sandbox.Calls()) != test.reads {
				t.Errorf("the tags are read again in %d requests, %v", len(f.sandbox.Calls()), err)
			}
		})
	}
}

// TestNoteUnread adds a note that cannot be read back: it is unknown, and its id is kept.
func TestNoteUnread(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/notes/*", Status: http.StatusForbidden})
	if got := f.applied(f.noting(0)).Items[0]; got.Outcome != change.Unknown || got.Created == "" {
		t.Errorf("%+v", got)
	}
}

// TestTagUnread creates a tag where the tags cannot be read afterwards: it is unknown.
func TestTagUnread(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/tags", Status: http.StatusForbidden})
	item := change.Item{Label: "New", Patch: change.Patch{Op: change.CreateTag, Set: map[string]any{"name": "New"}}}
	if got := f.applied(item).Items[0]; got.Outcome != change.Unknown {
		t.Errorf("%+v", got)
	}
}

// TestEachIsCutOff cuts off periodic work that is under way when the engine ends.
func TestEachIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{})
		f.each(time.Second, func(ctx context.Context) time.Duration {
			select {
			case <-ctx.Done():
			case <-time.After(time.Hour):
			}
			return time.Second
		})
		time.Sleep(2 * time.Second)
		began := time.Now()
		if f.Close(t.Context()); time.Since(began) > 0 {
			t.Errorf("it ends after %v", time.Since(began))
		}
	})
}

// TestWrites counts the requests that a patch is sent as.
func TestWrites(t *testing.T) {
	patch := change.Patch{AddTags: refs("1"), RemoveTags: refs("2", "3"), AddCompanies: refs("4"),
		RemoveCompanies: refs("5", "6", "7")}
	if n := writes(patch); n != 7 {
		t.Errorf("links: %d", n)
	}
	if patch.Set = map[string]any{"name": "B", "phone": nil}; writes(patch) != 8 {
		t.Errorf("links and fields: %d", writes(patch))
	}
}

// TestAnswered tells an answer that could not be used from none.
func TestAnswered(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	for name, test := range map[string]struct {
		fault sandbox.Fault
		want  bool
	}{
		"cut short":       {sandbox.Fault{Truncate: true}, true},
		"connection lost": {sandbox.Fault{ResetAfter: true}, false},
		"refused":         {sandbox.Fault{Status: http.StatusBadRequest}, false},
		"bad gateway":     {sandbox.Fault{Status: http.StatusBadGateway}, false},
	} {
		test.fault.Method, test.fault.Path, test.fault.Times = "POST", "/contacts", 1
		f.sandbox.AddFault(test.fault)
		_, err := f.client.Contacts.Create(t.Context(), intercom.ContactWrite{Role: intercom.Value("user"),
			ExternalID: intercom.Value(name)})
		if err == nil || answered(err) != test.want {
			t.Errorf("%s: %t, %v", name, answered(err), err)
		}
		if lost := strings.HasPrefix(unknownCreation(0, err).Reason,
			"the connection broke"); lost != (name == "connection lost") {
			t.Errorf("%s: %s", name, unknownCreation(0, err).Reason)
		}
	}
}

// TestAnsweredOtherwise leaves what is known out: an answer that refuses is none of doubt, whatever its status.
func TestAnsweredOtherwise(t *testing.T) {
	if err := upstream(http.StatusOK, "refused"); answered(err) {
		t.Errorf("%v counts as done", err)
	}
}

// TestCheckMasked looks at masked fields as applying does once a person has said yes, and writes nothing of the change.
func TestCheckMasked(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.words = plain{masked: []string{"name"}}
	item := f.renaming(0)
	item.Before.Set["name"] = "Another"
	c := f.planned(item)
	for level, want := range map[policy.Level]int{policy.LevelUser: 1, policy.LevelAgent: 0} {
		c.Level = level
		if moved, err := f.Check(t.Context(), c); err != nil || len(moved) != want || c.Approval != nil {
			t.Errorf("%v: %v, %v", level, moved, err)
		}
	}
}

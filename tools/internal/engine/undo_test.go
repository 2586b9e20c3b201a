package engine

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// TestMayBeWritten tells which outcomes an undo looks at: whatever was sent.
func TestMayBeWritten(t *testing.T) {
	for outcome, want := range map[change.Outcome]bool{
		change.Pending: false, change.Unchanged: false, change.NotSent: false,
		change.Changed: true, change.Partly: true, change.Failed: true, change.Unknown: true,
	} {
		for id, there := range map[string]bool{"5f": true, "": false} {
			item := change.Item{TargetID: id, Outcome: outcome}
			if got := mayBeWritten(&item); got != (want && there) {
				t.Errorf("%s of %q: %t", outcome, id, got)
			}
			if got := MayBeWritten(&change.Change{Items: []change.Item{{}, item}}); got != (want && there) {
				t.Errorf("a change with %s of %q: %t", outcome, id, got)
			}
		}
	}
}

// TestReverse puts back what still holds what was written, and names what does not.
func TestReverse(t *testing.T) {
	for name, test := range map[string]struct {
		item      change.Item
		now       any
		masked    bool
		puts      map[string]any
		conflicts []string
	}{
		"written": {change.Item{Outcome: change.Changed}, "B", false, map[string]any{"name": "A"},
			nil},
		"written as Intercom keeps it": {change.Item{Outcome: change.Changed}, " B ", false, map[string]any{"name": "A"},
			nil},
		"never written": {change.Item{Outcome: change.Failed}, "A", false, map[string]any{}, nil},
		"changed since": {change.Item{Outcome: change.Changed}, "C", false, map[string]any{},
			[]string{"name was changed to C since"}},
		"failed, and yet written": {change.Item{Outcome: change.Failed}, "B", false, map[string]any{"name": "A"}, nil},
		"a part that is missing": {change.Item{Outcome: change.Partly, Missing: []string{"name"}}, "B", false,
			map[string]any{}, nil},
		"a part that may have come about late": {change.Item{Outcome: change.Partly, Missing: []string{"name"},
			Failure: change.Failure{Code: string(toolerr.OutcomeUnknown)}}, "B", false, map[string]any{"name": "A"}, nil},
		"masked, written":          {change.Item{Outcome: change.Changed}, "B", true, map[string]any{"name": "A"}, nil},
		"masked, changed since":    {change.Item{Outcome: change.Changed}, "C", true, map[string]any{"name": "A"}, nil},
		"masked, put back already": {change.Item{Outcome: change.Changed}, "A", true, map[string]any{"name": "A"}, nil},
		"masked, failed":           {change.Item{Outcome: change.Failed}, "C", true, map[string]any{}, nil},
		"masked, a part that is missing": {change.Item{Outcome: change.Partly, Missing: []string{"name"}}, "C", true,
			map[string]any{}, nil},
	} {
		u := &undoing{words: plain{}}
		if test.masked {
			u.words = plain{masked: []string{"name"}}
		}
		test.item.Patch.Set, test.item.Before.Set = map[string]any{"name": "B"}, map[string]any{"name": "A"}
		patch, conflicts := u.reverse(&test.item, change.Image{Set: map[string]any{"name": test.now}})
		if diff := cmp.Diff(test.puts, patch.Set); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !slices.Equal(conflicts, test.conflicts) {
			t.Errorf("%s: %q", name, conflicts)
		}
	}
}

// TestReverseLinks takes off what was put on and is there, and the other way round; and keeps what a patch's dates are.
func TestReverseLinks(t *testing.T) {
	item := &change.Item{Patch: change.Patch{Op: change.SaveCompany, Dates: []string{"custom_attributes.day"},
		Set:     map[string]any{"custom_attributes.day": json.Number("90000")},
		AddTags: refs("1", "2"), RemoveTags: refs("3", "4"), AddCompanies: refs("5", "6"), RemoveCompanies: refs("7", "8")}}
	now := change.Image{Set: map[string]any{"custom_attributes.day": json.Number("86400")}, Tags: []string{"1", "3"},
		Companies: []string{"5", "7"}}
	want := change.Patch{Op: change.SaveCompany, Dates: item.Patch.Dates,
		Set:        map[string]any{"custom_attributes.day": nil},
		RemoveTags: refs("1"), AddTags: refs("4"), RemoveCompanies: refs("5"), AddCompanies: refs("8")}
	patch, conflicts := (&undoing{words: plain{}}).reverse(item, now)
	if diff := cmp.Diff(want, patch); diff != "" || len(conflicts) > 0 {
		t.Errorf("%q (-want +got):\n%s", conflicts, diff)
	}
}

// TestReverseRole cannot make a lead of a user again.
func TestReverseRole(t *testing.T) {
	u := &undoing{words: plain{}}
	for _, test := range []struct {
		written, now any
		puts         bool
		conflicts    []string
	}{
		{"user", "user", false, []string{"a user cannot become a lead again"}},
		{"user", "lead", false, nil},
		{"lead", "lead", true, nil},
		{"lead", "user", false, nil},
	} {
		item := &change.Item{Outcome: change.Changed, Patch: change.Patch{Set: map[string]any{"role": test.written}},
			Before: change.Image{Set: map[string]any{"role": "lead"}}}
		if test.written == "lead" {
			item.Before.Set["role"] = "user"
		}
		patch, conflicts := u.reverse(item, change.Image{Set: map[string]any{"role": test.now}})
		if (len(patch.Set) > 0) != test.puts || !slices.Equal(conflicts, test.conflicts) {
			t.Errorf("%+v: %+v %q", test, patch, conflicts)
		}
	}
}

// planUndo plans the reverse of a change.
func (f *fixture) planUndo(c change.Change) (Undo, error) {
	f.t.Helper()
	return PlanUndo(f.t.Context(), f.planner(), f.words, &c)
}

// planner is a planner of which nothing is masked but what the words mask.
func (f *fixture) planner() *Planner {
	return &Planner{Client: f.client, Masks: f.words.Masks, Missing: func(err error, _ string) error { return err },
		Item: func(c *intercom.Contact, p change.Patch) change.Item {
			return change.Item{TargetID: c.ID, Label: c.Email, Patch: p}
		}}
}

// TestPlanUndo plans the reverse of each operation that cannot be put back: each says why, unless it failed.
func TestPlanUndo(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	for op, want := range map[change.Operation]string{
		change.AddNote:       "Intercom cannot delete notes",
		change.Delete:        "Intercom cannot bring back who was deleted",
		change.Block:         "Intercom offers no way to unblock a contact through its API",
		change.Merge:         "Intercom cannot take a merge apart",
		change.CreateCompany: "a company that was created is not deleted",
		change.DeleteCompany: "Intercom offers no way to bring a deleted company back",
		change.DeleteTag:     "Intercom does not record who had the tag",
	} {
		item := change.Item{TargetID: f.user(0).ID, Label: "Ann", Outcome: change.Changed, Patch: change.Patch{Op: op}}
		undo, err := f.planUndo(change.Change{Items: []change.Item{item}})
		if err != nil || len(undo.Items) > 0 || !slices.Equal(undo.Conflicts, []string{"Ann: " + want}) {
			t.Errorf("%s: %+v, %v", op, undo, err)
		}
		item.Outcome = change.Failed
		undo, err = f.planUndo(change.Change{Items: []change.Item{item}})
		if failsSilently := op != change.AddNote && op != change.CreateCompany; err != nil ||
			(len(undo.Conflicts) == 0) != failsSilently {
			t.Errorf("%s failed: %+v, %v", op, undo, err)
		}
		item.Outcome = change.NotSent
		if undo, err = f.planUndo(change.Change{Items: []change.Item{item}}); err != nil ||
			len(undo.Conflicts)+len(undo.Items) > 0 {
			t.Errorf("%s not sent: %+v, %v", op, undo, err)
		}
	}
}

// TestUndoGone plans the reverse for contacts who are gone, which counts where something was written.
func TestUndoGone(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := f.renaming(0)
	item.Label = "Ann"
	if err := f.client.Contacts.Delete(t.Context(), item.TargetID); err != nil {
		t.Fatal(err)
	}
	gone := []string{"Ann: is archived or deleted; if archived, bring them back first: unarchive_contacts " +
		item.TargetID}
	for outcome, want := range map[change.Outcome][]string{change.Changed: gone, change.Unknown: gone,
		change.Failed: nil} {
		item.Outcome = outcome
		undo, err := f.planUndo(change.Change{Items: []change.Item{item}})
		if err != nil || !slices.Equal(undo.Conflicts, want) || len(undo.Items)+len(undo.SideEffects) > 0 {
			t.Errorf("%s: %+v, %v", outcome, undo, err)
		}
	}
}

// TestUndoArchived brings back who is archived still, and archives who was brought back and not written to.
func TestUndoArchived(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	lead, ann, bob := f.lead(), f.user(0), f.user(1)
	item := func(id string, op change.Operation, outcome change.Outcome) change.Item {
		return change.Item{TargetID: id, Label: "X", LabelField: "name", Outcome: outcome, Patch: change.Patch{Op: op}}
	}
	if err := f.client.Contacts.Archive(t.Context(), ann.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := f.client.Contacts.Merge(t.Context(), intercom.Merge{From: lead.ID, Into: bob.ID,
		SkipDuplicateCheck: true}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	fresh, err := f.client.Contacts.Get(t.Context(), bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		item      change.Item
		ended     time.Time
		puts      change.Operation
		conflicts []string
	}{
		"archived":           {item(ann.ID, change.Archive, change.Changed), now, change.Unarchive, nil},
		"archived after all": {item(ann.ID, change.Archive, change.Failed), now, change.Unarchive, nil},
		"not archived any more": {item(bob.ID, change.Archive, change.Changed), now, "",
			[]string{"X: is not archived any more"}},
		"never archived": {item(bob.ID, change.Archive, change.Failed), now, "", nil},
		"merged since": {item(lead.ID, change.Archive, change.Changed), now, "",
			[]string{"X: was merged into " + bob.ID}},
		"unarchived": {item(bob.ID, change.Unarchive, change.Changed),
			fresh.UpdatedAt.Time().Add(-ownWrites), change.Archive, nil},
		"unarchived, and written to": {item(bob.ID, change.Unarchive, change.Changed),
			fresh.UpdatedAt.Time().Add(-ownWrites - time.Second), "",
			[]string{"X: was written to since, and is left as it is; archive_contacts archives it all the same"}},
		"unarchived, and gone": {item(ann.ID, change.Unarchive, change.Changed), now, "",
			[]string{"X: is archived or deleted; if archived, bring them back first: unarchive_contacts " + ann.ID}},
		"unarchived, merged since": {item(lead.ID, change.Unarchive, change.Changed), now, "",
			[]string{"X: was merged into " + bob.ID}},
		"never unarchived, and so on": {item(ann.ID, change.Unarchive, change.Failed), now, "", nil},
	} {
		undo, err := f.planUndo(change.Change{EndedAt: test.ended, Items: []change.Item{test.item}})
		if err != nil || !slices.Equal(undo.Conflicts, test.conflicts) {
			t.Errorf("%s: %+v, %v", name, undo, err)
		}
		var want []change.Item
		if test.puts != "" {
			want = []change.Item{{TargetID: test.item.TargetID, Label: "X", LabelField: "name",
				Patch: change.Patch{Op: test.puts}}}
		}
		if diff := cmp.Diff(want, undo.Items); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden})
	for _, op := range []change.Operation{change.Archive, change.Unarchive, change.Update, change.Create} {
		if _, err := f.planUndo(change.Change{Items: []change.Item{item(bob.ID, op, change.Changed)}}); err == nil {
			t.Errorf("%s is undone of whom nobody can read", op)
		}
	}
}

// TestUndoUpdate puts back an update, from what a search shows and, where that is in the way, from what is so.
func TestUndoUpdate(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := f.renaming(0)
	c := f.applied(item)
	undo, err := f.planUndo(c)
	if err != nil || len(undo.Conflicts)+len(undo.SideEffects) > 0 || undo.Noun != "" {
		t.Errorf("%+v, %v", undo, err)
	}
	want := []change.Item{{TargetID: item.TargetID, Label: item.Label, Patch: change.Patch{Set: item.Before.Set},
		Before: change.Image{Set: map[string]any{"name": "Renamed"}}}}
	if diff := cmp.Diff(want, undo.Items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	old, err := f.client.Contacts.Get(t.Context(), item.TargetID)
	if err != nil {
		t.Fatal(err)
	}
	old.Name = "Shown by a Search"
	for searched, puts := range map[bool]int{false: 0, true: 1} {
		u := &undoing{client: f.client, words: f.words, planner: f.planner(), searched: searched,
			now: map[string]*intercom.Contact{item.TargetID: &old}}
		if err := (updateContact{}).undo(t.Context(), u, &c.Items[0]); err != nil || len(u.planner.Items) != puts ||
			len(u.plan.Conflicts) != 1-puts {
			t.Errorf("searched %t: %+v, %+v, %v", searched, u.planner.Items, u.plan, err)
		}
		if searched && u.planner.Items[0].Before.Set["name"] != "Renamed" {
			t.Errorf("planned by what a search shows: %+v", u.planner.Items[0])
		}
	}
}

// TestUndoShown reads nobody again of whom a search shows all that was written.
func TestUndoShown(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	c := f.applied(f.renaming(0))
	shown, err := f.client.Contacts.Get(t.Context(), c.Items[0].TargetID)
	if err != nil {
		t.Fatal(err)
	}
	f.sandbox.ResetCalls()
	u := &undoing{client: f.client, words: f.words, planner: f.planner(), searched: true,
		now: map[string]*intercom.Contact{shown.ID: &shown}}
	if err := (updateContact{}).undo(t.Context(), u, &c.Items[0]); err != nil || len(u.planner.Items) != 1 ||
		len(f.sandbox.Calls()) > 0 {
		t.Errorf("%+v in %d requests, %v", u.planner.Items, len(f.sandbox.Calls()), err)
	}
}

// TestUndoNothing reads nobody to whom nothing was written.
func TestUndoNothing(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	items := f.renamings(3)
	items[0].Outcome, items[1].Outcome = change.NotSent, change.Unchanged
	if undo, err := f.planUndo(change.Change{Items: items}); err != nil || len(undo.Items)+len(undo.Conflicts) > 0 ||
		len(f.sandbox.Calls()) > 0 {
		t.Errorf("%+v, %v", undo, err)
	}
}

// TestUndoMany compares by search, which it says.
func TestUndoMany(t *testing.T) {
	f := newFixture(t, sandbox.Options{Contacts: 300})
	items := f.renamings(101)
	for i := range items {
		items[i].Outcome = change.Failed
	}
	for n, effects := range map[int]int{100: 0, 101: 1} {
		undo, err := PlanUndo(context.Background(), f.planner(), f.words, &change.Change{Items: items[:n]})
		if err != nil || len(undo.SideEffects) != effects || len(undo.Items)+len(undo.Conflicts) > 0 {
			t.Errorf("%d: %q, %v", n, undo.SideEffects, err)
		}
		if effects > 0 &&
			!strings.HasPrefix(undo.SideEffects[0], "More than 100 contacts are compared by Intercom's search: ") {
			t.Error(undo.SideEffects)
		}
	}
}

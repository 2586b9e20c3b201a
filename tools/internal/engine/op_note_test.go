package engine

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// note adds a note to the i-th user by hand, and returns its id.
func (f *fixture) note(i int, body string) string {
	f.t.Helper()
	admin, _, _ := f.sandbox.Admin()
	n, err := f.client.Notes.AddToContact(f.t.Context(), f.user(i).ID, intercom.NoteWrite{Body: body, AdminID: admin})
	if err != nil {
		f.t.Fatal(err)
	}
	return n.ID
}

// called lists the ids of a contact's notes of a call.
func (f *fixture) called(contact string) []string {
	var ids []string
	for _, n := range f.sandbox.Notes(contact) {
		if strings.Contains(n.Body, "Called.") {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

// noting is an item that adds a note to the i-th user.
func (f *fixture) noting(i int, before ...string) change.Item {
	admin, _, _ := f.sandbox.Admin()
	return change.Item{TargetID: f.user(i).ID, Label: "Ann",
		Patch:  change.Patch{Op: change.AddNote, Note: &change.Note{Body: "Called.", Admin: admin}},
		Before: change.Image{Notes: before}}
}

// TestFindNote looks for the note of an interrupted change: the one just like it that is new, and that no other change
// has written.
func TestFindNote(t *testing.T) {
	const mine, nobody, alike = "mine", "", "alike"
	for name, test := range map[string]struct {
		waited time.Duration // between plan and start
		notes  func(f *fixture) (own string)
		since  time.Duration // of the start, when it is looked for
		want   string
	}{
		"none":               {0, func(*fixture) string { return "" }, 0, nobody},
		"one":                {0, func(f *fixture) string { return f.note(0, "Called.") }, 0, mine},
		"of another text":    {0, func(f *fixture) string { return f.note(0, "Called again.") }, 0, nobody},
		"of another contact": {0, func(f *fixture) string { return f.note(1, "Called.") }, 0, nobody},
		"one that was there": {0, func(f *fixture) string { return f.note(0, "Called.") }, -1, nobody},
		"two": {0, func(f *fixture) string { f.note(0, "Called."); return f.note(0, "Called.") }, 0,
			alike},
		"a plan of long ago": {time.Minute, func(f *fixture) string { return f.note(0, "Called.") }, 0, mine},
		"of just before": {time.Minute, func(f *fixture) string { return f.note(0, "Called.") }, 30 * time.Second,
			alike},
		"of just before, planned": {0, func(f *fixture) string { return f.note(0, "Called.") }, 30 * time.Second, mine},
		"a plan that holds": {planHolds, func(f *fixture) string { return f.note(0, "Called.") }, 30 * time.Second,
			mine},
		"of the very second": {time.Minute, func(f *fixture) string { return f.note(0, "Called.") }, 900 * time.Millisecond,
			mine},
		"of long before": {time.Minute, func(f *fixture) string { return f.note(0, "Called.") }, 62 * time.Second, nobody},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, sandboxOfFew)
				f.note(1, "Called.")
				item := f.noting(0)
				if test.since < 0 {
					item.Before.Notes = []string{f.note(0, "Called.")}
				}
				a := f.applier(item)
				a.change.CreatedAt = time.Now().Add(-test.waited)
				own := ""
				if test.since >= 0 {
					own = test.notes(f)
				}
				since := time.Now().Add(test.since)
				a.change.CreatedAt = since.Add(-test.waited)
				id, err := findNote(t.Context(), a, &a.change.Items[0], since)
				switch test.want {
				case mine:
					if id != own || err != nil {
						t.Errorf("%q, %v, want %q", id, err, own)
					}
				case alike:
					if id != "" || !errors.Is(err, errAlike) {
						t.Errorf("%q, %v", id, err)
					}
				default:
					if id != "" || err != nil {
						t.Errorf("%q, %v", id, err)
					}
				}
			})
		})
	}
}

// TestFindNoteOfOthers looks for a note where other changes write the same: theirs is not taken, and where they may
// have written one that they do not know of, nobody can tell.
func TestFindNoteOfOthers(t *testing.T) {
	for name, test := range map[string]struct {
		other func(f *fixture, note string)
		want  error
		finds bool
	}{
		"nobody else":              {func(*fixture, string) {}, nil, true},
		"another has written it":   {func(f *fixture, note string) { f.otherNote(note, change.StatusApplied) }, nil, false},
		"another wrote another":    {func(f *fixture, _ string) { f.otherNote("77", change.StatusApplied) }, nil, true},
		"another is writing":       {func(f *fixture, _ string) { f.otherNote("", change.StatusApplying) }, errAlike, false},
		"another does not know":    {func(f *fixture, _ string) { f.otherNote("", change.StatusUnknown) }, errAlike, false},
		"another failed":           {func(f *fixture, _ string) { f.otherNote("", change.StatusFailed) }, nil, true},
		"another, and a part more": {func(f *fixture, _ string) { f.otherNote("77", change.StatusApplying) }, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			a := f.applier(f.noting(0))
			note := f.note(0, "Called.")
			test.other(f, note)
			id, err := findNote(t.Context(), a, &a.change.Items[0], a.change.AppliedAt)
			if !errors.Is(err, test.want) || test.finds && id != note || !test.finds && id != "" {
				t.Errorf("%q, %v", id, err)
			}
		})
	}
	f := newFixture(t, sandboxOfFew)
	a := f.applier(f.noting(0))
	f.note(0, "Called.")
	f.otherNote("77", change.StatusApplied)
	for _, store := range []change.Store{unlisted{f.store}, unread{f.store}} {
		a.store = store
		if id, err := findNote(t.Context(), a, &a.change.Items[0], a.change.AppliedAt); id != "" ||
			!errors.Is(err, change.ErrUnavailable) {
			t.Errorf("other changes cannot be read: %q, %v", id, err)
		}
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/notes", Status: http.StatusForbidden})
	if _, err := findNote(t.Context(), a, &a.change.Items[0], a.change.AppliedAt); err == nil {
		t.Error("notes that cannot be read are read")
	}
}

// unlisted is a store that lists no changes, and unread one that reads none.
type (
	unlisted struct{ change.Store }
	unread   struct{ change.Store }
)

func (unlisted) List(context.Context, string, change.Query) ([]change.Summary, error) {
	return nil, change.ErrUnavailable
}

func (unread) Get(context.Context, string, string) (change.Change, error) {
	return change.Change{}, change.ErrUnavailable
}

// otherNote is another change that writes the same note, which it knows of or not.
func (f *fixture) otherNote(note string, status change.Status) {
	f.t.Helper()
	c := f.interrupted(f.noting(0))
	if note != "" {
		if err := f.store.Record(f.t.Context(), c.ID,
			[]change.Recorded{{Outcome: change.Changed, Created: note}}); err != nil {
			f.t.Fatal(err)
		}
	}
	if status != change.StatusApplying {
		if _, err := f.store.Advance(f.t.Context(), c.ID, change.Step{To: status, At: time.Now()}); err != nil {
			f.t.Fatal(err)
		}
	}
}

// TestNoteFound tells what became of a note that was looked for.
func TestNoteFound(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	a := f.applier(change.Item{}, f.noting(0))
	for _, test := range []struct {
		id     string
		err    error
		want   change.Outcome
		reason string
	}{
		{"7", nil, change.Changed, ""},
		{"", nil, change.Unknown, "reading back does not show it. Check with list_notes before repeating it."},
		{"", errAlike, change.Unknown, errAlike.Error() + ". Check with list_notes before repeating it."},
		{"", upstream(http.StatusBadRequest, "bad"), change.Unknown,
			"it may be there: it could not be read back: bad. Check with list_notes before repeating it."},
	} {
		r := (addNote{}).found(t.Context(), a, 1, test.id, test.err)
		if r.Index != 1 || r.Created != test.id || r.Outcome != test.want || r.Reason != test.reason || test.reason != "" &&
			r.Facts["check_with"] != "list_notes" {
			t.Errorf("%q, %v: %+v", test.id, test.err, r)
		}
	}
}

// TestAddNote writes notes, one whose answer is lost too, which is not sent again; resumed, it looks for it first.
func TestAddNote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandboxOfFew)
		c := f.applied(f.noting(0))
		if got := c.Items[0]; got.Outcome != change.Changed || !slices.Equal(f.called(got.TargetID), []string{got.Created}) {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Hour)
		remove := f.sandbox.AddFault(sandbox.Fault{Method: "POST", Path: "/contacts/*/notes", ResetAfter: true})
		c = f.applied(f.noting(1))
		if got := c.Items[0]; got.Outcome != change.Changed || !slices.Equal(f.called(got.TargetID), []string{got.Created}) {
			t.Errorf("answer lost: %+v", got)
		}
		remove()
		item := f.noting(2)
		item.Patch.Note.Admin = "1"
		if c = f.applied(item); c.Status != change.StatusFailed {
			t.Errorf("refused: %+v", c.Items[0])
		}
		a := f.applier(f.noting(3))
		if r := (addNote{}).reconcile(t.Context(), a, 0); r.unsure != "" || r.recorded.Outcome != change.Pending {
			t.Errorf("not sent: %+v", r)
		}
		id := f.note(3, "Called.")
		if r := (addNote{}).reconcile(t.Context(), a, 0); r.recorded.Outcome != change.Changed || r.recorded.Created != id {
			t.Errorf("sent: %+v", r)
		}
	})
}

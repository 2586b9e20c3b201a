package tools

import (
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// noting is an item that adds a note to the first user, planned by the notes
// that are there.
func noting(t *testing.T, w *world) change.Item {
	t.Helper()
	admin, _, _ := w.sandbox.Admin()
	item := change.Item{TargetID: w.user(0).ID,
		Patch: change.Patch{Note: &change.Note{Body: "<p>Called back.</p>", Admin: admin}}}
	for _, n := range w.sandbox.Notes(item.TargetID) {
		item.Before.Notes = append(item.Before.Notes, n.ID)
	}
	return item
}

// noted has somebody add the note of such an item, and returns its id.
func noted(t *testing.T, w *world, item change.Item) string {
	t.Helper()
	n, err := w.client.Notes.AddToContact(t.Context(), item.TargetID, intercom.NoteWrite{Body: item.Patch.Note.Body,
		AdminID: item.Patch.Note.Admin})
	if err != nil {
		t.Fatal(err)
	}
	return n.ID
}

// noteCases are what may happen around a note whose process died.
var noteCases = map[string]struct {
	before  func(t *testing.T, w *world)                                       // the plan
	waited  time.Duration                                                      // for the confirmation
	waiting func(t *testing.T, w *world, item change.Item)                     // meanwhile
	died    func(t *testing.T, w *world, store *sqlite.Store, c change.Change) // the work has begun
	outcome change.Outcome
	sent    int
}{
	"not sent, though there is an older one": {
		before:  func(t *testing.T, w *world) { noted(t, w, noting(t, w)); time.Sleep(30 * time.Second) },
		outcome: change.Changed, sent: 1,
	},
	"sent": {
		died:    func(t *testing.T, w *world, _ *sqlite.Store, c change.Change) { noted(t, w, c.Items[0]) },
		outcome: change.Changed,
	},
	"sent, and there is an older one": {
		before:  func(t *testing.T, w *world) { noted(t, w, noting(t, w)) },
		died:    func(t *testing.T, w *world, _ *sqlite.Store, c change.Change) { noted(t, w, c.Items[0]) },
		outcome: change.Changed,
	},
	"sent after a wait": {
		waited:  10 * time.Minute,
		died:    func(t *testing.T, w *world, _ *sqlite.Store, c change.Change) { noted(t, w, c.Items[0]) },
		outcome: change.Changed,
	},
	"two are there": {
		died: func(t *testing.T, w *world, _ *sqlite.Store, c change.Change) {
			noted(t, w, c.Items[0])
			noted(t, w, c.Items[0])
		},
		outcome: change.Unknown,
	},
	"one came while it waited": {
		waited:  10 * time.Minute,
		waiting: func(t *testing.T, w *world, item change.Item) { noted(t, w, item); time.Sleep(30 * time.Second) },
		outcome: change.Unknown,
	},
	"one came long before the yes": {
		waited:  10 * time.Minute,
		waiting: func(t *testing.T, w *world, item change.Item) { noted(t, w, item); time.Sleep(5 * time.Minute) },
		outcome: change.Changed, sent: 1,
	},
	"another change wrote it": {
		died: func(t *testing.T, w *world, store *sqlite.Store, c change.Change) {
			written := begunNote(t, store, c)
			if err := store.Record(t.Context(), written,
				[]change.Recorded{{Outcome: change.Changed, Created: noted(t, w, c.Items[0])}}); err != nil {
				t.Fatal(err)
			}
		},
		outcome: change.Changed, sent: 1,
	},
	"another change may have written it": {
		died: func(t *testing.T, w *world, store *sqlite.Store, c change.Change) {
			begunNote(t, store, c)
			noted(t, w, c.Items[0])
		},
		outcome: change.Unknown,
	},
}

// begunNote records a change like another one, whose work has begun.
func begunNote(t *testing.T, store *sqlite.Store, c change.Change) string {
	t.Helper()
	c.ID, c.Status = change.NewID(), change.StatusApproved
	if _, err := store.Create(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Advance(t.Context(), c.ID, change.Step{To: change.StatusApplying, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return c.ID
}

// TestResumeNote resumes the writing of a note. It is not written twice, none is
// taken for it that is not, and what nobody can tell is unknown.
func TestResumeNote(t *testing.T) {
	t.Parallel()
	for name, tt := range noteCases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, store := auditedWorld(t)
				if tt.before != nil {
					tt.before(t, w)
				}
				item, planned := noting(t, w), time.Now()
				time.Sleep(tt.waited)
				if tt.waiting != nil {
					tt.waiting(t, w, item)
				}
				c := leaveSince(t, store.Path(), planned, true, item)
				time.Sleep(time.Second)
				if tt.died != nil {
					tt.died(t, w, store, c)
				}
				time.Sleep(10 * time.Second)
				w.sandbox.ResetCalls()
				after := w.resumed(c.ID)
				item = after.Items[0]
				if item.Outcome != tt.outcome || (item.Outcome == change.Changed) != (item.Created != "") {
					t.Errorf("it is %s, %q: %s", item.Outcome, item.Created, item.Reason)
				}
				if sent := w.writes(); len(sent) != tt.sent {
					t.Errorf("sent: %v", sent)
				}
			})
		})
	}
}

// TestNotePlan plans a note by the notes just like it.
func TestNotePlan(t *testing.T) {
	w := newWorld(t)
	note := object{"contact": w.user(0).ID, "body": "Called back.", "allow_duplicate": true}
	first := w.do("add_note", note)
	w.do("add_note", object{"contact": w.user(0).ID, "body": "Something else."})
	second := w.do("add_note", note)
	c, err := w.store.Get(t.Context(), "local", second["change"].(string))
	if err != nil || len(c.Items[0].Before.Notes) != 1 || c.Items[0].Before.Notes[0] != first["created"] {
		t.Errorf("%+v, %v; want %v", c.Items[0].Before, err, first["created"])
	}
}

package tools

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy/change"
)

// TestUndosAddUp undoes twelve changes of ten contacts each at once, and undoes the undos: both count like other
// writes.
func TestUndosAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onSlowStore)
		before := w.sandbox.Snapshot()
		handles := make([]any, 12)
		for i := range handles {
			handles[i] = w.agreed("bulk_update_contacts", rename(w.people(10*i, 10), "X"))["change"]
		}
		renamed := w.sandbox.Snapshot()
		time.Sleep(change.Window + time.Minute)
		undone := w.undoAtOnce(handles)
		if w.renamed("X") != 100 {
			t.Errorf("%d contacts keep the name", w.renamed("X"))
		}
		time.Sleep(change.DeclineHolds + time.Minute)
		for _, handle := range handles {
			if status := w.status(handle.(string)); status == "applied" {
				undone = append(undone, w.agreed("undo_change", object{"change": handle})["change"])
			}
		}
		w.restored(before)
		time.Sleep(change.Window + time.Minute)
		again := w.undoAtOnce(undone)
		if w.renamed("X") != 20 || len(again) != 2 {
			t.Errorf("%d contacts have the name again", w.renamed("X"))
		}
		time.Sleep(change.DeclineHolds + time.Minute)
		for _, handle := range undone {
			if w.status(handle.(string)) == "applied" {
				w.agreed("undo_change", object{"change": handle})
			}
		}
		w.restored(renamed)
	})
}

// undoAtOnce undoes twelve changes of ten contacts each, for a user who declines: two go through. It returns their
// undos.
func (w *world) undoAtOnce(handles []any) []any {
	w.t.Helper()
	var mu sync.Mutex
	var calling sync.WaitGroup
	var undone []any
	questions := 0
	for _, handle := range handles {
		calling.Go(func() {
			args := object{"change": handle}
			result := w.try("undo_change", args, canAsk)
			if result.Ask != nil {
				w.try("undo_change", args, answering(result.Ask.Change, result.Ask.Binding, Decline))
			}
			mu.Lock()
			defer mu.Unlock()
			if result.Ask != nil {
				questions++
			} else {
				undone = append(undone, decoded(w.t, result)["change"])
			}
		})
	}
	calling.Wait()
	if questions != len(handles)-2 || len(undone) != 2 {
		w.t.Errorf("of %d undos of ten contacts each, %d were asked about", len(handles), questions)
	}
	return undone
}

// renamed counts the contacts of a name.
func (w *world) renamed(name string) int {
	n := 0
	for _, c := range w.sandbox.Contacts() {
		if c.Name == name {
			n++
		}
	}
	return n
}

// TestOneContactOften writes to one contact more often than to so many contacts could be written unasked.
func TestOneContactOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		u := &unwilling{world: w}
		ann := w.user(0).ID
		before := w.sandbox.Snapshot()
		for i := range 40 {
			if !u.call("update_contact", object{"contact": ann, "set": object{"name": fmt.Sprint("Ann ", i)}}) {
				t.Fatalf("the %dth write to one contact is asked about", i+1)
			}
		}
		u.count(0, 40)
		u.undoAll()
		w.restored(before)
		for i := range 30 { // 24 more contacts, which are not hers
			went := u.call("update_contact", object{"contact": w.people(100+i, 1)[0], "set": object{"name": "X"}})
			if went != (i < 24) {
				t.Fatalf("contact %d beside her is written unasked: %v", i+1, went)
			}
		}
	})
}

// TestConfirmedDoesNotAsk writes to a single contact after a bulk that the agent, or the user, confirmed: nobody is
// asked, since what was confirmed counts toward the hard limit only.
func TestConfirmedDoesNotAsk(t *testing.T) {
	t.Parallel()
	for name, confirm := range map[string]func(w *world){
		"by the agent": func(w *world) {
			planned := w.do("bulk_update_contacts", rename(w.people(0, 100), "X"))
			if receipt := w.do("confirm_change", object{"change": planned["change"]}); receipt["changed"] != 100.0 {
				w.t.Errorf("receipt: %v", receipt)
			}
		},
		"by the user": func(w *world) { w.asked("bulk_update_contacts", rename(w.people(0, 100), "X"), Accept) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				confirm(w)
				u := &unwilling{world: w}
				for i := range 26 {
					u.call("update_contact", object{"contact": w.people(200+i, 1)[0], "set": object{"name": "X"}})
				}
				u.count(1, 25)
			})
		})
	}
}

// TestNotesUnasked adds notes for a user who declines: to ten contacts within ten minutes they go through unasked,
// whatever else was written.
func TestNotesUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		u := &unwilling{world: w}
		before := notesOf(w, 40)
		for i := range 12 {
			if !u.call("update_contact", object{"contact": w.people(50+i, 1)[0], "set": object{"name": "X"}}) {
				t.Fatalf("renaming %d is asked about", i+1)
			}
		}
		note := func(i int) bool {
			return u.call("add_note", object{"contact": w.people(i, 1)[0], "body": fmt.Sprint("Called back ", i)})
		}
		for i := range 12 {
			if went := note(i); went != (i < 10) {
				t.Fatalf("note %d goes through unasked: %v", i+1, went)
			}
		}
		u.count(2, 22)
		if !u.call("update_contact", object{"contact": w.people(20, 1)[0], "set": object{"name": "X"}}) {
			t.Error("another write is asked about")
		}
		time.Sleep(change.Window + time.Minute)
		if !note(30) {
			t.Error("a note is asked about after ten minutes")
		}
		if added := notesOf(w, 40) - before; added != 11 {
			t.Errorf("%d notes were added", added)
		}
	})
}

// TestWindowNouns asks about companies and contacts together, and says so.
func TestWindowNouns(t *testing.T) {
	w := newWorld(t)
	for i := range 25 {
		w.do("save_company", object{"company": w.sandbox.Companies()[i].ID, "set": object{"plan": "X"}})
	}
	ask := w.question("update_contact", object{"contact": w.people(0, 1)[0], "set": object{"name": "X"}})
	if want := "more than 25 records within 10 minutes that nobody confirmed"; !strings.Contains(ask.Message, want) {
		t.Errorf("it does not say %q: %s", want, ask.Message)
	}
}

// notesOf counts the notes of the first so many people.
func notesOf(w *world, n int) int {
	count := 0
	for _, id := range w.people(0, n) {
		count += len(w.sandbox.Notes(id))
	}
	return count
}

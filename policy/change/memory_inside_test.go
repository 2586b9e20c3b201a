package change

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
)

// kept has a memory store keep a change of ann's in a status, with one item.
func kept(t *testing.T, m *Memory, id string, edit func(*Change)) {
	t.Helper()
	c := Change{ID: id, Principal: "ann", Person: policy.Person{ID: "i#1"}, Status: StatusApproved, CreatedAt: time.Now(),
		Fingerprint: "f", Undoes: "u",
		Items: []Item{{TargetID: id}}}
	edit(&c)
	if _, err := m.Create(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
}

// took takes a step of a change.
func took(t *testing.T, m *Memory, id string, step Step) {
	t.Helper()
	step.At = time.Now()
	if _, err := m.Advance(t.Context(), id, step); err != nil {
		t.Fatal(err)
	}
}

// TestMemoryDrops drops a change with all that is kept beside it, and keeps what was written lately in its list.
func TestMemoryDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(2)
		for i := range 4 {
			id := fmt.Sprint("chg_", i)
			kept(t, m, id, func(*Change) {})
			took(t, m, id, Step{To: StatusApplying})
			if err := m.Shared().Stops.Request(t.Context(), id, Actor{By: "ann"}, ""); err != nil {
				t.Fatal(err)
			}
			took(t, m, id, Step{To: StatusApplied, Outcomes: []Recorded{{Outcome: Changed}}})
		}
		if len(m.order) != 4 || len(m.changes) != 4 {
			t.Errorf("of what was written lately it lists %v of %d", m.order, len(m.changes))
		}
		time.Sleep(Window + time.Second)
		for i := 4; i < 6; i++ { // other fingerprints
			kept(t, m, fmt.Sprint("chg_", i), func(c *Change) { c.Fingerprint, c.Undoes = fmt.Sprint("f", i), "" })
		}
		left := []string{"chg_4", "chg_5"}
		if !slices.Equal(m.order, left) || len(m.changes) != 2 || len(m.stops) != 0 || len(m.sizes) != 2 {
			t.Errorf("it lists %v and keeps %d changes, %d stops, %d sizes", m.order, len(m.changes), len(m.stops), len(m.sizes))
		}
		if len(m.alike) != 2 || len(m.undoing) != 0 {
			t.Errorf("by fingerprint %v, by what is undone %v", m.alike, m.undoing)
		}
		recent, err := m.Recent(t.Context(), Change{ID: "new", Principal: "ann", Fingerprint: "f", Undoes: "u"}, time.Now())
		if err != nil || recent.Latest != nil || recent.Undoing != nil {
			t.Errorf("it knows of what was dropped: %+v, %v", recent, err)
		}
	})
	lists := make(map[string][]*Change)
	a, b := &Change{}, &Change{}
	lists["k"] = []*Change{a, b}
	if unlist(lists, "k", a); len(lists["k"]) != 1 || lists["k"][0] != b {
		t.Errorf("of two is left %v", lists["k"])
	}
	if unlist(lists, "k", b); len(lists) != 0 {
		t.Errorf("of one is left %v", lists)
	}
}

// TestMemoryOwned tells what its process works on: what was begun or is about to be, and what people approved once that
// is claimed, which it is once.
func TestMemoryOwned(t *testing.T) {
	m := NewMemory(10)
	owned := func(id string) bool {
		t.Helper()
		_, owned, err := m.Status(t.Context(), "ann", id)
		if err != nil {
			t.Fatal(err)
		}
		return owned
	}
	claimed := func(want ...string) {
		t.Helper()
		list, err := m.ClaimInterrupted(t.Context())
		var ids []string
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		if !slices.Equal(ids, want) || err != nil {
			t.Errorf("claimed %v, %v, want %v", ids, err, want)
		}
	}
	kept(t, m, "allowed", func(*Change) {})
	kept(t, m, "waits", func(c *Change) { c.Status = StatusAwaiting })
	kept(t, m, "approved", func(c *Change) { c.Status, c.Level = StatusAwaiting, policy.LevelApprover })
	kept(t, m, "begun", func(c *Change) { c.Status, c.Level = StatusAwaiting, policy.LevelApprover })
	for _, id := range []string{"approved", "begun"} {
		c := m.changes[id]
		plan, err := PlanHash(c)
		if err != nil {
			t.Fatal(err)
		}
		took(t, m, id, Step{To: StatusApproved, Approval: &Approval{Level: policy.LevelApprover, By: "sue", At: time.Now(),
			Person: policy.Person{ID: "i#2"}, Roles: []string{policy.RoleApprover}, Plan: plan}})
	}
	took(t, m, "begun", Step{To: StatusApplying})
	for id, want := range map[string]bool{"allowed": true, "waits": false, "approved": false, "begun": true} {
		if owned(id) != want {
			t.Errorf("%s is owned: %t", id, !want)
		}
	}
	claimed("approved")
	claimed()
	if !owned("approved") || len(m.unowned) != 1 {
		t.Errorf("claimed is owned: %t; unowned %v", owned("approved"), m.unowned)
	}
	delete(m.changes, "approved")
	if claimed(); len(m.unowned) != 0 {
		t.Errorf("unowned %v", m.unowned)
	}
}

// TestMemoryCounts counts what a change writes from its creation on, and no more what failed.
func TestMemoryCounts(t *testing.T) {
	m := NewMemory(10)
	written := func(want int) {
		t.Helper()
		recent, err := m.Recent(t.Context(), Change{ID: "new", Principal: "ann"}, time.Now())
		if err != nil || recent.Written != want {
			t.Errorf("%d written, %v, want %d", recent.Written, err, want)
		}
	}
	written(0)
	kept(t, m, "a", func(c *Change) { c.Items = []Item{{TargetID: "1"}, {TargetID: "2"}} })
	written(2)
	took(t, m, "a", Step{To: StatusApplying})
	if err := m.Record(t.Context(), "a", []Recorded{{Index: 1, Outcome: Failed}}); err != nil {
		t.Fatal(err)
	}
	written(1)
	for i := range mostSummed + 1 {
		if _, err := m.Recent(t.Context(), Change{Principal: fmt.Sprint(i)}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.sums) > mostSummed {
		t.Errorf("there are sums of %d principals", len(m.sums))
	}
	written(1)
	took(t, m, "a", Step{To: StatusApplied, Outcomes: []Recorded{{Outcome: NotSent}}})
	written(0)
}

// TestMemoryHandsOutCopies keeps what it has to itself: a request's answer, a session, a change that it found.
func TestMemoryHandsOutCopies(t *testing.T) {
	m := NewMemory(10)
	shared := m.Shared()
	kept(t, m, "old", func(c *Change) { c.SideEffects = []string{"a"} })
	kept(t, m, "new", func(c *Change) { c.SideEffects = []string{"a"} })
	for _, id := range []string{"new", "old"} {
		took(t, m, id, Step{To: StatusApplying})
	}
	for range 2 {
		recent, err := m.Recent(t.Context(), Change{ID: "x", Principal: "ann", Fingerprint: "f"}, time.Now())
		if err != nil || recent.Latest == nil || recent.Latest.ID != "new" || recent.Latest.SideEffects[0] != "a" {
			t.Fatalf("%+v, %v", recent.Latest, err)
		}
		recent.Latest.SideEffects[0] = "b"
	}
	if _, err := shared.Requests.Ask(t.Context(), Request{Change: "old", Kind: RequestCheck}); err != nil {
		t.Fatal(err)
	}
	taken, err := shared.Requests.Take(t.Context(), time.Minute, 1, RequestCheck)
	if err != nil || len(taken) != 1 {
		t.Fatal(taken, err)
	}
	if err := shared.Requests.Answer(t.Context(), taken[0], Answer{Moved: []int{1}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, answer, err := shared.Requests.Find(t.Context(), "old", RequestCheck)
		if err != nil || answer.Moved[0] != 1 {
			t.Fatal(answer, err)
		}
		answer.Moved[0] = 2
	}
	session := Session{Principal: "ann", Roles: []string{"a"}, Form: []byte("a"), BegunAt: time.Now()}
	for _, until := range []time.Duration{time.Minute, time.Hour} { // the same key again
		session.Method = until.String()
		if err := shared.Sessions.Keep(t.Context(), SessionKey{}, session, time.Now().Add(until)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		found, err := shared.Sessions.Find(t.Context(), SessionKey{})
		if err != nil || found.Roles[0] != "a" || found.Form[0] != 'a' || found.Method != "1h0m0s" {
			t.Fatal(found, err)
		}
		found.Roles[0], found.Form[0] = "b", 'b'
	}
}

// TestMemoryWriting finds the newest change that may yet write the same, by when it was created.
func TestMemoryWriting(t *testing.T) {
	m := NewMemory(100)
	var newest string
	for i := range 20 {
		id := fmt.Sprint("chg_", i)
		kept(t, m, id, func(c *Change) {
			c.CreatedAt = c.CreatedAt.Add(time.Duration(i*7%20) * time.Second)
			c.Items = []Item{{TargetID: "1", Patch: Patch{Op: Update, Set: map[string]any{"name": "x"}}}}
			if i*7%20 == 19 {
				newest = id
			}
		})
		took(t, m, id, Step{To: StatusApplying})
	}
	about := *m.changes["chg_0"]
	about.ID = "new"
	recent, err := m.Recent(t.Context(), about, time.Now())
	if err != nil || recent.Writing == nil || recent.Writing.ID != newest {
		t.Errorf("%+v, %v, want %s", recent.Writing, err, newest)
	}
}

// TestMemoryNotes counts notes by themselves, and tells of them from a change's creation on.
func TestMemoryNotes(t *testing.T) {
	m := NewMemory(10)
	note := Patch{Op: AddNote, Note: &Note{Body: "x"}}
	about := Change{ID: "new", Principal: "ann", Items: []Item{{TargetID: "1", Patch: note}}}
	for i, patch := range []Patch{note, {Op: Update}, note} {
		recent, err := m.Recent(t.Context(), about, time.Now())
		if want := []int{1, 2, 2}[i]; err != nil || recent.Notes != want {
			t.Errorf("%d got notes, %v, want %d", recent.Notes, err, want)
		}
		kept(t, m, fmt.Sprint("chg_", i), func(c *Change) { c.Items = []Item{{TargetID: fmt.Sprint(i + 2), Patch: patch}} })
	}
}

// TestMemoryOutboxTakes takes no more notices than asked for, and lets go of none that was not taken.
func TestMemoryOutboxTakes(t *testing.T) {
	outbox := NewMemory(1).Shared().Outbox
	if err := outbox.Want(t.Context(), time.Now().Add(time.Hour), NoticeFrozen); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "c"} {
		if err := outbox.Add(t.Context(), Notice{ID: id, Kind: NoticeFrozen}); err != nil {
			t.Fatal(err)
		}
	}
	if err := outbox.Delivered(t.Context(), Notice{ID: "a", Kind: NoticeFrozen}); !errors.Is(err, ErrFenced) {
		t.Errorf("a notice that was not taken: %v", err)
	}
	if taken, err := outbox.Take(t.Context(), time.Minute, 2, NoticeFrozen); err != nil || len(taken) != 2 {
		t.Errorf("took %v, %v", taken, err)
	}
}

// TestMemoryForgetsInTime forgets declines, cursors, notices and requests once their time is over, and not before.
func TestMemoryForgetsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(10)
		shared := m.Shared()
		for _, id := range []string{"a", "b"} {
			kept(t, m, id, func(c *Change) { c.Status = StatusAwaiting })
			took(t, m, id, Step{To: StatusDeclined})
			time.Sleep(DeclineHolds + 1)
		}
		if len(m.declined) != 1 {
			t.Errorf("%d declines are kept", len(m.declined))
		}
		cursors := func(who, handle, position string) {
			t.Helper()
			if err := shared.Cursors.Keep(t.Context(), who, handle, position, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		at := func(who, handle string) string {
			position, err := shared.Cursors.Find(t.Context(), who, handle, time.Now())
			if err != nil && !errors.Is(err, ErrNotFound) {
				t.Fatal(err)
			}
			return position
		}
		cursors("ann", "h", "1")
		cursors("bob", "h", "2")
		cursors("ann", "h", "3")
		if got := at("ann", "h") + at("bob", "h"); got != "32" {
			t.Errorf("positions %s", got)
		}
		time.Sleep(CursorHolds)
		cursors("ann", "i", "4")
		if got := at("ann", "h") + at("bob", "h"); got != "32" {
			t.Errorf("positions at their end %s", got)
		}
		time.Sleep(time.Nanosecond)
		if cursors("ann", "j", "5"); len(m.shared.cursors.by) != 1 || len(m.shared.cursors.by["ann"]) != 2 {
			t.Errorf("cursors %v", m.shared.cursors.by)
		}
		memoryForgetsNotices(t, m)
		memoryForgetsRequests(t, m)
	})
}

// memoryForgetsNotices adds the same notice again and again: it is added anew once it is forgotten.
func memoryForgetsNotices(t *testing.T, m *Memory) {
	t.Helper()
	outbox := m.Shared().Outbox
	if err := outbox.Want(t.Context(), time.Now().Add(10*NoticeHolds), NoticeFrozen); err != nil {
		t.Fatal(err)
	}
	waiting := func(want int) {
		t.Helper()
		if err := outbox.Add(t.Context(), Notice{ID: "n", Kind: NoticeFrozen}); err != nil {
			t.Fatal(err)
		}
		if list, err := outbox.Waiting(t.Context(), 10); err != nil || len(list) != want {
			t.Errorf("%d notices wait, %v, want %d", len(list), err, want)
		}
	}
	waiting(1)
	time.Sleep(NoticeHolds)
	waiting(1)
	m.shared.outbox.write(Event{Kind: KindFrozen})
	waiting(2)
	time.Sleep(time.Nanosecond)
	waiting(2) // the first is forgotten, and added again
	if added := m.shared.outbox.added; len(added) != 1 || !added["n"].Equal(time.Now()) {
		t.Errorf("added %v", added)
	}
}

// memoryForgetsRequests asks once more when a request was kept for its time.
func memoryForgetsRequests(t *testing.T, m *Memory) {
	t.Helper()
	requests := m.Shared().Requests
	if _, err := requests.Ask(t.Context(), Request{Change: "b", Kind: RequestCheck}); err != nil {
		t.Fatal(err)
	}
	for _, after := range []struct {
		wait time.Duration
		want int
	}{{RequestKept, 2}, {1, 1}} {
		time.Sleep(after.wait)
		if _, err := requests.Ask(t.Context(), Request{Change: "b", Kind: RequestUndo}); err != nil {
			t.Fatal(err)
		}
		if got := len(m.shared.requests.all); got != after.want {
			t.Errorf("%d requests are kept, want %d", got, after.want)
		}
	}
}

package changetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// longAgo is before what the suite cuts.
var longAgo = time.Now().AddDate(-2, 0, 0)

// exported is a [change.CutReceiver] that remembers what was exported.
type exported struct {
	heads   []change.Head
	bodies  []string
	changes []change.Change
	fail    error
}

// Event implements [change.CutReceiver].
func (x *exported) Event(_ context.Context, at change.Head, body string) error {
	x.heads, x.bodies = append(x.heads, at), append(x.bodies, body)
	return x.fail
}

// Change implements [change.CutReceiver].
func (x *exported) Change(_ context.Context, c *change.Change, _ change.StopRequest) error {
	x.changes = append(x.changes, c.Clone())
	return nil
}

// cutsOf returns the cuts of a store that keeps a trail.
func cutsOf(t *testing.T, s change.Store) (change.Durable, change.Cuts) {
	t.Helper()
	durable, ok := s.(change.Durable)
	if !ok {
		t.Skip("it keeps no trail")
	}
	return durable, s.Shared().Cuts
}

// oldest reads what may be cut, which must be so many events and these changes.
func oldest(t *testing.T, cuts change.Cuts, into *exported, events int, changes ...change.Change) change.Cut {
	t.Helper()
	cut, err := cuts.Oldest(t.Context(), time.Now().AddDate(-1, 0, 0), into)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range changes {
		ids = append(ids, changes[i].ID)
	}
	if cut.From == 0 && events > 0 || cut.From > 0 && cut.To.Seq-cut.From+1 != int64(events) ||
		!slices.Equal(cut.Changes, ids) {
		t.Fatalf("%+v, want %d events and %v", cut, events, ids)
	}
	return cut
}

// old is a change of long ago that took some steps.
func old(t *testing.T, s change.Store, items int, undoes string, steps ...change.Status) change.Change {
	t.Helper()
	status := change.StatusAwaiting
	if len(steps) > 0 && steps[0] == change.StatusApplying {
		status = change.StatusApproved
	}
	c := Planned(status, items)
	c.CreatedAt, c.Undoes = longAgo, undoes
	Create(t, s, c)
	for _, to := range steps {
		Advance(t, s, c.ID, change.Step{To: to, At: longAgo})
	}
	return c
}

// testCut cuts off what is old, and nothing else: the rest is intact, and so is the whole with what was exported.
func testCut(t *testing.T, s change.Store) {
	durable, cuts := cutsOf(t, s)
	oldest(t, cuts, new(exported), 0)
	applied := old(t, s, 2, "", change.StatusApplying, change.StatusApplied)
	declined := old(t, s, 1, "", change.StatusDeclined)
	if err := s.Append(t.Context(), change.Event{Kind: change.KindCall, Time: longAgo}); err != nil {
		t.Fatal(err)
	}
	waiting := old(t, s, 1, "")
	young := Create(t, s, Planned(change.StatusAwaiting, 1))
	if err := s.Shared().Stops.Freeze(t.Context(), change.Actor{By: "ops"}, "why"); err != nil {
		t.Fatal(err)
	}
	head := verified(t, durable).Head

	var first exported
	cut := oldest(t, cuts, &first, 6, applied, declined)
	if len(first.heads) != 6 || len(first.changes) != 2 || len(first.changes[0].Items) != 2 || cut.Seen != head.Seq {
		t.Fatalf("%+v, %+v", first, cut)
	}
	to := change.Exported{Folder: "/exports", Trail: "trail-1", TrailSHA256: "a", Records: "records-1", RecordsSHA256: "b"}
	if err := cuts.Remove(t.Context(), cut, to); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{applied.ID, declined.ID} {
		if _, err := s.Find(t.Context(), gone); !errors.Is(err, change.ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
	found := verified(t, durable, head, first.heads[5])
	if found.First != 7 || found.Head.Seq != head.Seq+1 || found.Cut == nil || found.Cut.To != first.heads[5] ||
		found.Cut.Exported != to || found.Cut.Changes != 2 || found.Unchecked != nil {
		t.Errorf("%+v", found)
	}
	if found := verified(t, durable, first.heads[4]); len(found.Unchecked) != 1 {
		t.Errorf("%+v", found)
	}
	info, err := durable.Info(t.Context(), time.Now())
	if err != nil || info.First != 7 || info.Cut == nil || *info.Cut != *found.Cut || !info.Frozen {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := s.Shared().Stops.Unfreeze(t.Context(), change.Actor{By: "ops"}); err != nil {
		t.Fatal(err)
	}

	oldest(t, cuts, new(exported), 0) // one waits
	Advance(t, s, waiting.ID, change.Step{To: change.StatusExpired, At: longAgo})
	second := first
	cut = oldest(t, cuts, &second, 1, waiting)
	if err := cuts.Remove(t.Context(), cut, to); err != nil {
		t.Fatal(err)
	}
	if found := verified(t, durable); found.First != 8 || found.Cut.To.Seq != 7 {
		t.Errorf("%+v", found)
	}
	if _, err := s.Find(t.Context(), young.ID); err != nil {
		t.Error(err)
	}
	second.verify(t, durable, first.heads[2])
}

// testCutCalls cuts events of which none plans a change.
func testCutCalls(t *testing.T, s change.Store) {
	durable, cuts := cutsOf(t, s)
	call := change.Event{Kind: change.KindCall, Time: longAgo}
	if err := s.Append(t.Context(), call, call); err != nil {
		t.Fatal(err)
	}
	Create(t, s, Planned(change.StatusAwaiting, 1))
	if err := cuts.Remove(t.Context(), oldest(t, cuts, new(exported), 2), change.Exported{}); err != nil {
		t.Fatal(err)
	}
	if found := verified(t, durable); found.First != 3 || found.Head.Seq != 4 {
		t.Errorf("%+v", found)
	}
}

// testCutOnce has several cut the same at once: one does.
func testCutOnce(t *testing.T, s change.Store) {
	durable, cuts := cutsOf(t, s)
	old(t, s, 1, "", change.StatusDeclined)
	var done atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			cut, err := cuts.Oldest(t.Context(), time.Now().AddDate(-1, 0, 0), new(exported))
			if err == nil && cut.From > 0 {
				err = cuts.Remove(t.Context(), cut, change.Exported{})
				if err == nil {
					done.Add(1)
				}
			}
			if err != nil && !errors.Is(err, change.ErrStatusChanged) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if found := verified(t, durable); done.Load() != 1 || found.First != 3 || found.Head.Seq != 3 {
		t.Errorf("%d cuts: %+v", done.Load(), found)
	}
}

// verify checks what was exported together with what is kept.
func (x *exported) verify(t *testing.T, s change.Durable, noted ...change.Head) {
	t.Helper()
	v := change.NewVerifier(noted...)
	for i, head := range x.heads {
		v.Exported(head, x.bodies[i])
	}
	if err := s.Shared().Cuts.Verify(t.Context(), v); err != nil {
		t.Error(err)
	}
	for i, head := range x.heads {
		e, err := change.ParseEvent(x.bodies[i], head.Hash)
		if err != nil {
			t.Error(err)
		}
		v.Replay().Event(&e)
	}
	for e, err := range s.Events(t.Context(), change.EventQuery{Gone: true}) {
		if err != nil {
			t.Error(err)
		}
		v.Replay().Event(&e)
	}
	for i := range x.changes {
		if err := v.Replay().Change(&x.changes[i], change.StopRequest{}); err != nil {
			t.Error(err)
		}
	}
	if found, err := v.Finish(); err != nil || found.First != 1 || found.Cut != nil || found.Unchecked != nil {
		t.Errorf("%+v, %v", found, err)
	}
}

// verified is what a check of the trail finds, which must be intact.
func verified(t *testing.T, s change.Durable, noted ...change.Head) change.Verified {
	t.Helper()
	found, err := s.VerifyAudit(t.Context(), noted...)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// testCutRefused cuts nothing that another store cut, that is not as it was read, or that a change puts back.
func testCutRefused(t *testing.T, s change.Store) {
	durable, cuts := cutsOf(t, s)
	c := old(t, s, 1, "", change.StatusApplying, change.StatusApplied)
	refused := func(cut change.Cut) {
		t.Helper()
		if err := cuts.Remove(t.Context(), cut, change.Exported{}); !errors.Is(err, change.ErrStatusChanged) {
			t.Errorf("%v", err)
		}
		verified(t, durable)
	}
	failed := errors.New("no space left")
	if _, err := cuts.Oldest(t.Context(), time.Now(), &exported{fail: failed}); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
	read := oldest(t, cuts, new(exported), 3, c)
	undo := Planned(change.StatusAwaiting, 1)
	undo.Undoes = c.ID
	Create(t, s, undo)
	refused(read)
	oldest(t, cuts, new(exported), 0)
	Advance(t, s, undo.ID, change.Step{To: change.StatusCancelled, At: time.Now()})
	read = oldest(t, cuts, new(exported), 3, c)
	if _, err := s.PurgeValues(t.Context(), time.Now().AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	refused(read)
	read = oldest(t, cuts, new(exported), 3, c)
	if _, err := durable.Erase(t.Context(), "0", change.Actor{By: "ops"}); err != nil {
		t.Fatal(err)
	}
	refused(read)
	var last exported
	read = oldest(t, cuts, &last, 3, c)
	if err := cuts.Remove(t.Context(), read, change.Exported{}); err != nil {
		t.Fatal(err)
	}
	refused(read)
	last.verify(t, durable)
}

package engine

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// lean is a store that returns a change without the items that the caller knows.
type lean struct {
	change.Store
	spared *atomic.Int32 // how often
}

func (s lean) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	c, err := s.Store.Advance(ctx, id, step)
	if step.KnowsItems {
		s.spared.Add(1)
		c.Items = nil
	}
	return c, err
}

// TestResult gives those who waited the change as it ended, once that is on record, from what its run knows.
func TestResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 60, Latency: time.Second})
		var spared atomic.Int32
		f.store = lean{f.store, &spared}
		f.restart()
		c := f.begun(2)
		if _, ended := (Waited{f.runs.find(c.ID)}).Result(); ended || !f.At(c.ID) {
			t.Error("it has ended at once")
		}
		waited, err := f.Wait(t.Context(), "local", c.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		result, ended := waited.Result()
		if !ended || result.Status != change.StatusApplied || len(result.Items) != 2 ||
			result.Items[1].Outcome != change.Changed || f.At(c.ID) {
			t.Errorf("%t: %+v", ended, result)
		}
		if spared.Load() != 1 {
			t.Error("the store returns all items with the end, which may be many")
		}
		if _, ended := (Waited{}).Result(); ended {
			t.Error("what was done elsewhere has ended")
		}

		undo := f.undoing(f.planned(f.renaming(2)), f.stored(c.ID))
		f.Engine.store = endless{f.store, change.StatusUndone}
		r := f.runs.register(undo, startedHere)
		f.runs.begin()
		undo.Status = change.StatusApplying
		f.execute(t.Context(), r, undo)
		if result, ended := (Waited{r}).Result(); ended || result.ID != "" || f.logged("recording the end of a change") != 1 {
			t.Errorf("what is not on record has ended: %+v", result)
		}
	})
}

// TestApplyPanics ends a change as unknown where reading its targets again panics, which operators are told.
func TestApplyPanics(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.Engine.words = func(*change.Change) Words { return broken{f.words} }
	item := f.renaming(0)
	item.Before.Set["name"] = "Another"
	c := f.finished(f.plannedAt(time.Now().Add(-time.Minute), item))
	if c.Status != change.StatusUnknown || len(f.writes()) > 0 || f.told() != 1 {
		t.Errorf("%s, sent: %v, told: %s", c.Status, f.writes(), &f.logs)
	}
}

// broken are words that know nobody.
type broken struct{ Words }

func (broken) Who(*change.Item) string { panic("boom") }

// TestResumedTally counts what failed before the restart toward what may fail.
func TestResumedTally(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 100, NoPreview: true, Latency: time.Second})
		limited := *f.policy.Load()
		limited.Limits.StopAfter = policy.StopAfter{Items: 3}
		f.policy.Store(&limited)
		items := f.renamings(40)
		failing1(3)(f, items)
		c := f.interrupted(items...)
		if err := f.store.Record(t.Context(), c.ID, []change.Recorded{{Index: 0, Outcome: change.Failed},
			{Index: 1, Outcome: change.Failed}}); err != nil {
			t.Fatal(err)
		}
		f.takeOver(f.stored(c.ID))
		c = f.stored(c.ID)
		if n := change.CountItems(c.Items); c.Status != change.StatusStopped || n.Failed != 3 || n.NotSent == 0 {
			t.Errorf("%s (%s): %+v", c.Status, c.Reason, n)
		}
	})
}

// slowStops are stops that take a while to be recorded.
type slowStops struct{ change.Stops }

func (s slowStops) Request(ctx context.Context, id string, by change.Actor, reason string) error {
	time.Sleep(PersistWithin / 2)
	return s.Stops.Request(ctx, id, by, reason)
}

// TestEndAwaitsStop ends no run before the attempt to put its stop on record: after the end nobody owns that.
func TestEndAwaitsStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 60, Latency: time.Second})
		f.store = withStops{f.store, slowStops{f.store.Shared().Stops}}
		f.restart()
		c := f.begun(1)
		time.Sleep(1900 * time.Millisecond) // it is written, and about to be read back
		r := f.runs.find(c.ID)
		f.Stop(time.Minute)
		f.Idle()
		if !r.persisted.Load() {
			t.Error("the stop is not on record")
		}
	})
}

// TestStopAtOnce records what was not begun as not sent as soon as a run is stopped, however long the rest takes.
func TestStopAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 60, NoPreview: true, Latency: time.Minute})
		c := f.begun(SingleWorkers + 2)
		time.Sleep(1500 * time.Millisecond)
		if err := f.StopChange(t.Context(), c.ID, change.Actor{By: "ann"}, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
		if n := change.CountItems(f.stored(c.ID).Items); n != (change.Count{Pending: SingleWorkers, NotSent: 2}) {
			t.Errorf("%+v", n)
		}
		f.Idle()
	})
}

// TestReconcileSecond finds done what an earlier process did, and gives each item its own outcome.
func TestReconcileSecond(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	items := make([]change.Item, 2)
	for i := range items {
		items[i] = change.Item{TargetID: f.user(i).ID, Patch: change.Patch{Op: change.Archive}}
	}
	c := f.interrupted(items...)
	for _, item := range items {
		if err := f.client.Contacts.Archive(t.Context(), item.TargetID); err != nil {
			t.Fatal(err)
		}
	}
	f.takeOver(c)
	if c = f.stored(c.ID); c.Status != change.StatusApplied || change.CountItems(c.Items) != (change.Count{Changed: 2}) {
		t.Errorf("%s: %+v", c.Status, c.Items)
	}
}

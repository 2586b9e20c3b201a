package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// slow begins a change of many contacts, written one by one by an Intercom that takes a second for each request.
func slow(t *testing.T, items int) (*fixture, change.Change) {
	t.Helper()
	f := newFixture(t, sandbox.Options{Contacts: 400, NoPreview: true, Latency: time.Second})
	return f, f.begun(items)
}

// begun begins a change of so many contacts.
func (f *fixture) begun(items int) change.Change {
	f.t.Helper()
	c := f.planned(f.renamings(items)...)
	if _, err := f.Start(f.t.Context(), c, change.Step{}); err != nil {
		f.t.Fatal(err)
	}
	return c
}

// TestStops stops a run for each reason: what was sent is read back, the rest is not sent, and says why; or is left as
// it is where the server is to go on.
func TestStops(t *testing.T) {
	for name, test := range map[string]struct {
		stop   func(f *fixture, c change.Change)
		want   change.Status
		reason string
		by     string // who has it on record that it is to be stopped
	}{
		"by its engine": {func(f *fixture, c change.Change) {
			if err := f.StopChange(f.t.Context(), c.ID, change.Actor{By: "ann"}, "wrong list"); err != nil {
				f.t.Error(err)
			}
		}, change.StatusStopped, "the change was cancelled: wrong list", "ann"},
		"by another process": {func(f *fixture, c change.Change) {
			if err := f.store.Shared().Stops.Request(f.t.Context(), c.ID, change.Actor{By: "bob"}, ""); err != nil {
				f.t.Error(err)
			}
		}, change.StatusStopped, "the change was cancelled", "bob"},
		"for a principal": {func(f *fixture, _ change.Change) {
			if err := errors.Join(f.StopAllOf(f.t.Context(), "mallory", change.Actor{By: "x"}, ""),
				f.StopAllOf(f.t.Context(), "local", change.Actor{By: "op"}, "access withdrawn")); err != nil {
				f.t.Error(err)
			}
		}, change.StatusStopped, "the change was cancelled: access withdrawn", "op"},
		"by the policy": {func(f *fixture, _ change.Change) {
			stricter := *f.policy.Load()
			stricter.Revision = "stricter"
			f.policy.Store(&stricter)
			f.denied.Store("rule no-names")
		}, change.StatusStopped, "the policy in force forbids it now", "the server"},
		"by a policy that allows it": {func(f *fixture, _ change.Change) {
			other := *f.policy.Load()
			other.Revision = "other"
			f.policy.Store(&other)
		}, change.StatusApplied, "", ""},
		"by the same policy": {func(f *fixture, _ change.Change) { f.denied.Store("it was asked before") },
			change.StatusApplied, "", ""},
		"by the end of the server": {func(f *fixture, _ change.Change) { f.Stop(time.Minute) },
			change.StatusStopped, "the server was stopped", "the server"},
		"for a while": {func(f *fixture, _ change.Change) { f.Pause(time.Minute) }, change.StatusApplying, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, c := slow(t, 40)
				c.Revision = f.policy.Load().Revision
				time.Sleep(2500 * time.Millisecond)
				f.sandbox.ResetCalls()
				test.stop(f, c)
				f.Idle()
				c = f.stored(c.ID)
				counts := change.CountItems(c.Items)
				if c.Status != test.want || c.Reason != test.reason {
					t.Errorf("%s (%s): %+v", c.Status, c.Reason, counts)
				}
				switch test.want {
				case change.StatusStopped:
					if counts.Changed < SingleWorkers || counts.Changed > 3*SingleWorkers || counts.NotSent != 40-counts.Changed ||
						len(f.writes()) > 2*SingleWorkers {
						t.Errorf("%+v, sent after: %d", counts, len(f.writes()))
					}
				case change.StatusApplying:
					if counts.Changed < SingleWorkers || counts.Pending != 40-counts.Changed {
						t.Errorf("%+v", counts)
					}
				}
				denied := f.logged("a change is stopped: the policy in force denies it") > 0
				if denied != (name == "by the policy") {
					t.Errorf("told: %s", &f.logs)
				}
				request, asked, err := f.store.Shared().Stops.Requested(t.Context(), c.ID)
				if err != nil || asked != (test.by != "") || request.By != test.by {
					t.Errorf("on record: %+v, %t, %v", request, asked, err)
				}
			})
		})
	}
}

// TestPauseAtTheEnd pauses a run whose last items are being sent: it ends.
func TestPauseAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := slow(t, SingleWorkers)
		time.Sleep(500 * time.Millisecond)
		f.Pause(time.Minute)
		f.Idle()
		if c = f.stored(c.ID); c.Status != change.StatusApplied {
			t.Errorf("%s: %+v", c.Status, change.CountItems(c.Items))
		}
	})
}

// TestStopRefused stops what is not being applied.
func TestStopRefused(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	c := f.applied(f.renaming(0))
	if err := f.StopChange(t.Context(), c.ID, change.Actor{By: "ann"}, ""); !errors.Is(err, change.ErrStatusChanged) {
		t.Error(err)
	}
	if err := f.StopAllOf(t.Context(), "local", change.Actor{By: "ann"}, ""); err != nil {
		t.Error(err)
	}
	r := f.runs.register(c, startedHere) // which is about to end
	if err := f.StopAllOf(t.Context(), "local", change.Actor{By: "ann"}, ""); err != nil {
		t.Error(err)
	}
	f.runs.remove(c.ID, r)
}

// TestStopAllOf ends all changes of a principal that have not ended, whoever works on them, and none of another.
func TestStopAllOf(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	running, approved := f.interrupted(f.renaming(0)), f.planned(f.renaming(1))
	if err := f.StopAllOf(t.Context(), "mallory", change.Actor{By: "op"}, "withdrawn"); err != nil {
		t.Fatal(err)
	}
	if c := f.stored(approved.ID); c.Status != change.StatusApproved {
		t.Errorf("of another principal: %s", c.Status)
	}
	if err := f.StopAllOf(t.Context(), "local", change.Actor{By: "op"}, "withdrawn"); err != nil {
		t.Fatal(err)
	}
	if c := f.stored(approved.ID); c.Status != change.StatusCancelled || c.Reason != "withdrawn" {
		t.Errorf("approved: %s (%s)", c.Status, c.Reason)
	}
	request, asked, err := f.store.Shared().Stops.Requested(t.Context(), running.ID)
	if !asked || err != nil || request.By != "op" || request.Reason != "withdrawn" {
		t.Errorf("running: %+v, %v", request, err)
	}
	approved = f.planned(f.renaming(2))
	f.store = quicker{f.store}
	f.restart()
	if err := f.StopAllOf(t.Context(), "local", change.Actor{By: "op"}, ""); err != nil {
		t.Errorf("what advanced meanwhile: %v", err)
	}
	if c := f.stored(approved.ID); c.Status != change.StatusApproved {
		t.Errorf("what advanced meanwhile: %s", c.Status)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := f.StopAllOf(ended, "local", change.Actor{By: "op"}, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("changes that could not be listed: %v", err)
	}
}

// quicker is a store another user of which always takes the step before.
type quicker struct{ change.Store }

func (quicker) Advance(context.Context, string, change.Step) (change.Change, error) {
	return change.Change{}, change.ErrStatusChanged
}

// TestStopResumed leaves a run that was resumed to whoever goes on with it, whatever its server is stopped for.
func TestStopResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 400, NoPreview: true, Latency: time.Second})
		c := f.interrupted(f.renamings(150)...)
		go f.takeOver(c)
		time.Sleep(20 * time.Second)
		f.Stop(time.Hour)
		f.Idle()
		c = f.stored(c.ID)
		if n := change.CountItems(c.Items); c.Status != change.StatusApplying || n.Pending == 0 || n.NotSent > 0 ||
			n.Changed == 0 {
			t.Errorf("%s: %+v", c.Status, n)
		}
		if _, asked, err := f.store.Shared().Stops.Requested(t.Context(), c.ID); asked || err != nil {
			t.Errorf("it is on record that it is to be stopped: %v", err)
		}
	})
}

// TestStopUnrecorded stops a run whose stop cannot be put on record, or of which it cannot be read whether it is to be
// stopped: it says so, and goes on.
func TestStopUnrecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 400, NoPreview: true, Latency: time.Second})
		f.store = withStops{f.store, deaf{f.store.Shared().Stops}}
		f.restart()
		c := f.begun(40)
		time.Sleep(1500 * time.Millisecond)
		r := f.runs.find(c.ID)
		if err := f.StopAllOf(t.Context(), "local", change.Actor{By: "op"}, ""); !errors.Is(err, change.ErrUnavailable) ||
			r.halt.stopped() {
			t.Errorf("%v", err)
		}
		if err := f.StopChange(t.Context(), c.ID, change.Actor{By: "op"}, ""); !errors.Is(err, change.ErrUnavailable) ||
			r.halt.stopped() {
			t.Errorf("%v", err)
		}
		f.Stop(time.Minute)
		time.Sleep(time.Millisecond)
		if !r.tried.Load() || r.persisted.Load() {
			t.Errorf("tried %t, on record %t", r.tried.Load(), r.persisted.Load())
		}
		if f.Idle(); f.logged("a change is stopped, and that is not on record: what is left of it may be sent yet") != 1 {
			t.Errorf("told: %s", &f.logs)
		}
	})
	f := newFixture(t, sandboxOfFew)
	c := f.applied(f.renaming(0))
	r := &run{halt: newHalt()}
	r.halt.set(stopping, change.StopRequest{})
	(&watcher{engine: f.Engine, run: r, id: c.ID}).persistStop(t.Context())
	if !r.persisted.Load() {
		t.Error("of a change that has ended nothing is left to be sent")
	}
	if c = f.interrupted(f.renaming(1)); f.StopChange(t.Context(), c.ID, change.Actor{By: "op"}, "") != nil {
		t.Error("a change that another process applies is not stopped")
	}
	if request, asked, _ := f.store.Shared().Stops.Requested(t.Context(), c.ID); !asked || request.By != "op" {
		t.Errorf("%+v", request)
	}
}

// deaf are stops that record no request.
type deaf struct{ change.Stops }

func (deaf) Request(context.Context, string, change.Actor, string) error {
	return change.ErrUnavailable
}

// TestPolicyAskedAgain asks the policy in force again about a change that cannot be read when it comes, and about the
// change as it was planned.
func TestPolicyAskedAgain(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	items := []change.Item{f.renaming(0), f.renaming(1)}
	items[1].Outcome = change.Unchanged
	c := f.interrupted(items...)
	w := &watcher{engine: f.Engine, run: &run{halt: newHalt()}, id: c.ID, principal: c.Principal,
		unchanged: []bool{false, true}, revision: "of another policy"}
	f.denied.Store("by a rule")
	w.look(t.Context(), func(context.Context) (change.Change, error) { return change.Change{}, change.ErrUnavailable })
	if w.run.halt.stopped() || f.told() != 1 {
		t.Errorf("it stops for a change that was not read, or tells nobody: %s", &f.logs)
	}
	got, err := w.recorded(t.Context())
	if err != nil || got.Items[0].Outcome != change.Pending || got.Items[1].Outcome != change.Unchanged {
		t.Errorf("%v: %+v", err, got.Items)
	}
	if w.look(t.Context(), w.recorded); !w.run.halt.stopped() {
		t.Error("it goes on though the policy denies it")
	}
}

// TestAbandon leaves a run where it stands once the patience of the end is over.
func TestAbandon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := slow(t, 40)
		time.Sleep(1500 * time.Millisecond)
		f.Stop(100 * time.Millisecond)
		f.Stop(time.Hour) // the first one counts
		began := time.Now()
		f.Close(context.Background())
		if took := time.Since(began); took != 100*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		c = f.stored(c.ID)
		if n := change.CountItems(c.Items); c.Status != change.StatusApplying || n.Pending == 0 {
			t.Errorf("%s: %+v", c.Status, n)
		}
		if _, asked, err := f.store.Shared().Stops.Requested(t.Context(), c.ID); !asked || err != nil {
			t.Errorf("the stop is not on record: %v", err)
		}
		f.Close(context.Background()) // again, which does nothing
		if f.logged("a change is left to be resumed") != 1 {
			t.Errorf("told: %s", &f.logs)
		}
	})
}

// TestCloseInTime waits for the work, and leaves it where its context ends.
func TestCloseInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := slow(t, 2)
		if f.Ending() {
			t.Error("it ends")
		}
		f.Close(context.Background())
		if n := change.CountItems(f.stored(c.ID).Items); n.Pending > 0 || !f.Ending() {
			t.Errorf("%+v", n)
		}
		f, c = slow(t, 40)
		time.Sleep(1500 * time.Millisecond)
		f.Close(context.Background())
		if c = f.stored(c.ID); c.Status != change.StatusStopped || c.Reason != "the server was stopped" {
			t.Errorf("%s: %s", c.Status, c.Reason)
		}
		f, c = slow(t, 40)
		time.Sleep(1500 * time.Millisecond)
		short, enough := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer enough()
		began := time.Now()
		f.Close(short)
		if took := time.Since(began); took != 300*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if n := change.CountItems(f.stored(c.ID).Items); n.Pending == 0 {
			t.Errorf("%+v", n)
		}
	})
}

// TestWatchEnds puts a stop on record, whether the watch sees it, the end of the work, or that of the engine first.
func TestWatchEnds(t *testing.T) {
	for name, abandons := range map[string]bool{"the work ends": false, "the engine abandons it": true} {
		f := newFixture(t, sandboxOfFew)
		c := f.interrupted(f.renaming(0))
		for range 20 { // of what is there at once any may be seen first
			ctx, leave := context.WithCancel(t.Context())
			if abandons {
				f.runs.abandon()
			} else {
				leave()
			}
			r := &run{halt: newHalt()}
			r.halt.set(stopping, change.StopRequest{})
			(&watcher{engine: f.Engine, run: r, id: c.ID}).watch(ctx, leave)
			if !r.persisted.Load() || ctx.Err() == nil {
				t.Fatalf("%s: the stop is not on record, or the work goes on", name)
			}
		}
	}
}

// TestPolicyAskedOnce asks the policy in force about a run that was resumed, whichever policy allowed it; about others
// when another policy comes, with the items as they were planned; and about none that is stopped.
func TestPolicyAskedOnce(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	c := f.interrupted(f.renaming(0))
	c.Revision = f.policy.Load().Revision
	f.denied.Store("rule no-names")
	f.takeOver(c)
	if got := f.stored(c.ID); got.Status != change.StatusStopped || len(f.writes()) > 0 {
		t.Errorf("resumed: %s, sent: %v", got.Status, f.writes())
	}
	for stopped, want := range map[bool]int{false: 1, true: 0} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 60, NoPreview: true, Latency: 5 * time.Second})
			var asked []change.Count
			f.Engine.denied = func(_ context.Context, c *change.Change) string {
				asked = append(asked, change.CountItems(c.Items))
				return ""
			}
			items := f.renamings(10)
			items[3].Outcome = change.Unchanged
			if _, err := f.Start(t.Context(), f.planned(items...), change.Step{}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1500 * time.Millisecond)
			if stopped {
				f.Pause(time.Minute)
			}
			other := *f.policy.Load()
			other.Revision = "other"
			f.policy.Store(&other)
			f.Idle()
			if len(asked) != want || want > 0 && asked[0] != (change.Count{Pending: 9, Unchanged: 1}) {
				t.Errorf("stopped %t: %+v", stopped, asked)
			}
		})
	}
}

package engine

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// left is a store in which others have left changes to be taken over, once.
type left struct {
	change.Store
	changes []change.Change
	claims  atomic.Int32
	purges  []time.Time
	err     error
}

func (l *left) ClaimInterrupted(context.Context, ...string) ([]change.Change, error) {
	l.claims.Add(1)
	claimed := l.changes
	l.changes = nil
	return claimed, l.err
}

func (l *left) PurgeValues(_ context.Context, before time.Time) (int, error) {
	l.purges = append(l.purges, before)
	return len(l.purges) - 1, l.err
}

// leaving replaces the fixture's store by one that others have left changes in.
func (f *fixture) leaving(changes ...change.Change) *left {
	l := &left{Store: f.store, changes: changes}
	f.store = l
	f.restart()
	return l
}

// TestResumeTellsOnce logs an outage of the store once, however often it is looked at, and the next outage again.
func TestResumeTellsOnce(t *testing.T) {
	f := newFixture(t, sandbox.Options{})
	l := f.leaving()
	defer f.Close(t.Context())
	for outage := 1; outage <= 2; outage++ {
		l.err = change.ErrUnavailable
		for range 3 {
			f.resumer.ResumeInterrupted(t.Context())
		}
		if n := f.logged("looking for interrupted changes"); n != outage {
			t.Errorf("outage %d: logged %d times", outage, n)
		}
		l.err = nil
		f.resumer.ResumeInterrupted(t.Context())
	}
}

// TestResumeInterrupted takes over what was begun, and begins what was only allowed, unless that is too late, is not
// this server's, or the policy would not allow it now.
func TestResumeInterrupted(t *testing.T) {
	errBusyApproved := toolerr.New(toolerr.Busy, "later", "")
	for name, test := range map[string]struct {
		begun   bool
		foreign bool
		age     time.Duration
		decide  error
		ended   bool
		want    change.Status
		reason  string
	}{
		"begun":                     {true, false, 0, nil, false, change.StatusApplied, ""},
		"begun, and the end came":   {true, false, 0, nil, true, change.StatusApplying, ""},
		"allowed":                   {false, false, 0, nil, false, change.StatusApplied, ""},
		"allowed on another server": {false, true, 0, nil, false, change.StatusApproved, ""},
		"allowed long ago":          {false, false, time.Hour, nil, false, change.StatusExpired, ""},
		"denied by now": {false, false, 0, toolerr.New(toolerr.PolicyDenied, "no", ""), false,
			change.StatusCancelled, "the server was stopped before it began, and the policy would not allow it now"},
		"another writes the same": {false, false, 0, toolerr.New(toolerr.Busy, "later", ""), false, change.StatusCancelled,
			"the server was stopped before it began, and then another change wrote the same"},
		"another writes the same as people approved": {false, false, 0, errBusyApproved, false, change.StatusApproved, ""},
		"undecided":           {false, false, 0, errors.New("boom"), false, change.StatusApproved, ""},
		"another was quicker": {false, false, 0, change.ErrStatusChanged, false, change.StatusApproved, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			c := f.plannedAt(time.Now().Add(-test.age), f.renaming(0))
			if test.begun {
				c = f.interrupted(f.renaming(0))
			}
			f.foreign = test.foreign
			if test.decide == error(errBusyApproved) {
				c.Approvals = []change.Approval{{By: "an approver"}}
			}
			f.leaving(c)
			if test.decide != nil {
				f.resumer.resumable = func(context.Context, *change.Change) (change.Decide, bool) {
					return func(*change.Change, change.Recent) error { return test.decide }, true
				}
			}
			if test.ended {
				f.Stop(0)
			}
			f.rename("Renamed", c.Items...) // by the process that died, or another client
			f.sandbox.ResetCalls()
			f.resumer.ResumeInterrupted(t.Context())
			f.Idle()
			if sent := f.writes(); test.begun && len(sent) > 0 {
				t.Errorf("sent again: %v", sent)
			}
			if got := f.stored(c.ID); got.Status != test.want || got.Reason != test.reason {
				t.Errorf("%s: %s", got.Status, got.Reason)
			}
		})
	}
	f := newFixture(t, sandboxOfFew)
	c := f.interrupted(f.renaming(0))
	l := f.leaving(c)
	over, leave := context.WithCancel(t.Context())
	leave()
	f.resumer.ResumeInterrupted(over)
	if got := f.stored(c.ID); got.Status != change.StatusApplying {
		t.Errorf("it is %s though its server has no time", got.Status)
	}
	l.changes, l.err = []change.Change{c}, errors.New("the file is gone")
	f.resumer.ResumeInterrupted(t.Context())
	if got := f.stored(c.ID); got.Status != change.StatusApplying {
		t.Errorf("it is %s though its store fails", got.Status)
	}
	if err := f.resumer.abandonUnstarted(t.Context(), c, change.StatusExpired, change.Actor{}, ""); err != nil {
		t.Errorf("another process was quicker: %v", err)
	}
	if err := f.resumer.abandonUnstarted(t.Context(), change.Change{ID: "chg_none"}, change.StatusExpired,
		change.Actor{}, ""); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("of none: %v", err)
	}
}

// TestResume looks for what was interrupted a second after the start and every half minute, and purges once a day; a
// server that may only read does neither.
func TestResume(t *testing.T) {
	for mode, looks := range map[policy.Mode]int{policy.ModeRead: 0, policy.ModeWrite: 1 + 2*60*25} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 1})
			f.policy.Store(policy.Default(mode))
			l := f.leaving()
			began := time.Now()
			f.resumer.Resume()
			time.Sleep(ResumeFirst - time.Millisecond)
			if l.claims.Load() > 0 {
				t.Error("it looks at once")
			}
			time.Sleep(25*time.Hour + 2*time.Millisecond)
			f.Close(context.Background())
			if int(l.claims.Load()) != looks {
				t.Errorf("in mode %v it has looked %d times, want %d", mode, l.claims.Load(), looks)
			}
			if looks == 0 && len(l.purges) > 0 || looks > 0 &&
				(len(l.purges) != 2 || !l.purges[0].Equal(began.Add(ResumeFirst-KeepFor)) ||
					!l.purges[1].Equal(began.Add(ResumeFirst+PurgeEvery+resumeEvery-KeepFor))) {
				t.Errorf("in mode %v it has purged at %v", mode, l.purges)
			}
		})
	}
}

// TestLogs tells operators of what goes wrong with nobody's call: each once, and nothing of what goes right, or is cut
// off by the end.
func TestLogs(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	l := f.leaving()
	steps := func(message string, do func(), want int) {
		t.Helper()
		before := f.logged(message)
		do()
		f.Idle()
		if got := f.logged(message) - before; got != want {
			t.Errorf("%q is logged %d times, want %d: %s", message, got, want, f.logs.String())
		}
	}
	purge := func() { f.resumer.PurgeOld(t.Context()) }
	steps("purged the values of old changes", purge, 0)
	steps("purged the values of old changes", purge, 1)
	steps("purging the values of old changes", purge, 0)
	l.err = errors.New("no space left")
	steps("purging the values of old changes", purge, 1)
	resume := func() { f.resumer.ResumeInterrupted(t.Context()) }
	steps("looking for interrupted changes", resume, 1)
	l.err = context.Canceled
	steps("purging the values of old changes", purge, 0)
	steps("looking for interrupted changes", resume, 0)
	l.err = nil
	steps("looking for interrupted changes", resume, 0)

	l.changes = []change.Change{f.planned(f.renaming(0))}
	steps("beginning what was left", resume, 0)
	steps("recording the end of a change", func() { f.applied(f.renaming(1)) }, 0)
	f.resumer.resumable = func(context.Context, *change.Change) (change.Decide, bool) {
		return func(*change.Change, change.Recent) error { return errors.New("boom") }, true
	}
	l.changes = []change.Change{f.planned(f.renaming(2))}
	steps("beginning what was left", resume, 1)
	l.changes = []change.Change{f.plannedAt(time.Now().Add(-time.Hour), f.renaming(2))}
	f.Engine.store = endless{l, change.StatusExpired}
	steps("beginning what was left", resume, 1)
	f.resumer.resumable = func(context.Context, *change.Change) (change.Decide, bool) {
		return func(*change.Change, change.Recent) error { return toolerr.New(toolerr.PolicyDenied, "no", "") }, true
	}
	l.changes = []change.Change{f.planned(f.renaming(2))}
	f.Engine.store = endless{l, change.StatusCancelled}
	steps("beginning what was left", resume, 1)
	f.Engine.store = endless{l, change.StatusApplied}
	steps("recording the end of a change", func() { f.applied(f.renaming(3)) }, 1)

	const looking = "looking whether a change is to be stopped"
	c := f.interrupted(f.renaming(4))
	w := &watcher{engine: f.Engine, run: &run{halt: newHalt()}, id: c.ID, principal: c.Principal,
		revision: f.policy.Load().Revision}
	steps(looking, func() { w.look(t.Context(), w.recorded) }, 0)
	f.Engine.store = withStops{l, blind{l.Shared().Stops}}
	steps(looking, func() { w.look(t.Context(), w.recorded) }, 1)
	over, leave := context.WithCancel(t.Context())
	leave()
	steps(looking, func() { w.look(over, w.recorded) }, 0)
}

// withStops is a store with other stops.
type withStops struct {
	change.Store
	stops change.Stops
}

func (s withStops) Shared() change.Shared {
	shared := s.Store.Shared()
	shared.Stops = s.stops
	return shared
}

// blind are stops of which nobody can tell whether there are any.
type blind struct{ change.Stops }

func (blind) Requested(context.Context, string) (change.StopRequest, bool, error) {
	return change.StopRequest{}, false, change.ErrUnavailable
}

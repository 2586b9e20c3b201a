package engine

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// TestTakeUp goes on with one change at once, where its process died: not with one that is at work here, nor on a
// server that may only read, or ends.
func TestTakeUp(t *testing.T) {
	for name, test := range map[string]struct {
		begun   bool // else it was allowed alone
		none    bool // others left nothing
		prepare func(f *fixture, l *left, c change.Change)
		takes   bool
		want    change.Status
		claims  int32
		told    int
	}{
		"begun":      {true, false, nil, true, change.StatusApplied, 1, 0},
		"allowed":    {false, false, nil, true, change.StatusApplied, 1, 0},
		"not lapsed": {true, true, nil, false, change.StatusApplying, 1, 0},
		"at work here": {true, false, func(f *fixture, _ *left, c change.Change) {
			r := f.runs.register(c, startedHere)
			f.t.Cleanup(func() { f.runs.remove(c.ID, r) })
		}, false, change.StatusApplying, 0, 0},
		"reads alone": {true, false, func(f *fixture, _ *left, _ change.Change) {
			f.policy.Store(policy.Default(policy.ModeRead))
		}, false, change.StatusApplying, 0, 0},
		"ends": {true, false, func(f *fixture, _ *left, _ change.Change) { f.Stop(0) }, true, change.StatusApplying, 1, 0},
		"the store fails": {true, true, func(_ *fixture, l *left, _ change.Change) { l.err = change.ErrUnavailable }, false,
			change.StatusApplying, 1, 1},
		"the caller left": {true, true, func(_ *fixture, l *left, _ change.Change) { l.err = context.Canceled }, false,
			change.StatusApplying, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			c := f.planned(f.renaming(0))
			if test.begun {
				c = f.interrupted(f.renaming(0))
			}
			l := f.leaving(c)
			if test.none {
				l.changes = nil
			}
			if test.prepare != nil {
				test.prepare(f, l, c)
			}
			if got := f.resumer.TakeUp(t.Context(), c.ID); got != test.takes {
				t.Errorf("taken up: %t", got)
			}
			f.Idle()
			if got := f.stored(c.ID).Status; got != test.want || l.claims.Load() != test.claims || f.told() != test.told {
				t.Errorf("%s, %d claims, told: %s", got, l.claims.Load(), &f.logs)
			}
		})
	}
}

// TestResumeGoesOn goes on with what was interrupted when it looks, and looks each second where people may approve.
func TestResumeGoesOn(t *testing.T) {
	for approvers, looks := range map[bool]int32{false: 1, true: 10} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			c := f.interrupted(f.renaming(0))
			l := f.leaving(c)
			NewResumer(f.Engine, approvers, f.resumer.resumable).Resume()
			time.Sleep(ResumeFirst + 9*approvedEvery + approvedEvery/2)
			if got := f.stored(c.ID).Status; got != change.StatusApplied || l.claims.Load() != looks {
				t.Errorf("%s after %d looks", got, l.claims.Load())
			}
			f.Close(t.Context())
		})
	}
}

// TestResumeApproved ends what people approved and the policy would not allow now, and says why; what is busy waits.
func TestResumeApproved(t *testing.T) {
	for code, want := range map[toolerr.Code]change.Status{toolerr.PolicyDenied: change.StatusCancelled,
		toolerr.Busy: change.StatusApproved} {
		f := newFixture(t, sandboxOfFew)
		c := f.planned(f.renaming(0))
		c.Approvals = []change.Approval{{}}
		f.leaving(c)
		f.resumer.resumable = func(context.Context, *change.Change) (change.Decide, bool) {
			return func(*change.Change, change.Recent) error { return toolerr.New(code, "no", "") }, true
		}
		f.resumer.ResumeInterrupted(t.Context())
		reason := ""
		if want == change.StatusCancelled {
			reason = "it was approved, and not begun: no"
		}
		if got := f.stored(c.ID); got.Status != want || got.Reason != reason {
			t.Errorf("%s: %s: %s", code, got.Status, got.Reason)
		}
	}
}

// TestResumeWithdrawn ends what it takes over of a principal whose access is gone, and of no other: what was begun is
// stopped, unless that cannot be put on record.
func TestResumeWithdrawn(t *testing.T) {
	for name, test := range map[string]struct {
		begun, other, unrecorded bool
		want                     change.Status
		reason                   string
	}{
		"begun":                    {true, false, false, change.StatusStopped, "the change was cancelled: " + whyWithdrawn},
		"begun by another":         {true, true, false, change.StatusApplied, ""},
		"begun, and not on record": {true, false, true, change.StatusApplying, ""},
		"allowed":                  {false, false, false, change.StatusCancelled, whyWithdrawn},
		"allowed to another":       {false, true, false, change.StatusApplied, ""},
		"allowed, stops are away":  {false, false, true, change.StatusCancelled, whyWithdrawn},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			c := f.planned(f.renaming(0))
			if test.begun {
				c = f.interrupted(f.renaming(0))
			}
			if test.unrecorded {
				f.store = withStops{f.store, deaf{f.store.Shared().Stops}}
			}
			f.leaving(c)
			f.gone = func(principal string) bool { return (principal == c.Principal) != test.other }
			f.resumer.ResumeInterrupted(t.Context())
			f.Idle()
			if got := f.stored(c.ID); got.Status != test.want || got.Reason != test.reason {
				t.Errorf("%s: %s", got.Status, got.Reason)
			}
			warned := f.logged("stopping a change whose principal's access was withdrawn")
			if (warned == 1) != (test.begun && test.unrecorded) {
				t.Errorf("warned %d times", warned)
			}
		})
	}
	f := newFixture(t, sandboxOfFew)
	c := f.applied(f.renaming(0)) // by another process, meanwhile
	f.gone = func(string) bool { return true }
	if !f.runs.begin() {
		t.Fatal("the engine is ending")
	}
	f.resumer.goOn(t.Context(), c)
	if f.Idle(); f.logs.Len() > 0 && strings.Contains(f.logs.String(), "withdrawn") {
		t.Errorf("told: %s", &f.logs)
	}
}

package engine

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestBulkRefused fails the items of a job that Intercom takes from nobody now, and writes one by one those of a job
// that it refused for what is in it. Either is on record as refused, and a job whose answer was lost is not.
func TestBulkRefused(t *testing.T) {
	for name, test := range map[string]struct {
		fault   sandbox.Fault
		want    change.Count
		refused bool
		single  int
	}{
		"the token is refused": {sandbox.Fault{Status: http.StatusUnauthorized}, change.Count{Failed: 20}, true, 0},
		"a conflict":           {sandbox.Fault{Status: http.StatusConflict}, change.Count{Failed: 20}, true, 0},
		"a bad item":           {sandbox.Fault{Status: http.StatusUnprocessableEntity}, change.Count{Changed: 20}, true, 20},
		"lost, and done":       {sandbox.Fault{ResetAfter: true}, change.Count{Changed: 20}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, sandbox.Options{Contacts: 200, RateLimit: 1 << 30, BulkDelay: time.Millisecond})
				test.fault.Method, test.fault.Path = "PUT", "/contacts/bulk"
				f.sandbox.AddFault(test.fault)
				c := f.applied(f.renamings(20)...)
				if counts := change.CountItems(c.Items); counts != test.want {
					t.Errorf("%s: %+v, %+v", c.Status, counts, c.Items[0])
				}
				if len(c.Jobs) != 1 || c.Jobs[0].Refused != test.refused {
					t.Errorf("on record: %+v", c.Jobs)
				}
				if n := f.routes()["PUT /contacts/{id}"]; n != test.single {
					t.Errorf("%d were written one by one", n)
				}
			})
		})
	}
}

// TestBulkRestOfOne sends the one item that is left beyond full jobs, or leaves it to whoever goes on.
func TestBulkRestOfOne(t *testing.T) {
	for pauses, want := range map[bool]change.Count{false: {Changed: TrialItems + BulkChunk + 1},
		true: {Changed: TrialItems + BulkChunk, Pending: 1}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 500, RateLimit: 1 << 30, BulkDelay: time.Minute})
			c := f.planned(f.renamings(TrialItems + BulkChunk + 1)...)
			if _, err := f.Start(t.Context(), c, change.Step{}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(90 * time.Second) // the second job is under way
			if pauses {
				f.Pause(time.Hour)
			}
			f.Idle()
			c = f.stored(c.ID)
			if counts := change.CountItems(c.Items); counts != want || (c.Status == change.StatusApplying) != pauses {
				t.Errorf("paused %t: %s: %+v", pauses, c.Status, counts)
			}
		})
	}
}

// TestBulkReadsBack looks at a job no oftener than it takes, reads back by pages while jobs are under way, and sends
// nothing more once an outcome cannot be recorded.
func TestBulkReadsBack(t *testing.T) {
	unlimited := *policy.Default(policy.ModeFull)
	unlimited.Limits.StopAfter = policy.StopAfter{}
	options := sandbox.Options{Contacts: 2400, RateLimit: 1 << 30, BulkDelay: 950 * time.Millisecond}
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, options)
		f.policy.Store(&unlimited)
		f.applied(f.renamings(20)...)
		if n := f.routes()["GET /contacts/bulk/{job}"]; n != 1 {
			t.Errorf("%d looks", n)
		}
		f.sandbox.ResetCalls()
		f.applied(f.renamings(600)...)
		first, last := 0, 0
		for i, call := range f.sandbox.Calls() {
			switch {
			case call.Route == "PUT /contacts/bulk":
				last = i
			case call.Route == "POST /contacts/search" && first == 0:
				first = i
			}
		}
		if first > last {
			t.Error("it reads nothing back before all jobs are sent")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, options)
		last := change.Item{TargetID: f.user(130).ID, Patch: change.Patch{Op: change.Archive}}
		a := f.applier(append(f.renamings(120), last)...)
		a.store = failing{f.store}
		if _, err := a.apply(t.Context()); !errors.Is(err, change.ErrUnavailable) || len(f.writes()) != 2 {
			t.Errorf("%v, sent %v", err, f.writes())
		}
		f.sandbox.ResetCalls()
		a = f.applier(f.renamings(750)...)
		a.store = failing{f.store}
		if _, err := a.apply(t.Context()); !errors.Is(err, change.ErrUnavailable) || len(f.writes()) != JobsAtOnce+1 {
			t.Errorf("%v, sent %v", err, f.writes())
		}
	})
}

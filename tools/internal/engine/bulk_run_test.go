package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// routes counts requests by route.
func (f *fixture) routes() map[string]int {
	counts := make(map[string]int)
	for _, call := range f.sandbox.Calls() {
		counts[call.Route]++
	}
	return counts
}

// TestBulkRun writes many contacts by bulk jobs: in as few requests as it takes, with what they left undone, and what
// they cannot take, written one by one.
func TestBulkRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options sandbox.Options
		prepare func(f *fixture, items []change.Item) []change.Item
		fault   sandbox.Fault
		limit   policy.StopAfter
		want    change.Count
		status  change.Status
		jobs    int // requests to /contacts/bulk
		puts    int // negative: at most so many, since the run stops
	}{
		"all": {status: change.StatusApplied, want: change.Count{Changed: 250}, jobs: 3},
		"search lags": {options: sandbox.Options{SearchLag: time.Hour}, status: change.StatusApplied,
			want: change.Count{Changed: 250}, jobs: 3},
		"no search": {fault: sandbox.Fault{Method: "POST", Path: "/contacts/search", Status: http.StatusForbidden},
			status: change.StatusApplied, want: change.Count{Changed: 250}, jobs: 3},
		"no bulk jobs": {options: sandbox.Options{NoPreview: true}, status: change.StatusApplied,
			want: change.Count{Changed: 250}, jobs: 1, puts: 250},
		"answer lost": {fault: sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", ResetAfter: true, Times: 1},
			status: change.StatusApplied, want: change.Count{Changed: 250}, jobs: 3},
		"job lost": {fault: sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", Reset: true, Times: 1},
			status: change.StatusApplied, want: change.Count{Changed: 250}, jobs: 3, puts: 100},
		"refused": {fault: sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", Status: http.StatusUnprocessableEntity,
			Times: 1}, status: change.StatusApplied, want: change.Count{Changed: 250}, jobs: 3, puts: 100},
		"forbidden": {fault: sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", Status: http.StatusForbidden, Times: 1},
			status: change.StatusApplied, want: change.Count{Changed: 250}, jobs: 1, puts: 250},
		"job unseen": {fault: sandbox.Fault{Method: "GET", Path: "/contacts/bulk/*", Status: http.StatusForbidden},
			status: change.StatusApplied, want: change.Count{Changed: 250}, jobs: 3},
		"slow": {options: sandbox.Options{BulkDelay: 5 * time.Minute}, status: change.StatusApplied,
			want: change.Count{Changed: 250}, jobs: 3},
		"one fails": {prepare: failing1(1), status: change.StatusPartial, want: change.Count{Changed: 249, Failed: 1},
			jobs: 3, puts: 1},
		"a few fail": {prepare: func(f *fixture, items []change.Item) []change.Item {
			failing1(15)(f, items[120:])
			return items
		}, limit: policy.StopAfter{Percent: 10, OfAtLeast: 20}, status: change.StatusPartial,
			want: change.Count{Changed: 235, Failed: 15}, jobs: 4, puts: 15},
		"most fail": {prepare: failing1(200), limit: policy.StopAfter{Percent: 10, OfAtLeast: 20},
			status: change.StatusStopped, want: change.Count{Failed: 20, NotSent: 230}, jobs: 1, puts: 20},
		"fails later": {prepare: func(f *fixture, items []change.Item) []change.Item {
			failing1(100)(f, items[20:])
			return items
		}, limit: policy.StopAfter{Percent: 10, OfAtLeast: 20}, status: change.StatusStopped,
			want: change.Count{Changed: 20, Failed: 100, NotSent: 130}, jobs: 2, puts: -20},
		"more allowed than there are": {prepare: failing1(200), limit: policy.StopAfter{Items: 251},
			status: change.StatusPartial, want: change.Count{Changed: 50, Failed: 200}, jobs: 3, puts: 200},
		"one is gone": {prepare: func(f *fixture, items []change.Item) []change.Item {
			f.remove(items[3].TargetID)
			return items
		}, status: change.StatusUnknown, want: change.Count{Changed: 249, Unknown: 1}, jobs: 3},
		"one is unreadable": {options: sandbox.Options{SearchLag: time.Hour}, prepare: func(f *fixture,
			items []change.Item) []change.Item {
			f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/" + items[3].TargetID,
				Status: http.StatusForbidden})
			return items
		}, status: change.StatusUnknown, want: change.Count{Changed: 249, Unknown: 1}, jobs: 3},
		"some by itself": {prepare: func(_ *fixture, items []change.Item) []change.Item {
			items[7].Patch.Set = map[string]any{"phone": nil}
			return items
		}, status: change.StatusApplied, want: change.Count{Changed: 249, Unchanged: 1}, jobs: 3, puts: 1},
		"some are done": {prepare: func(_ *fixture, items []change.Item) []change.Item {
			items[7].Outcome = change.Unchanged
			return items
		}, status: change.StatusApplied, want: change.Count{Changed: 249, Unchanged: 1}, jobs: 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				options := test.options
				options.Contacts, options.RateLimit = 700, 1<<30
				f := newFixture(t, options)
				limited := *f.policy.Load()
				limited.Limits.StopAfter = test.limit
				f.policy.Store(&limited)
				items := f.renamings(250)
				if test.prepare != nil {
					items = test.prepare(f, items)
				}
				if test.fault != (sandbox.Fault{}) {
					f.sandbox.AddFault(test.fault)
				}
				began := time.Now()
				c := f.applied(items...)
				counts := change.CountItems(c.Items)
				if reason := c.Items[3].Reason; name == "one is unreadable" &&
					!strings.HasPrefix(reason, "it could not be read back") {
					t.Errorf("reason: %s", reason)
				}
				if c.Status != test.status || test.want != (change.Count{}) && counts != test.want {
					t.Errorf("%s: %+v", c.Status, counts)
				}
				routes := f.routes()
				puts := routes["PUT /contacts/{id}"]
				if routes["PUT /contacts/bulk"] != test.jobs || test.puts >= 0 && puts != test.puts || test.puts < 0 &&
					(puts < 3 || puts > -test.puts) {
					t.Errorf("requests: %v", routes)
				}
				if reads := routes["GET /contacts/{id}"]; name == "all" && reads > 0 || name == "search lags" && reads != 250 {
					t.Errorf("%d are read by id", reads)
				}
				if took := time.Since(began); took > options.BulkDelay+pollMost+time.Minute {
					t.Errorf("it took %v", took)
				}
				if (name == "no search") != (f.logged("reading back by search") > 0) {
					t.Errorf("logged: %s", f.logs.String())
				}
				if offered := name != "no bulk jobs" && name != "forbidden"; offered == f.noBulk.Load() {
					t.Errorf("it knows of no bulk jobs: %t", f.noBulk.Load())
				}
			})
		})
	}
}

// TestBulkLeftOver writes what ended jobs left undone once it is too much of what was read back since the last time,
// and at the end otherwise. What was not sent, since Intercom refused its chunk, is no such share.
func TestBulkLeftOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const page = directory.PageOfContacts
		undone := []int{0, 3, 45, 15, 3, 0} // of each page, of which the first is the second job's
		ends := []int{120, 120 + page, 120 + 2*page, 120 + 3*page, 120 + 4*page, 120 + 5*page}
		starts := slices.Insert(slices.Clone(ends), 0, 20)
		var f *fixture
		var items []change.Item
		var order []string // of what comes after the first job: searches, and writes one by one with their number
		var mu sync.Mutex
		pages, puts := 0, 0
		f = newFixture(t, sandbox.Options{Contacts: 2000, RateLimit: 1 << 30}, func(_ context.Context, x intercom.Exchange) {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case x.Route == "/contacts/search" && f.routes()["PUT /contacts/bulk"] > 0:
				for _, item := range items[starts[pages]:][:undone[pages]] {
					f.sandbox.FailContact(item.TargetID, "", "")
				}
				pages, puts = pages+1, 0
				order = append(order, "page")
			case x.Method == http.MethodPut && x.Route == "/contacts/{id}":
				if puts++; puts > 1 {
					order = order[:len(order)-1]
				}
				order = append(order, fmt.Sprint(puts))
			}
		})
		limited := *f.policy.Load()
		limited.Limits.StopAfter = policy.StopAfter{Percent: 10, OfAtLeast: 20}
		f.policy.Store(&limited)
		items = f.renamings(ends[len(ends)-1])
		for at, n := range undone {
			for _, item := range items[starts[at]:][:n] {
				f.sandbox.FailContact(item.TargetID, "parameter_invalid", "no")
			}
		}
		f.sandbox.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", Status: http.StatusUnprocessableEntity,
			Times: 1})
		c := f.applied(items...)
		if counts := change.CountItems(c.Items); counts != (change.Count{Changed: len(items)}) {
			t.Errorf("%s: %+v", c.Status, counts)
		}
		want := []string{"page", "page", "page", "68", "page", "15", "page", "page", "3"}
		if diff := cmp.Diff(want, order); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// failing1 lets so many of the items fail.
func failing1(n int) func(f *fixture, items []change.Item) []change.Item {
	return func(f *fixture, items []change.Item) []change.Item {
		for i := range n {
			f.sandbox.FailContact(items[i].TargetID, "parameter_invalid", "no")
		}
		return items
	}
}

func (f *fixture) remove(id string) {
	f.t.Helper()
	if err := f.client.Contacts.Delete(f.t.Context(), id); err != nil {
		f.t.Fatal(err)
	}
}

// TestBulkJobsAtOnce has a small job under way first, then one of 100, and then four, and no more.
func TestBulkJobsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 2000, BulkDelay: time.Minute, RateLimit: 1 << 30})
		c := f.planned(f.renamings(600)...)
		if _, err := f.Start(t.Context(), c, change.Step{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		for i, want := range []int{1, 2, 2 + JobsAtOnce} {
			if jobs := f.routes()["PUT /contacts/bulk"]; jobs != want {
				t.Errorf("after %d jobs: %d were sent, want %d", i, jobs, want)
			}
			time.Sleep(65 * time.Second)
		}
		f.Idle()
		if c = f.stored(c.ID); c.Status != change.StatusApplied || f.routes()["PUT /contacts/bulk"] != 7 {
			t.Errorf("%s: %v", c.Status, f.routes())
		}
	})
}

// TestBulkStopped stops a run while jobs are under way: what is not sent is told at once, what was sent is read back.
func TestBulkStopped(t *testing.T) {
	for why, want := range map[stop]change.Count{cancelled: {Changed: 520, NotSent: 85},
		pausing: {Changed: 520, Pending: 85}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 2000, BulkDelay: time.Minute, RateLimit: 1 << 30})
			items := f.renamings(605)
			for i := 600; i < 605; i++ {
				items[i].Patch = change.Patch{Op: change.Archive} // one by one, after the jobs
			}
			c := f.planned(items...)
			if _, err := f.Start(t.Context(), c, change.Step{}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(160 * time.Second) // two jobs were read back, four are under way
			f.runs.find(c.ID).halt.set(why, change.StopRequest{})
			time.Sleep(time.Second)
			if counts := change.CountItems(f.stored(c.ID).Items); counts.NotSent != want.NotSent || counts.Changed != 120 {
				t.Errorf("stopped for %d, at once: %+v", why, counts)
			}
			f.Idle()
			if counts := change.CountItems(f.stored(c.ID).Items); counts != want {
				t.Errorf("stopped for %d: %+v", why, counts)
			}
		})
	}
}

// TestBulkPaused leaves what is not sent to whoever goes on, where there is nothing but bulk jobs; so it does what they
// left undone, however much that is, once all that was sent is read back.
func TestBulkPaused(t *testing.T) {
	t.Parallel()
	for undone, want := range map[int]change.Count{0: {Changed: 520, Pending: 80}, 40: {Changed: 480, Pending: 120}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 2000, BulkDelay: time.Minute, RateLimit: 1 << 30})
			limited := *f.policy.Load()
			limited.Limits.StopAfter = policy.StopAfter{Percent: 10, OfAtLeast: 20}
			f.policy.Store(&limited)
			items := f.renamings(600)
			failing1(undone)(f, items[120:])
			c := f.planned(items...)
			if _, err := f.Start(t.Context(), c, change.Step{}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(160 * time.Second) // two jobs were read back, four are under way
			f.Pause(time.Hour)
			f.Idle()
			c = f.stored(c.ID)
			if counts := change.CountItems(c.Items); c.Status != change.StatusApplying || counts != want {
				t.Errorf("%d undone: %s: %+v", undone, c.Status, counts)
			}
		})
	}
}

// TestBulkLeft leaves a run where it stands, or without a store, in the middle of its jobs.
func TestBulkLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 2000, BulkDelay: time.Minute, RateLimit: 1 << 30})
		a := f.applier(f.renamings(150)...)
		ctx, leave := context.WithTimeout(t.Context(), 30*time.Second)
		defer leave()
		if _, err := a.apply(ctx); !errors.Is(err, errDeferred) {
			t.Errorf("left: %v", err)
		}
		a = f.applier(f.renamings(160)...)
		a.store = failing{f.store}
		if _, err := a.apply(t.Context()); !errors.Is(err, change.ErrUnavailable) {
			t.Errorf("without a store: %v", err)
		}
		a = f.applier(f.renamings(550)...)
		a.store = failing{f.store}
		if _, err := a.apply(t.Context()); !errors.Is(err, change.ErrUnavailable) {
			t.Errorf("without a store, more jobs to come: %v", err)
		}
		a = f.applier(f.renamings(450)...)
		a.store = failing{f.store}
		time.AfterFunc(10*time.Second, func() { a.run.halt.set(cancelled, change.StopRequest{}) })
		began := time.Now()
		if _, err := a.apply(t.Context()); !errors.Is(err, change.ErrUnavailable) || time.Since(began) != 10*time.Second {
			t.Errorf("stopped without a store, after %v: %v", time.Since(began), err)
		}
		a = f.applier(f.renamings(5)...)
		a.store = failing{f.store}
		a.run.halt.set(cancelled, change.StopRequest{})
		// Recorded with the end, or one by one where a worker is quicker than the stop.
		if step, err := a.apply(t.Context()); err == nil && len(step.Outcomes) != 5 ||
			err != nil && !errors.Is(err, change.ErrUnavailable) {
			t.Errorf("one by one, stopped without a store: %+v, %v", step, err)
		}
		a = f.applier(f.renamings(20)...)
		a.store = failing{f.store}
		a.change.Items[3].Outcome = change.Unchanged // so that the rest is not all that is recorded
		a.run.halt.set(cancelled, change.StopRequest{})
		if _, err := a.apply(t.Context()); !errors.Is(err, change.ErrUnavailable) {
			t.Errorf("stopped before the first job without a store: %v", err)
		}
		f.sandbox.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", Status: http.StatusForbidden})
		a = f.applier(f.renamings(20)...)
		a.store = failing{f.store}
		if _, err := a.apply(t.Context()); !errors.Is(err, change.ErrUnavailable) {
			t.Errorf("refused without a store: %v", err)
		}
		a = f.applier(f.renamings(20)...)
		a.change.Items[3].Patch.Set = map[string]any{"custom_attributes.plan": func() {}}
		if _, err := a.apply(t.Context()); err == nil || errors.Is(err, errDeferred) {
			t.Errorf("what cannot be written down: %v", err)
		}
	})
}

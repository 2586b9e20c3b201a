package engine

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// killed begins a change of renamings, and has its process die after a while. It returns the change as another process
// takes it over.
func (f *fixture) killed(after time.Duration, items ...change.Item) change.Change {
	f.t.Helper()
	a := f.applier(items...)
	ctx, kill := context.WithTimeout(f.t.Context(), after)
	defer kill()
	if _, err := a.apply(ctx); !errors.Is(err, errDeferred) {
		f.t.Fatalf("it was not killed: %v", err)
	}
	f.restart()
	f.sandbox.ResetCalls()
	return f.stored(a.change.ID)
}

// TestJobsAfterCrash kills a process in the midst of bulk jobs, and stops the change: each item ends as what Intercom
// made of its job, once that has ended, or as not sent where it was in none.
func TestJobsAfterCrash(t *testing.T) {
	t.Parallel()
	unseen := sandbox.Fault{Method: "GET", Path: "/contacts/bulk/*", Status: http.StatusForbidden}
	lost := sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", Hang: true}
	for name, test := range map[string]struct {
		options sandbox.Options
		fault   sandbox.Fault                     // before the kill
		after   sandbox.Fault                     // and then
		prepare func(f *fixture, c []change.Item) // before all
		change  func(f *fixture, c change.Change) // between the kill and the resuming
		goesOn  bool                              // the change is not stopped
		want    change.Count
		most    time.Duration // how long resuming takes
	}{
		"jobs under way": {want: change.Count{Changed: 400, NotSent: 150}, most: 2 * time.Minute},
		"and it goes on": {goesOn: true, want: change.Count{Changed: 550}, most: 5 * time.Minute},
		"some failed": {prepare: func(f *fixture, items []change.Item) { failing1(7)(f, items) },
			want: change.Count{Changed: 393, Failed: 7, NotSent: 150}, most: 2 * time.Minute},
		"jobs that cannot be seen": {after: unseen, want: change.Count{Unknown: 400, NotSent: 150}, most: 10 * time.Second},
		"Intercom is down": {after: sandbox.Fault{Status: http.StatusServiceUnavailable},
			want: change.Count{Unknown: 400, NotSent: 150}, most: pollFor + time.Minute},
		"no answer to the first": {fault: lost, want: change.Count{Unknown: 100, NotSent: 450}, most: 10 * time.Second},
		"no answer, long ago": {fault: lost, want: change.Count{Failed: 100, NotSent: 450}, most: 10 * time.Second,
			change: func(*fixture, change.Change) { time.Sleep(pollFor) }},
		"no bulk jobs": {options: sandbox.Options{NoPreview: true, Latency: time.Second},
			want: change.Count{Changed: 120, NotSent: 430}, most: time.Minute},
		"others wrote to some": {want: change.Count{Changed: 400, Failed: 1, NotSent: 149}, most: 2 * time.Minute,
			change: func(f *fixture, c change.Change) { f.rename("By Another", c.Items[420]) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				options := test.options
				options.Contacts, options.RateLimit, options.BulkDelay = 2000, 1<<30, time.Minute
				f := newFixture(t, options)
				items := f.renamings(550)
				if test.prepare != nil {
					test.prepare(f, items)
				}
				if test.fault != (sandbox.Fault{}) {
					f.sandbox.AddFault(test.fault)
				}
				after := 30 * time.Second
				if test.fault.Hang {
					after = 5 * time.Second
				}
				c := f.killed(after, items...)
				if test.after != (sandbox.Fault{}) {
					f.sandbox.AddFault(test.after)
				}
				if test.change != nil {
					test.change(f, c)
				}
				if !test.goesOn {
					f.denied.Store("by a rule")
				}
				began := time.Now()
				time.AfterFunc(3*time.Second, func() {
					says := "waits for Intercom, and then goes on: a bulk job that was sent before has not ended"
					if got := f.Standing(c.ID, Waited{}); name == "jobs under way" && !strings.HasPrefix(got, says) {
						t.Errorf("it says %q", got)
					}
				})
				f.takeOver(c)
				c = f.stored(c.ID)
				if counts := change.CountItems(c.Items); counts != test.want {
					t.Errorf("%s: %+v", c.Status, counts)
				}
				for i, item := range c.Items {
					now, _ := f.sandbox.Contact(item.TargetID)
					if shows := now.Name == "Renamed"; item.Outcome == change.Changed && !shows || item.Outcome != change.Changed &&
						item.Outcome != change.Unknown && shows {
						t.Fatalf("item %d is %s, and shows %q: %s", i, item.Outcome, now.Name, item.Reason)
					}
				}
				if sent := f.writes(); !test.goesOn &&
					slices.ContainsFunc(sent, func(s string) bool { return s == "PUT /contacts/bulk" }) {
					t.Errorf("sent: %v", sent)
				}
				if took := time.Since(began); took > test.most {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// TestJobsAwaitedPaused leaves a change whose jobs are awaited to whoever goes on, where the server is to run again.
func TestJobsAwaitedPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 2000, RateLimit: 1 << 30, BulkDelay: 5 * time.Minute})
		c := f.killed(time.Minute, f.renamings(550)...)
		go f.takeOver(c)
		time.Sleep(time.Minute)
		f.Pause(time.Hour)
		f.Idle()
		if c = f.stored(c.ID); c.Status != change.StatusApplying || change.CountItems(c.Items).Pending != 550 {
			t.Errorf("%s: %+v", c.Status, change.CountItems(c.Items))
		}
	})
}

// TestJobsUnrecorded sends no job that cannot be put on record.
func TestJobsUnrecorded(t *testing.T) {
	f := newFixture(t, sandbox.Options{Contacts: 400})
	a := f.applier(f.renamings(20)...)
	a.store = jobless{f.store}
	if _, err := a.apply(t.Context()); !errors.Is(err, change.ErrUnavailable) {
		t.Error(err)
	}
	if sent := f.writes(); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
	a.change.Jobs = []change.Job{{Items: "19-20"}}
	if _, err := a.awaitJobs(t.Context()); err == nil {
		t.Error("a job of items that there are not")
	}
}

// TestJobsOfAnotherClock takes a job from the future for one of now, and is left while it waits.
func TestJobsOfAnotherClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 400})
		a := f.applier(f.renamings(20)...)
		a.change.Jobs = []change.Job{{Items: "0-19", At: time.Now().Add(time.Hour), ID: "job_x"}}
		f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/bulk/*", Status: http.StatusServiceUnavailable})
		began := time.Now()
		found, err := a.awaitJobs(t.Context())
		if took := time.Since(began); err != nil || !found.items[19] || took < pollFor || took > pollFor+time.Minute {
			t.Errorf("%+v after %v, %v", found, took, err)
		}
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		defer leave()
		a.change.Jobs[0].At = time.Now()
		if _, err := a.awaitJobs(ctx); !errors.Is(err, errDeferred) {
			t.Error(err)
		}
	})
}

// jobless is a store that records no jobs.
type jobless struct{ change.Store }

func (jobless) RecordJob(context.Context, string, change.Job) error { return change.ErrUnavailable }

// TestInJobs tells whether a change was large enough for bulk jobs: by its updates that were to be sent.
func TestInJobs(t *testing.T) {
	for updates, want := range map[int]bool{directory.FewContacts: false, directory.FewContacts + 1: true} {
		items := make([]change.Item, updates)
		items = append(items, change.Item{Outcome: change.Unchanged}, change.Item{Patch: change.Patch{Op: change.Archive}},
			change.Item{Patch: change.Patch{Op: change.Block}})
		a := &applier{change: &change.Change{Items: items}, noBulk: new(atomic.Bool)}
		if got := (&reconciler{a: a}).inJobs(); got != want {
			t.Errorf("%d updates: %t", updates, got)
		}
		a.noBulk.Store(true)
		if (&reconciler{a: a}).inJobs() {
			t.Error("in a workspace without bulk jobs")
		}
	}
}

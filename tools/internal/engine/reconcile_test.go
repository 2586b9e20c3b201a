package engine

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// rename gives contacts a name by hand.
func (f *fixture) rename(name string, items ...change.Item) {
	f.t.Helper()
	for _, item := range items {
		if _, err := f.client.Contacts.Update(f.t.Context(), item.TargetID,
			intercom.ContactWrite{Name: intercom.Value(name)}); err != nil {
			f.t.Fatal(err)
		}
	}
}

// TestReconcile takes up changes of which an earlier process had sent a part: what shows is not sent again, what
// another client wrote is skipped, and the rest is sent.
func TestReconcile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		items   int
		options sandbox.Options
		prepare func(f *fixture, items []change.Item)
		want    change.Count
		writes  int
	}{
		"a few, none sent": {3, sandbox.Options{}, func(*fixture, []change.Item) {}, change.Count{Changed: 3}, 3},
		"a few, all sent": {3, sandbox.Options{}, func(f *fixture, items []change.Item) { f.rename("Renamed", items...) },
			change.Count{Changed: 3}, 0},
		"a few, one sent": {3, sandbox.Options{}, func(f *fixture, items []change.Item) { f.rename("Renamed", items[1]) },
			change.Count{Changed: 3}, 2},
		"a few, one by another": {3, sandbox.Options{},
			func(f *fixture, items []change.Item) { f.rename("By Another", items[1]) },
			change.Count{Changed: 2, Unknown: 1}, 2},
		"a few, one gone": {3, sandbox.Options{}, func(f *fixture, items []change.Item) { f.remove(items[1].TargetID) },
			change.Count{Changed: 2, Unknown: 1}, 3},
		"many, none sent": {30, sandbox.Options{}, func(*fixture, []change.Item) {}, change.Count{Changed: 30}, 2},
		"many, all sent": {30, sandbox.Options{}, func(f *fixture, items []change.Item) { f.rename("Renamed", items...) },
			change.Count{Changed: 30}, 0},
		"many, search lags": {30, sandbox.Options{SearchLag: time.Hour},
			func(f *fixture, items []change.Item) { f.rename("Renamed", items...) }, change.Count{Changed: 30}, 0},
		"many, some sent": {30, sandbox.Options{},
			func(f *fixture, items []change.Item) { f.rename("Renamed", items[5:20]...) }, change.Count{Changed: 30}, 1},
		"many, one by another": {30, sandbox.Options{},
			func(f *fixture, items []change.Item) { f.rename("By Another", items[7]) },
			change.Count{Changed: 29, Unknown: 1}, 2},
		"many, one gone": {30, sandbox.Options{}, func(f *fixture, items []change.Item) { f.remove(items[7].TargetID) },
			change.Count{Changed: 29, Unknown: 1}, 2},
		"beyond what is under way, one gone": {MaxInFlight + 20, sandbox.Options{},
			func(f *fixture, items []change.Item) {
				f.remove(items[MaxInFlight+10].TargetID)
				f.remove(items[3].TargetID)
			}, change.Count{Changed: MaxInFlight + 18, Unknown: 2}, 7},
		"all, beyond what is under way": {MaxInFlight + 20, sandbox.Options{SearchLag: time.Hour},
			func(f *fixture, items []change.Item) { f.rename("By Another", items[MaxInFlight+10]) },
			change.Count{Changed: MaxInFlight + 20}, 7},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				options := test.options
				options.Contacts, options.RateLimit = 60+3*test.items, 1<<30
				f := newFixture(t, options)
				items := f.renamings(test.items)
				c := f.interrupted(items...)
				test.prepare(f, items)
				f.sandbox.ResetCalls()
				f.takeOver(c)
				c = f.stored(c.ID)
				if counts := change.CountItems(c.Items); counts != test.want {
					t.Errorf("%s: %+v", c.Status, counts)
				}
				if sent := f.writes(); len(sent) != test.writes {
					t.Errorf("%d writes: %v", len(sent), sent)
				}
			})
		})
	}
}

// TestReconcileStopped takes up a change that was stopped: it sends nothing, and what may have been sent and does not
// show is unknown where Intercom may yet write it.
func TestReconcileStopped(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		items  int
		noBulk bool
		want   change.Count
		before map[int]change.Outcome // recorded by the process that died
		older  bool                   // which kept no record of its jobs
		shows  int                    // the index of the item that shows to be written; -1: none
		then   change.Operation       // of one more item
	}{
		"a few":              {items: 4, want: change.Count{Changed: 1, NotSent: 3}},
		"many":               {items: 30, want: change.Count{Changed: 1, NotSent: 29}},
		"many, no bulk jobs": {items: 30, noBulk: true, want: change.Count{Changed: 1, NotSent: 29}, older: true},
		"ten":                {items: directory.FewContacts, want: change.Count{Changed: 1, NotSent: 9}, older: true},
		"many, by an older":  {items: 30, want: change.Count{Changed: 1, Unknown: 29}, older: true},
		"more than were sent": {items: MaxInFlight + 41, want: change.Count{Changed: 1, Unknown: MaxInFlight + 10,
			NotSent: 31}, older: true, shows: 10, then: change.Archive},
		"nothing shows": {items: MaxInFlight + 10, want: change.Count{Unknown: MaxInFlight, NotSent: 10}, older: true,
			shows: -1},
		"some are recorded": {items: MaxInFlight + 101,
			want:   change.Count{Changed: 2, Unchanged: 1, Unknown: MaxInFlight + 59, NotSent: 39},
			before: map[int]change.Outcome{60: change.Changed, 70: change.Unchanged}, older: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, sandbox.Options{Contacts: 60 + 3*test.items, RateLimit: 1 << 30})
				f.noBulk.Store(test.noBulk)
				items := f.renamings(test.items)
				if test.then != "" {
					items = append(items, change.Item{TargetID: f.user(test.items).ID, Patch: change.Patch{Op: test.then}})
				}
				c := f.interrupted(items...)
				if test.shows >= 0 {
					f.rename("Renamed", items[test.shows])
				}
				for i, outcome := range test.before {
					if err := f.store.Record(t.Context(), c.ID, []change.Recorded{{Index: i, Outcome: outcome}}); err != nil {
						t.Fatal(err)
					}
				}
				c = f.stored(c.ID)
				c.JobsOnRecord = !test.older
				if err := f.store.Shared().Stops.Request(t.Context(), c.ID, change.Actor{By: "ann"}, ""); err != nil {
					t.Fatal(err)
				}
				f.sandbox.ResetCalls()
				f.takeOver(c)
				c = f.stored(c.ID)
				if counts := change.CountItems(c.Items); counts != test.want {
					t.Errorf("%s: %+v", c.Status, counts)
				}
				if sent := f.writes(); len(sent) > 0 {
					t.Errorf("sent: %v", sent)
				}
			})
		})
	}
}

// TestReconcileOthers takes up a stopped change of other operations: what reading cannot tell is unknown, the rest is
// not sent.
func TestReconcileOthers(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	archiving := change.Item{TargetID: f.user(0).ID, Patch: change.Patch{Op: change.Archive}}
	blocking := change.Item{TargetID: f.user(1).ID, Patch: change.Patch{Op: change.Block}}
	c := f.interrupted(archiving, blocking)
	f.denied.Store("by a rule")
	f.takeOver(c)
	c = f.stored(c.ID)
	if got := c.Items[0]; got.Outcome != change.NotSent || got.Reason != "not sent: the policy in force forbids it now" {
		t.Errorf("%+v", got)
	}
	want := "the server had stopped and may have sent it before; it is not sent again, and nothing that can be read " +
		"shows it. Look at the contact in Intercom before repeating it. Blocking twice does no more than once."
	if got := c.Items[1]; got.Outcome != change.Unknown || got.Reason != want ||
		got.Code != string(toolerr.OutcomeUnknown) || got.Facts["check_with"] != nil {
		t.Errorf("%+v", got)
	}
	third := change.Item{TargetID: f.user(2).ID, Patch: change.Patch{Op: change.Archive}}
	if err := f.client.Contacts.Archive(t.Context(), third.TargetID); err != nil {
		t.Fatal(err)
	}
	f.sandbox.ResetCalls()
	c = f.interrupted(third)
	f.takeOver(c)
	if c = f.stored(c.ID); c.Items[0].Outcome != change.Changed || len(f.writes()) > 0 {
		t.Errorf("archived before: %+v, %v", c.Items[0], f.writes())
	}
	c = f.interrupted(archiving, blocking)
	f.denied.Store("")
	f.takeOver(c)
	if c = f.stored(c.ID); c.Status != change.StatusApplied {
		t.Errorf("%s: %+v", c.Status, c.Items)
	}
}

// TestReconcileEventually waits for an Intercom that is down, and says so; not longer than the server runs, nor once
// the change is stopped.
func TestReconcileEventually(t *testing.T) {
	down := sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusServiceUnavailable}
	t.Run("until it is up again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			c := f.interrupted(f.renaming(0))
			remove := f.sandbox.AddFault(down)
			began := time.Now()
			go f.takeOver(c)
			time.Sleep(40 * time.Second)
			if got := f.Standing(c.ID, Waited{}); got != "waits for Intercom, and then goes on: Service Unavailable" {
				t.Error(got)
			}
			remove()
			f.Idle()
			if c = f.stored(c.ID); c.Status != change.StatusApplied || time.Since(began) > 2*resumeEvery+20*time.Second {
				t.Errorf("%s after %v", c.Status, time.Since(began))
			}
		})
	})
	for why, want := range map[stop]change.Count{cancelled: {Unknown: 1}, pausing: {Pending: 1}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			c := f.interrupted(f.renaming(0))
			f.sandbox.AddFault(down)
			go f.takeOver(c)
			time.Sleep(time.Minute)
			f.runs.find(c.ID).halt.set(why, change.StopRequest{})
			f.Idle()
			if n := change.CountItems(f.stored(c.ID).Items); n != want {
				t.Errorf("stopped for %d: %+v", why, n)
			}
			if sent := f.writes(); len(sent) > 0 {
				t.Errorf("sent: %v", sent)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandboxOfFew)
		a := f.applier(f.renaming(0), f.renaming(1))
		f.rename("Renamed", a.change.Items[0])
		a.run.resumed, a.store = true, failing{f.store}
		if _, err := a.apply(t.Context()); !errors.Is(err, change.ErrUnavailable) {
			t.Errorf("without a store: %v", err)
		}
		a = f.applier(f.renaming(1))
		f.sandbox.AddFault(down)
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		defer leave()
		a.run.resumed = true
		if _, err := a.apply(ctx); !errors.Is(err, errDeferred) || a.run.waits.Load() != nil {
			t.Errorf("left: %v", err)
		}
	})
}

// TestReconcileInPart reads many contacts of whom some cannot be read: the others are reconciled all the same, soon
// again, and not read another time.
func TestReconcileInPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 200, SearchLag: time.Hour})
		items := f.renamings(30)
		a := f.applier(items...)
		f.rename("Renamed", items[:10]...)
		rc := newReconciler(a)
		rc.jobs.items = make(map[int]bool)
		for i := range items {
			rc.jobs.items[i] = true
		}
		remove := f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/" + items[20].TargetID,
			Status: http.StatusServiceUnavailable})
		if err := rc.reconcile(t.Context()); intercom.KindOf(err) != intercom.KindUnavailable {
			t.Errorf("%v", err)
		}
		if counts := change.CountItems(a.change.Items); counts.Changed != 10 || counts.Pending != 20 {
			t.Errorf("%+v", counts)
		}
		read := slices.Collect(maps.Keys(rc.fresh))
		if len(read) != 29 || rc.fresh[20] || a.earlier.left[15].Set["name"] != "Renamed" {
			t.Errorf("%d were read, left: %v", len(read), a.earlier.left)
		}
		_, known := a.undone[15]
		if _, unread := a.undone[20]; !known || unread {
			t.Errorf("known to be undone: %v", a.undone)
		}
		remove()
		f.sandbox.ResetCalls()
		if err := rc.reconcile(t.Context()); err != nil || !rc.fresh[20] {
			t.Errorf("%v", err)
		}
		if n := f.routes()["GET /contacts/{id}"]; n != 1 {
			t.Errorf("%d contacts were read again", n)
		}
		if a.change.JobsOnRecord = false; len(rc.unread()) != 20 ||
			len(rc.mayLand(slices.Collect(maps.Keys(rc.unread())))) != 20 {
			t.Errorf("unread %v, of one whose jobs are not on record", rc.unread())
		}
	})
}

// TestReconcileFew reads each of a few contacts once, by id, and leaves of each what it does not show yet; what of it a
// job of the earlier process left undone is known.
func TestReconcileFew(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	items := f.renamings(directory.FewContacts)
	items[1].Patch.Set["phone"] = f.user(1).Phone
	rc := newReconciler(f.applier(items...))
	rc.jobs.items = map[int]bool{1: true}
	f.sandbox.ResetCalls()
	if err := rc.reconcile(t.Context()); err != nil || len(f.sandbox.Calls()) != directory.FewContacts {
		t.Errorf("%d requests, %v", len(f.sandbox.Calls()), err)
	}
	left, want := rc.a.earlier.left[1].Set, map[string]any{"name": "Renamed"}
	if diff := cmp.Diff(want, left); diff != "" || len(rc.a.earlier.left) != directory.FewContacts {
		t.Errorf("left of %d, of one (-want +got):\n%s", len(rc.a.earlier.left), diff)
	}
	if _, known := rc.a.undone[1]; !known || len(rc.a.undone) != 1 {
		t.Errorf("known to be undone: %v", rc.a.undone)
	}
}

// TestReconcileSoon tries again soon where it gets on, and else after half a minute.
func TestReconcileSoon(t *testing.T) {
	for _, progress := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 200, SearchLag: time.Hour})
			items := f.renamings(30)
			rc := newReconciler(f.applier(items...))
			path := "/contacts/*"
			if progress {
				path = "/contacts/" + items[20].TargetID
			}
			remove := f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: path, Status: http.StatusServiceUnavailable})
			var waits time.Time
			go func() {
				for rc.a.run.waits.Load() == nil {
					time.Sleep(10 * time.Millisecond)
				}
				waits = time.Now()
				remove()
			}()
			if err := rc.eventually(t.Context()); err != nil {
				t.Error(err)
			}
			if took := time.Since(waits); (took < resumeEvery/2) != progress || took > resumeEvery {
				t.Errorf("with progress %t it waits %v", progress, took)
			}
		})
	}
}

// TestReconcileItem compares items with what their contacts show.
func TestReconcileItem(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := f.renaming(0)
	item.Patch.AddTags = refs("1")
	a := f.applier(change.Item{}, item)
	before := item.Before.Set["name"]
	for _, test := range []struct {
		name    any
		tags    []string
		maySent attempt
		want    change.Outcome
		left    int
	}{
		{"Renamed", []string{"1"}, true, change.Changed, 0}, {before, nil, true, change.Pending, 2},
		{before, []string{"1"}, true, change.Pending, 1},
		{"Other", nil, true, change.Unknown, 2}, {"Other", nil, false, change.Failed, 2},
		{"Other", []string{"1"}, false, change.Partly, 1},
	} {
		r, left := a.judge.reconcile(t.Context(), 1, change.Image{Set: map[string]any{"name": test.name}, Tags: test.tags},
			test.maySent)
		if r.Outcome != test.want || len(left.Parts()) != test.left || r.Outcome != change.Pending && r.Index != 1 {
			t.Errorf("%+v: %+v, left %+v", test, r, left)
		}
	}
	rc := newReconciler(a)
	if r, left, _, err := rc.safely(t.Context(), 1, true); err != nil || r.Outcome != change.Pending ||
		left.Set["name"] != "Renamed" {
		t.Errorf("%+v, %+v, %v", r, left, err)
	}
	f.remove(item.TargetID)
	if r, left, _, err := rc.safely(t.Context(), 1, true); err != nil || r.Outcome != change.Pending ||
		left.Set["name"] != "Renamed" {
		t.Errorf("gone: %+v, %+v, %v", r, left, err)
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden})
	if _, left, _, err := rc.safely(t.Context(), 1, true); err == nil || left.Set["name"] != "Renamed" {
		t.Errorf("unreadable: %+v, %v", left, err)
	}
	a.client = nil // which panics
	if r, _, _, err := rc.safely(t.Context(), 1, true); err != nil || r.Outcome != change.Unknown || r.Index != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

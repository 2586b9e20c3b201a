package engine

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// TestUnread counts what an earlier process may have sent, where nothing can be read: as much as it has under way,
// beyond the last that is known to be written.
func TestUnread(t *testing.T) {
	for name, test := range map[string]struct {
		before map[int]change.Outcome
		older  bool // which kept no record of its jobs
		want   int
	}{
		"nothing known":        {nil, false, MaxInFlight},
		"one written":          {map[int]change.Outcome{10: change.Changed}, false, 10 + MaxInFlight},
		"one as it should be":  {map[int]change.Outcome{10: change.Unchanged}, false, MaxInFlight},
		"both":                 {map[int]change.Outcome{10: change.Failed, 20: change.Unchanged}, false, 10 + MaxInFlight},
		"by an older version":  {map[int]change.Outcome{10: change.Changed}, true, MaxInFlight + 39},
		"of another operation": {map[int]change.Outcome{0: change.Pending}, false, MaxInFlight},
	} {
		items := make([]change.Item, MaxInFlight+40)
		for i := range items {
			items[i].Patch.Set = map[string]any{"name": "Renamed"}
		}
		for i, outcome := range test.before {
			if items[i].Outcome = outcome; outcome == change.Pending {
				items[i].Patch = change.Patch{Op: change.Archive}
			}
		}
		c := &change.Change{Items: items, JobsOnRecord: !test.older}
		rc := newReconciler(&applier{change: c, judge: newJudge(c, plain{}), noBulk: new(atomic.Bool)})
		if got := rc.unread(); len(got) != test.want {
			t.Errorf("%s: %d, want %d", name, len(got), test.want)
		}
	}
}

// TestInBulk tells whether an earlier process had items left for bulk jobs: none once all that a job can take is in
// one, or a job was refused; what hides values is in none.
func TestInBulk(t *testing.T) {
	hidden := map[string]any{"name": "Renamed", "phone": "+1 555 0100"}
	for name, test := range map[string]struct {
		inJobs  int
		refused bool
		last    map[string]any // of the last item
		want    bool
	}{
		"no job":              {0, false, nil, false},
		"some in jobs":        {20, false, nil, true},
		"all in jobs":         {30, false, nil, false},
		"a job was refused":   {20, true, nil, false},
		"all but the hidden":  {29, false, hidden, false},
		"some and the hidden": {28, false, hidden, true},
	} {
		c := &change.Change{Items: make([]change.Item, 30)}
		for i := range c.Items {
			c.Items[i].Patch.Set = map[string]any{"name": "Renamed"}
		}
		if test.last != nil {
			c.Items[29].Patch.Set = test.last
		}
		rc := newReconciler(&applier{change: c, judge: newJudge(c, plain{masked: []string{"phone"}})})
		rc.jobs = earlierJobs{items: make(map[int]bool), refused: test.refused}
		for i := range test.inJobs {
			rc.jobs.items[i] = i%2 == 0
		}
		if got := rc.inBulk(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestJobsRefused awaits no job that Intercom refused, nor one whose items all have an outcome, and keeps that one was
// refused.
func TestJobsRefused(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}, {1, 2, 0}} {
		f := newFixture(t, sandboxOfFew)
		a := f.applier(f.renamings(12)...)
		a.change.Items[9].Outcome = change.Changed
		jobs := []change.Job{{Items: "0-3", Refused: true}, {Items: "4-8", ID: "job_x"}, {Items: "9", ID: "job_y"}}
		for _, i := range order {
			a.change.Jobs = append(a.change.Jobs, jobs[i])
		}
		f.sandbox.ResetCalls()
		found, err := a.awaitJobs(t.Context())
		if err != nil || !found.refused || fmt.Sprint(found.items) != "map[4:true 5:true 6:true 7:true 8:true]" {
			t.Errorf("%v: %+v, %v", order, found, err)
		}
		a.change.Jobs = jobs[1:]
		if found, err := a.awaitJobs(t.Context()); err != nil || found.refused {
			t.Errorf("none was refused: %+v, %v", found, err)
		}
	}
}

// TestReconcileFreshly reads contacts by id so many at once, and leaves to be sent what they do not show, whatever a
// search has shown before.
func TestReconcileFreshly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 200, SearchLag: time.Hour, RateLimit: 1 << 30, Latency: time.Second})
		items := f.renamings(4 * directory.ReadersAtOnce)
		for i := range items {
			items[i].Patch.Set["language_override"] = "fr"
		}
		a := f.applier(items...)
		if _, err := f.client.Contacts.Update(t.Context(), items[3].TargetID,
			intercom.ContactWrite{Name: intercom.Value("Renamed")}); err != nil {
			t.Fatal(err)
		}
		rc := newReconciler(a)
		began := time.Now()
		if err := rc.reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 5*time.Second {
			t.Errorf("all at once, in %v", took)
		}
		if left := fmt.Sprint(a.earlier.left[3].Set, len(a.earlier.left[4].Set)); left != "map[language_override:fr] 2" {
			t.Errorf("left: %s", left)
		}
	})
}

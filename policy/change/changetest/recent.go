package changetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// recent asks what a change of ann's would be decided upon.
func recent(t *testing.T, s change.Store, c change.Change, at time.Time) change.Recent {
	t.Helper()
	r, err := s.Recent(t.Context(), c, at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// targeting is a change of principal ann that writes to targets; an empty one is yet to be created.
func targeting(status change.Status, at time.Time, targets ...string) change.Change {
	c := Planned(status, 0)
	c.CreatedAt = at
	for _, id := range targets {
		c.Items = append(c.Items, change.Item{TargetID: id, Patch: change.Patch{Set: map[string]any{"name": "x"}}})
	}
	return c
}

// written is what a decision is told of the targets that were written.
type written struct{ unconfirmed, all int }

func writtenBefore(t *testing.T, s change.Store, c change.Change, at time.Time) written {
	t.Helper()
	r := recent(t, s, c, at)
	return written{r.Unconfirmed, r.Written}
}

// testWrittenTargets counts each target once, however often it was written, those of the change itself included.
func testWrittenTargets(t *testing.T, s change.Store) {
	start := func(approval *change.Approval, undoes string, targets ...string) {
		c := targeting(change.StatusApproved, Epoch, targets...)
		c.Undoes = undoes
		Create(t, s, c)
		Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: approval})
	}
	about := func(targets ...string) change.Change { return targeting(change.StatusAwaiting, Epoch, targets...) }
	check := func(when string, c change.Change, want written) {
		t.Helper()
		if got := writtenBefore(t, s, c, Epoch.Add(time.Minute)); got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
	}
	check("nothing yet", about(), written{})
	check("its own", about("a", "b", "a"), written{2, 2})
	start(nil, "", "a", "b")
	check("others' and its own", about("b", "c"), written{3, 3})
	start(nil, "", "a")
	start(nil, change.NewID(), "b") // an undo is a write like any other
	check("the same again", about(), written{2, 2})
	start(&change.Approval{Level: policy.LevelAgent}, "", "a", "d")
	check("what the agent confirmed", about(), written{2, 3})
	start(&change.Approval{Level: policy.LevelUser}, "", "e")
	start(&change.Approval{Level: policy.LevelApprover}, "", "f")
	check("what people confirmed", about(), written{2, 5})
	check("its own, confirmed before", about("e", "z"), written{4, 6})
	start(nil, "", "", "")
	check("what is yet to be created", about("", "", ""), written{7, 10})
	done := about("y", "z")
	done.Items[0].Outcome = change.Unchanged
	check("its own that has nothing to do", done, written{5, 8})
	stored := targeting(change.StatusApproved, Epoch, "a", "q", "")
	Create(t, s, stored)
	check("of a change that is stored", stored, written{6, 9})
	bobs := about("a")
	bobs.Principal = "bob"
	check("of another principal", bobs, written{1, 1})

	previewed := targeting(change.StatusAwaiting, Epoch, "p")
	previewed.Principal, previewed.Level, previewed.Decision.Verdict = "bob", policy.LevelAgent, policy.Allow
	Create(t, s, previewed)
	Advance(t, s, previewed.ID, change.Step{To: change.StatusApplying, At: Epoch,
		Approval: &change.Approval{Level: policy.LevelAgent}})
	check("and what an agent confirmed that no rule asked for", bobs, written{2, 2})
}

// testWrittenOutcomes counts what was sent and is not proven to have had no effect.
func testWrittenOutcomes(t *testing.T, s change.Store) {
	for outcome, counts := range map[change.Outcome]bool{
		change.Pending: true, change.Changed: true, change.Partly: true, change.Unknown: true,
		change.Unchanged: false, change.Failed: false, change.NotSent: false,
	} {
		c := targeting(change.StatusApproved, Epoch, "a", "b")
		c.Principal = "of " + string(outcome)
		c = Create(t, s, c)
		Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
		if err := s.Record(t.Context(), c.ID, []change.Recorded{{Index: 1, Outcome: outcome}}); err != nil {
			t.Fatal(err)
		}
		want := written{1, 1}
		if counts {
			want = written{2, 2}
		}
		about := targeting(change.StatusAwaiting, Epoch)
		about.Principal = c.Principal
		if got := writtenBefore(t, s, about, Epoch); got != want {
			t.Errorf("%q: %+v, want %+v", outcome, got, want)
		}
		if outcome.MayHaveEffect() != counts {
			t.Errorf("%q may have an effect: %t", outcome, !counts)
		}
	}
}

// testWrittenCreated counts what was created as the target that it is now.
func testWrittenCreated(t *testing.T, s change.Store) {
	c := Create(t, s, targeting(change.StatusApproved, Epoch, "", ""))
	Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	if got := writtenBefore(t, s, targeting(change.StatusAwaiting, Epoch, "new"), Epoch); got != (written{3, 3}) {
		t.Errorf("before it was created: %+v", got)
	}
	if err := s.Record(t.Context(), c.ID,
		[]change.Recorded{{Outcome: change.Changed, TargetID: "new", Created: "new"}}); err != nil {
		t.Fatal(err)
	}
	if got := writtenBefore(t, s, targeting(change.StatusAwaiting, Epoch, "new"), Epoch); got != (written{2, 2}) {
		t.Errorf("once it was created: %+v", got)
	}
}

// testWrittenWindow counts changes by their start, and by their creation until they start.
func testWrittenWindow(t *testing.T, s change.Store) {
	targets := make([]string, 64)
	for i := range targets {
		targets[i] = fmt.Sprint("target ", i)
	}
	take := func(n int) (some []string) { some, targets = targets[:n], targets[n:]; return some }
	reach := func(n int, at time.Time, way ...change.Status) {
		c := targeting(way[0], at, take(n)...)
		Create(t, s, c)
		for _, to := range way[1:] {
			Advance(t, s, c.ID, change.Step{To: to, At: at, Approval: &change.Approval{}})
		}
	}
	const applying = change.StatusApplying
	reach(1, Epoch, change.StatusApproved, applying)
	reach(2, Epoch.Add(5*time.Minute), change.StatusAwaiting, applying, change.StatusPartial, change.StatusUndone)
	reach(4, Epoch.Add(5*time.Minute), change.StatusApproved, applying, change.StatusStopped)
	reach(8, Epoch.Add(8*time.Minute), change.StatusApproved) // about to start
	for _, way := range [][]change.Status{{change.StatusAwaiting}, {change.StatusAwaiting, change.StatusDeclined},
		{change.StatusApproved, change.StatusCancelled}, {change.StatusApproved, applying, change.StatusStale}} {
		reach(5, Epoch.Add(8*time.Minute), way...)
	}
	for since, want := range map[time.Duration]int{0: 15, time.Nanosecond: 14, 5 * time.Minute: 14, 7 * time.Minute: 8,
		9 * time.Minute: 0} {
		if got := writtenBefore(t, s, targeting(change.StatusAwaiting, Epoch),
			Epoch.Add(since+change.Window)); got != (written{want, want}) {
			t.Errorf("since %v: %+v, want %d", since, got, want)
		}
	}
}

// testWrittenNotes counts the targets that got notes unconfirmed, for changes that add some.
func testWrittenNotes(t *testing.T, s change.Store) {
	noting := func(status change.Status, targets ...string) change.Change {
		c := targeting(status, Epoch, targets...)
		for i := range c.Items {
			c.Items[i].Patch = change.Patch{Note: &change.Note{Body: "n"}}
		}
		return c
	}
	for _, c := range []change.Change{
		noting(change.StatusApproved, "a"), noting(change.StatusApproved, "a", "b"), noting(change.StatusAwaiting, "x"),
		targeting(change.StatusApproved, Epoch, "c", "d"),
	} {
		Create(t, s, c)
	}
	confirmed := Create(t, s, noting(change.StatusApproved, "y"))
	Advance(t, s, confirmed.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes})
	for want, about := range map[int]change.Change{0: targeting(change.StatusAwaiting, Epoch, "a"),
		2: noting(change.StatusAwaiting, "b"), 3: noting(change.StatusAwaiting, "b", "e")} {
		if got := recent(t, s, about, Epoch).Notes; got != want {
			t.Errorf("%d notes, want %d", got, want)
		}
	}
	if got := recent(t, s, noting(change.StatusAwaiting, "e"), Epoch.Add(change.Window+1)).Notes; got != 1 {
		t.Errorf("%d notes after the window", got)
	}
}

// testUndoing finds the change that puts the same back, whoever asked for it.
func testUndoing(t *testing.T, s change.Store) {
	first := Create(t, s, Planned(change.StatusApproved, 1))
	undoing := func(status change.Status) change.Change {
		c := Planned(status, 1)
		c.Undoes = first.ID
		return c
	}
	about := undoing(change.StatusApproved)
	want := ""
	check := func(when string) {
		t.Helper()
		bobs, none := about, Planned(change.StatusApproved, 1)
		bobs.Principal = "bob"
		if got := recent(t, s, none, Epoch).Undoing; got != nil {
			t.Errorf("%s, of what undoes nothing: %+v", when, got)
		}
		for _, c := range []change.Change{about, bobs} {
			got := recent(t, s, c, Epoch).Undoing
			if (got == nil) != (want == "") || got != nil && (got.ID != want || got.Items != nil) {
				t.Errorf("%s, to %s: %+v, want %q", when, c.Principal, got, want)
			}
		}
	}
	Create(t, s, undoing(change.StatusAwaiting))
	check("awaiting")
	c := Create(t, s, undoing(change.StatusApproved))
	want = c.ID
	check("approved")
	if got := recent(t, s, c, Epoch).Undoing; got != nil {
		t.Errorf("of itself: %+v", got)
	}
	Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	check("applying")
	Advance(t, s, c.ID, change.Step{To: change.StatusApplied, At: Epoch})
	want = ""
	check("applied in part")
	for _, to := range []change.Status{change.StatusApplying, change.StatusApplied, change.StatusUndone} {
		Advance(t, s, first.ID, change.Step{To: to, At: Epoch})
	}
	want = c.ID
	check("applied")
	Advance(t, s, c.ID, change.Step{To: change.StatusUndone, At: Epoch})
	want = ""
	check("undone")
}

func testLatest(t *testing.T, s change.Store) {
	first := Create(t, s, Planned(change.StatusAwaiting, 1))
	newest := Create(t, s, Planned(change.StatusAwaiting, 1))
	for _, status := range []change.Status{change.StatusCancelled, change.StatusDeclined, change.StatusFailed,
		change.StatusUndone, change.StatusExpired, change.StatusStale} {
		Reach(t, s, status) // wrote nothing that stands
	}
	bobs, none, other := Planned(change.StatusAwaiting, 1), Planned(change.StatusAwaiting, 1),
		Planned(change.StatusAwaiting, 1)
	bobs.Principal, none.Fingerprint, other.Fingerprint = "bob", "", "other"
	for _, test := range []struct {
		of   change.Change
		want string
	}{{Planned(change.StatusAwaiting, 1), newest.ID}, {newest, first.ID}, {bobs, ""}, {none, ""}, {other, ""}} {
		got := recent(t, s, test.of, Epoch).Latest
		if (got == nil) != (test.want == "") || got != nil && (got.ID != test.want || got.Status != change.StatusAwaiting ||
			got.Items != nil) {
			t.Errorf("%+v: %+v, want %q", test.of, got, test.want)
		}
	}
}

// testStepDecide has the last word on a step: it completes the change, or nothing has happened.
func testStepDecide(t *testing.T, s change.Store) {
	Create(t, s, Planned(change.StatusApproved, 3))
	c := Create(t, s, Planned(change.StatusAwaiting, 2))
	errNo := errors.New("no")
	_, err := s.Advance(t.Context(), c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes,
		Decide: func(now *change.Change, recent change.Recent) error {
			if now.ID != c.ID || now.Status != change.StatusAwaiting || len(now.Items) != 2 || recent.Unconfirmed != 3 ||
				recent.Written != 3 || recent.Latest.ID == c.ID {
				t.Errorf("decides on %+v, %+v", now, recent)
			}
			now.Revision = "other"
			return errNo
		}})
	if !errors.Is(err, errNo) {
		t.Error(err)
	}
	if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Status != change.StatusAwaiting ||
		got.Revision != "" {
		t.Errorf("%+v, %v", got, err)
	}
	after := Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes,
		Decide: func(now *change.Change, _ change.Recent) error {
			now.Revision = "other"
			return nil
		}})
	if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Revision != "other" || after.Revision != "other" ||
		got.Status != change.StatusApplying {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = s.Advance(t.Context(), c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes,
		Decide: func(*change.Change, change.Recent) error {
			t.Error("decides on a step that is not allowed")
			return nil
		}})
	if !errors.Is(err, change.ErrStatusChanged) {
		t.Error(err)
	}
}

// testRecordJob records bulk jobs, with what Intercom answers.
func testRecordJob(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusApproved, 9))
	record := func(job change.Job) error { return s.RecordJob(t.Context(), c.ID, job) }
	first, second := change.NewJob([]int{0, 1, 2, 4}, Epoch), change.NewJob([]int{5, 6}, Epoch.Add(time.Second))
	if err := record(first); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("before it began: %v", err)
	}
	Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	answered, refused := first, second
	answered.ID, refused.Refused = "7", true
	for _, job := range []change.Job{first, answered, second, refused, second} {
		if err := record(job); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Find(t.Context(), c.ID)
	if diff := cmp.Diff([]change.Job{answered, refused, second}, got.Jobs); err != nil || diff != "" || !got.JobsOnRecord {
		t.Errorf("on record: %t, %v\n%s", got.JobsOnRecord, err, diff)
	}
	if items, err := got.Indexes(first); err != nil || !slices.Equal(items, []int{0, 1, 2, 4}) {
		t.Errorf("%v, %v", items, err)
	}
	if items, err := got.Indexes(change.NewJob([]int{9}, Epoch)); err == nil {
		t.Errorf("beyond its items: %v", items)
	}
	Advance(t, s, c.ID, change.Step{To: change.StatusStopped, At: Epoch})
	if err := record(first); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("after it ended: %v", err)
	}
	if err := s.RecordJob(t.Context(), change.NewID(), first); !errors.Is(err, change.ErrNotFound) {
		t.Error(err)
	}
}

// testRequestStop asks for the end of a run, of whomever the change is.
func testRequestStop(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusApproved, 1))
	stops := s.Shared().Stops
	ask := func(by, reason string) error { return stops.Request(t.Context(), c.ID, change.Actor{By: by}, reason) }
	check := func(when string, want change.StopRequest) {
		t.Helper()
		got, requested, err := stops.Requested(t.Context(), c.ID)
		if err != nil || got != want || requested != (want != change.StopRequest{}) {
			t.Errorf("%s: %+v, %t, %v", when, got, requested, err)
		}
	}
	if err := ask("ann", ""); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("before it began: %v", err)
	}
	Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	check("before the request", change.StopRequest{})
	first := change.StopRequest{By: "an operator", Reason: "wrong contacts"}
	for _, request := range []change.StopRequest{first, {By: "ann"}} {
		if err := ask(request.By, request.Reason); err != nil {
			t.Fatal(err)
		}
		check("requested by "+request.By, first)
	}
	Advance(t, s, c.ID, change.Step{To: change.StatusStopped, At: Epoch})
	check("after the end", first)
	if err := ask("ann", ""); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("after it ended: %v", err)
	}
	other := Create(t, s, Planned(change.StatusApproved, 1))
	if stop, requested, err := stops.Requested(t.Context(), other.ID); stop != (change.StopRequest{}) || requested ||
		err != nil {
		t.Errorf("of another change: %+v, %t, %v", stop, requested, err)
	}
	if err := stops.Request(t.Context(), change.NewID(), change.Actor{By: "ann"},
		""); !errors.Is(err, change.ErrNotFound) {
		t.Error(err)
	}
	if _, requested, err := stops.Requested(t.Context(), change.NewID()); requested ||
		!errors.Is(err, change.ErrNotFound) {
		t.Error(requested, err)
	}
}

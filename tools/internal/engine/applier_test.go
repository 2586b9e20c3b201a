package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// TestRoute sends what bulk jobs can do through bulk jobs, where it is more than a few.
func TestRoute(t *testing.T) {
	plain := change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}}}
	archived := change.Item{Patch: change.Patch{Op: change.Archive}}
	done := plain
	done.Outcome = change.Unchanged
	few := slices.Repeat([]change.Item{plain}, directory.FewContacts)
	many := append(slices.Clone(few), plain)
	for name, test := range map[string]struct {
		items        []change.Item
		noBulk       bool
		bulk, single int
	}{
		"a few":            {few, false, 0, 10},
		"many":             {many, false, 11, 0},
		"no bulk jobs":     {many, true, 0, 11},
		"some are done":    {append(slices.Clone(few), done, done), false, 0, 10},
		"some are no such": {append(slices.Clone(few), archived, archived), false, 0, 12},
		"mixed":            {append(slices.Clone(many), archived, done), false, 11, 1},
	} {
		bulk, single := route(test.items, test.noBulk)
		if len(bulk) != test.bulk || len(single) != test.single {
			t.Errorf("%s: %d by bulk jobs, %d one by one", name, len(bulk), len(single))
		}
		for _, i := range slices.Concat(bulk, single) {
			if test.items[i].Outcome != change.Pending {
				t.Errorf("%s: item %d is sent again", name, i)
			}
		}
	}
	if _, single := route(append(slices.Clone(many), archived), false); !slices.Equal(single, []int{11}) {
		t.Errorf("one by one: %v", single)
	}
}

// TestToSend sends what an earlier process left, even where that is nothing, else the patch.
func TestToSend(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	a := f.applier(f.renaming(0), f.renaming(1))
	a.earlier.left[1] = change.Patch{AddTags: refs("1")}
	if p := a.toSend(0); p.Set["name"] != "Renamed" {
		t.Errorf("sends %+v", p)
	}
	if p := a.toSend(1); len(p.Set) > 0 || len(p.AddTags) != 1 {
		t.Errorf("sends %+v", p)
	}
	a.change.Items[0].Outcome = change.Failed
	if got := a.pending([]int{0, 1}); !slices.Equal(got, []int{1}) {
		t.Errorf("pending: %v", got)
	}
}

// TestRecord stores outcomes, counts them as done, and stores nothing of a run that is left.
func TestRecord(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	a := f.applier(f.renaming(0), f.renaming(1), f.renaming(2))
	if err := a.record(t.Context()); err != nil || a.run.done.Load() != 0 {
		t.Errorf("of nothing: %v", err)
	}
	if err := a.record(t.Context(), change.Recorded{Index: 2, Outcome: change.Changed},
		change.Recorded{Index: 0, Outcome: change.Failed}); err != nil {
		t.Fatal(err)
	}
	for _, items := range [][]change.Item{a.change.Items, f.stored(a.change.ID).Items} {
		if items[0].Outcome != change.Failed || items[1].Outcome != change.Pending || items[2].Outcome != change.Changed {
			t.Errorf("%+v", items)
		}
	}
	if a.run.done.Load() != 2 || a.tally.written.Load() != 2 || a.tally.failed.Load() != 1 || a.run.halt.stopped() {
		t.Errorf("%d done, %d written, %d failed", a.run.done.Load(), a.tally.written.Load(), a.tally.failed.Load())
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := a.record(gone, change.Recorded{Index: 1, Outcome: change.Changed}); !errors.Is(err, errDeferred) ||
		a.change.Items[1].Outcome != change.Pending {
		t.Errorf("recorded when left: %v", err)
	}
	if err := a.record(t.Context(), change.Recorded{Index: 9, Outcome: change.Changed}); err == nil ||
		!strings.Contains(err.Error(), "recording outcomes: ") {
		t.Errorf("an item that is not there: %v", err)
	}
}

// TestDowngradeToUnknown tells of items that an earlier process may have sent: what did not fail by Intercom's own word
// may yet come about.
func TestDowngradeToUnknown(t *testing.T) {
	for _, test := range []struct {
		outcome  change.Outcome
		code     toolerr.Code
		reason   string
		mayLand  bool // else its contact is gone
		want     change.Outcome
		says     string
		rejected bool
	}{
		{change.Failed, toolerr.Busy, "not sent: the server was stopped", true, change.Unknown,
			"; it is not sent again: the server was stopped", false},
		{change.NotSent, toolerr.Busy, "not sent: the server was stopped", true, change.Unknown,
			"; it is not sent again: the server was stopped", false},
		{change.Failed, toolerr.Busy, "a job is closed", true, change.Unknown, "; now: a job is closed", false},
		{change.Failed, toolerr.RateLimited, "later", true, change.Unknown, "; now: later", false},
		{change.Failed, toolerr.UpstreamUnavailable, "down", true, change.Unknown, "; now: down", false},
		{change.Failed, toolerr.VersionUnsupported, "old", true, change.Unknown, "; now: old", false},
		{change.Failed, toolerr.CredentialInvalid, "who", true, change.Unknown, "; now: who", false},
		{change.Failed, toolerr.Internal, "oops", true, change.Unknown, "; now: oops", false},
		{change.Failed, toolerr.InvalidArgument, "bad", true, change.Failed, "bad", true},
		{change.Failed, toolerr.Busy, "not sent: over", false, change.Unknown,
			"so that it may have been written; it is not sent again: over", false},
		{change.Failed, toolerr.NotFound, "away", false, change.Unknown, "so that it may have been written; now: away",
			false},
		{change.Failed, toolerr.Merged, "away", false, change.Unknown, "so that it may have been written; now: away", false},
		{change.Failed, toolerr.NotFound, "away", true, change.Failed, "away", true},
		{change.Changed, toolerr.Busy, "", true, change.Changed, "", true},
		{change.Partly, toolerr.RateLimited, "some", true, change.Partly, "some", true},
	} {
		a := &applier{change: &change.Change{Items: []change.Item{{}, {}}},
			earlier: earlier{mayLand: map[int]bool{1: test.mayLand},
				gone: map[int]bool{1: !test.mayLand}}}
		r := change.Recorded{Index: 1, Outcome: test.outcome, Failure: change.Failure{Code: string(test.code),
			Reason: test.reason}}
		a.downgradeToUnknown(&r)
		if r.Outcome != test.want ||
			!strings.HasSuffix(strings.TrimSuffix(r.Reason, ". Check with get_contact before repeating it."), test.says) ||
			test.rejected != (r.Facts == nil) {
			t.Errorf("%s, %s: %+v", test.outcome, test.code, r)
		}
		if !test.rejected && (r.Code != string(toolerr.OutcomeUnknown) ||
			!strings.HasPrefix(r.Reason, "the server had stopped and may have sent it before")) {
			t.Errorf("%s, %s: %+v", test.outcome, test.code, r)
		}
	}
	a := &applier{change: &change.Change{Items: []change.Item{{}}}}
	r := change.Recorded{Outcome: change.Failed, Failure: change.Failure{Code: string(toolerr.Busy),
		Reason: "not sent: over"}}
	if a.downgradeToUnknown(&r); r.Outcome != change.Failed {
		t.Errorf("never sent: %+v", r)
	}
}

// TestNotSent tells what the run stopped before, and what a bulk job had left undone then.
func TestNotSent(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	a := f.applier(f.renaming(0), f.renaming(1))
	a.undone = map[int]change.Recorded{1: {Index: 1, Outcome: change.Failed, Failure: change.Failure{Reason: "no"}}}
	a.run.halt.set(stopping, change.StopRequest{})
	if err := a.recordNotSent(t.Context(), []int{0, 1}); err != nil {
		t.Fatal(err)
	}
	if got := a.change.Items[0]; got.Outcome != change.NotSent || got.Code != string(toolerr.Busy) ||
		got.Reason != "not sent: the server was stopped" {
		t.Errorf("%+v", got)
	}
	if got := a.change.Items[1]; got.Outcome != change.Failed ||
		got.Reason != "left undone by a bulk job, and not sent again (the server was stopped): no" {
		t.Errorf("%+v", got)
	}
	if err := a.recordNotSent(t.Context(), nil); err != nil || a.run.done.Load() != 2 {
		t.Errorf("%d done, %v", a.run.done.Load(), err)
	}
}

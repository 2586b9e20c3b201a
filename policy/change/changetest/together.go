package changetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/change"
)

// testCreateStarted records changes that start in the same step: they stand where one that was approved and then
// started does.
func testCreateStarted(t *testing.T, s change.Store) {
	c := Planned(change.StatusApproved, 2)
	started, err := s.Create(t.Context(), c, func(c *change.Change, _ change.Recent) error {
		return c.Take(change.Step{To: change.StatusApplying, At: Epoch.Add(time.Second)})
	})
	if err != nil {
		t.Fatal(err)
	}
	two := Planned(change.StatusApproved, 2)
	two.ID = started.ID + "2"
	Create(t, s, two)
	want := Advance(t, s, two.ID, change.Step{To: change.StatusApplying, At: Epoch.Add(time.Second)})
	want.ID = started.ID
	kept, err := s.Get(t.Context(), "ann", started.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []change.Change{started, kept} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if left, err := s.ClaimInterrupted(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("its owner has started it, and others may: %v, %v", left, err)
	}
	if got := writtenBefore(t, s, targeting(change.StatusAwaiting, Epoch), Epoch); got != (written{2, 2}) {
		t.Errorf("in the window: %+v", got)
	}
	if err := s.Record(t.Context(), started.ID, []change.Recorded{{Index: 1, Outcome: change.Changed}}); err != nil {
		t.Error(err)
	}
	if err := s.Shared().Stops.Request(t.Context(), started.ID, change.Actor{By: "ann"}, "why"); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string]func(c *change.Change){
		"without a start": func(c *change.Change) { c.AppliedAt = time.Time{} },
		"confirmed":       func(c *change.Change) { c.Approval = Yes },
	} {
		c := Planned(change.StatusApplying, 1)
		c.AppliedAt = Epoch
		bad(&c)
		if _, err := s.Create(t.Context(), c, nil); err == nil {
			t.Errorf("started %s", name)
		}
	}
	verifyTrail(t, s)
}

// testStepOutcomes records outcomes together with the step that ends the run: all of it or nothing.
func testStepOutcomes(t *testing.T, s change.Store) {
	start := func(items int) change.Change {
		c := Create(t, s, Planned(change.StatusApproved, items))
		return Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	}
	c := start(3)
	failed := change.Recorded{Index: 2, Outcome: change.Failed, Failure: change.Failure{Code: "conflict", Reason: "why"}}
	outcomes := []change.Recorded{{Index: 0, Outcome: change.Changed, Created: "9"}, failed}
	end := change.Step{To: change.StatusUnknown, At: Epoch, Reason: "it broke", Outcomes: outcomes}
	told := Advance(t, s, c.ID, end)
	kept, err := s.Get(t.Context(), "ann", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []change.Item{
		{Outcome: change.Changed, Created: "9"},
		{Outcome: change.Unknown, Failure: change.Failure{Code: "outcome_unknown", Reason: "it broke"}},
		{Outcome: change.Failed, Failure: failed.Failure},
	}
	for i := range want {
		want[i].TargetID, want[i].Patch = c.Items[i].TargetID, c.Items[i].Patch
	}
	for _, got := range []change.Change{told, kept} {
		if diff := cmp.Diff(want, got.Items); diff != "" || got.Status != change.StatusUnknown {
			t.Errorf("%s (-want +got):\n%s", got.Status, diff)
		}
	}
	if _, err := s.Advance(t.Context(), c.ID, end); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("after the end: %v", err)
	}

	known := start(2)
	Advance(t, s, known.ID, change.Step{To: change.StatusStopped, At: Epoch, KnowsItems: true})
	if got, err := s.Get(t.Context(), "ann", known.ID); err != nil || got.Status != change.StatusStopped ||
		len(got.Items) != 2 {
		t.Errorf("after a step of a caller who knows the items: %+v, %v", got, err)
	}

	c = start(1)
	for name, step := range map[string]change.Step{
		"an item that is not there":    {To: change.StatusApplied, Outcomes: []change.Recorded{{Index: 1}}},
		"a step that is not allowed":   {To: change.StatusUndone, Outcomes: outcomes[:1]},
		"a step that somebody forbids": {To: change.StatusApplied, Outcomes: outcomes[:1], Decide: forbid},
	} {
		if _, err := s.Advance(t.Context(), c.ID, step); err == nil {
			t.Errorf("%s is recorded", name)
		}
	}
	if kept, err = s.Get(t.Context(), "ann", c.ID); err != nil || kept.Status != change.StatusApplying ||
		kept.Items[0].Outcome != change.Pending {
		t.Errorf("after steps that failed: %+v, %v", kept, err)
	}
	waiting := Create(t, s, Planned(change.StatusAwaiting, 1))
	if _, err := s.Advance(t.Context(), waiting.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes,
		Outcomes: outcomes[:1]}); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("outcomes of what has not run: %v", err)
	}
	verifyTrail(t, s)
}

func forbid(*change.Change, change.Recent) error { return errSomething }

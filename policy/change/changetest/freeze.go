package changetest

import (
	"errors"
	"testing"

	"intercom-mcp/policy/change"
)

// isFrozen reports whether err is the freeze that by ordered for a reason.
func isFrozen(err error, by, reason string) bool {
	var frozen *change.FrozenError
	return errors.As(err, &frozen) && frozen.Freeze.By == by && frozen.Freeze.Reason == reason
}

func testFreeze(t *testing.T, s change.Store) {
	stops := s.Shared().Stops
	waiting := Create(t, s, Planned(change.StatusAwaiting, 1))
	allowed := Create(t, s, Planned(change.StatusApproved, 1))
	running, stopped := Create(t, s, Planned(change.StatusApproved, 1)), Create(t, s, Planned(change.StatusApproved, 1))
	for _, c := range []change.Change{running, stopped} {
		Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	}
	mine := change.StopRequest{By: "ann", Reason: "wrong contacts"}
	if err := stops.Request(t.Context(), stopped.ID, change.Actor{By: mine.By}, mine.Reason); err != nil {
		t.Fatal(err)
	}
	if _, frozen, err := stops.Frozen(t.Context()); frozen || err != nil {
		t.Errorf("before: %t, %v", frozen, err)
	}
	if err := stops.Freeze(t.Context(), change.Actor{By: "ops"}, "wrong tags"); err != nil {
		t.Fatal(err)
	}
	if f, frozen, err := stops.Frozen(t.Context()); !frozen || f.By != "ops" || f.Reason != "wrong tags" ||
		f.At.IsZero() || err != nil {
		t.Errorf("%+v, %t, %v", f, frozen, err)
	}
	if err := stops.Freeze(t.Context(), change.Actor{By: "ann"}, "again"); !isFrozen(err, "ops", "wrong tags") {
		t.Errorf("a second freeze: %v", err)
	}
	for _, status := range []change.Status{change.StatusAwaiting, change.StatusApproved} {
		if _, err := s.Create(t.Context(), Planned(status, 1), nil); !isFrozen(err, "ops", "wrong tags") {
			t.Errorf("a new change that is %s: %v", status, err)
		}
	}
	for id, step := range map[string]change.Step{
		waiting.ID: {To: change.StatusApplying, At: Epoch, Approval: Yes}, allowed.ID: {To: change.StatusApplying, At: Epoch},
	} {
		if c, err := s.Advance(t.Context(), id, step); !isFrozen(err, "ops", "wrong tags") {
			t.Errorf("the start of one that was %s: %v", c.Status, err)
		}
	}
	for id, want := range map[string]change.StopRequest{running.ID: {By: "ops",
		Reason: "writes are frozen by ops: wrong tags"},
		stopped.ID: mine} {
		if stop, requested, err := stops.Requested(t.Context(), id); stop != want || !requested || err != nil {
			t.Errorf("%+v, %t, %v; want %+v", stop, requested, err, want)
		}
	}
	Advance(t, s, running.ID, change.Step{To: change.StatusStopped, At: Epoch})
	Advance(t, s, waiting.ID, change.Step{To: change.StatusCancelled, At: Epoch})
	for _, want := range []bool{true, false} {
		if lifted, err := stops.Unfreeze(t.Context(), change.Actor{By: "ann"}); lifted != want || err != nil {
			t.Errorf("lifted: %t, %v", lifted, err)
		}
	}
	if _, frozen, err := stops.Frozen(t.Context()); frozen || err != nil {
		t.Errorf("after: %t, %v", frozen, err)
	}
	Advance(t, s, allowed.ID, change.Step{To: change.StatusApplying, At: Epoch})
	Create(t, s, Planned(change.StatusApproved, 1))
}

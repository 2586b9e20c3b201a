package changetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// testTransitions walks every step of every pair of statuses: what the table allows happens, and nothing else does.
func testTransitions(t *testing.T, s change.Store) {
	want := map[change.Status][]change.Status{ // to approved: see testApprove
		change.StatusAwaiting: {change.StatusApplying, change.StatusDeclined, change.StatusExpired, change.StatusCancelled},
		change.StatusApproved: {change.StatusApplying, change.StatusExpired, change.StatusCancelled},
		change.StatusApplying: {change.StatusApplied, change.StatusPartial, change.StatusFailed, change.StatusUnknown,
			change.StatusStopped, change.StatusStale},
		change.StatusApplied: {change.StatusUndone},
		change.StatusPartial: {change.StatusUndone},
		change.StatusUnknown: {change.StatusApplied, change.StatusPartial, change.StatusFailed, change.StatusUndone},
		change.StatusStopped: {change.StatusUndone},
	}
	for _, from := range change.Statuses() {
		for _, to := range change.Statuses() {
			if from == change.StatusAwaiting && to == change.StatusApproved {
				continue
			}
			c := Reach(t, s, from)
			after, err := s.Advance(t.Context(), c.ID, change.Step{To: to, At: Epoch, Approval: Yes})
			switch allowed := slices.Contains(want[from], to); {
			case allowed && (err != nil || after.Status != to):
				t.Errorf("%s to %s: %v", from, to, err)
			case !allowed && (!errors.Is(err, change.ErrStatusChanged) || after.Status != from || after.ID != c.ID):
				t.Errorf("%s to %s: status %s, error %v", from, to, after.Status, err)
			}
		}
		if from.Ended() == (from == change.StatusAwaiting || from == change.StatusApproved || from == change.StatusApplying) {
			t.Errorf("%s ended: %t", from, from.Ended())
		}
	}
}

func testCreate(t *testing.T, s change.Store) {
	for _, status := range change.Statuses() {
		_, err := s.Create(t.Context(), Planned(status, 1), nil)
		if ok := status == change.StatusAwaiting || status == change.StatusApproved; (err == nil) != ok {
			t.Errorf("created %s: %v", status, err)
		}
	}
	told := Planned(change.StatusAwaiting, 1)
	told.AuditValues = "for the trail alone"
	if created, err := s.Create(t.Context(), told, nil); err != nil || created.AuditValues != "" {
		t.Errorf("%q, %v", created.AuditValues, err)
	}
	c := Create(t, s, Planned(change.StatusAwaiting, 1))
	again := c
	again.Principal = "bob"
	if _, err := s.Create(t.Context(), again, nil); err == nil {
		t.Error("two changes with one id")
	}
	if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Principal != "ann" {
		t.Errorf("the first of them: %+v, %v", got, err)
	}
}

// testApproval starts changes that wait with every yes there is.
func testApproval(t *testing.T, s change.Store) {
	for _, needed := range []policy.Level{policy.LevelNone, policy.LevelAgent, policy.LevelUser, policy.LevelApprover} {
		approvals := []*change.Approval{nil}
		for level := policy.LevelNone; level <= policy.LevelApprover; level++ {
			approvals = append(approvals, &change.Approval{Level: level, By: "ann", At: Epoch})
		}
		for _, approval := range approvals {
			c := Planned(change.StatusAwaiting, 1)
			c.Level = needed
			Create(t, s, c)
			after, err := s.Advance(t.Context(), c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: approval})
			if approval != nil && approval.Level >= needed && needed != policy.LevelApprover { // which takes a step more
				if err != nil || after.Status != change.StatusApplying || !cmp.Equal(after.Approval, approval) {
					t.Errorf("needs %v, got %v: %+v, %v", needed, approval, after, err)
				}
			} else if !errors.Is(err, change.ErrUnapproved) || after.Status != change.StatusAwaiting || after.Approval != nil {
				t.Errorf("needs %v, got %v: %+v, %v", needed, approval, after, err)
			}
		}
	}
}

// testAdvanceOnce has many callers take the same step: one of them does.
func testAdvanceOnce(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusAwaiting, 1))
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			_, err := s.Advance(t.Context(), c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes})
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, change.ErrStatusChanged) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d callers started the change", won.Load())
	}
}

// testNotFound asks for changes that are not there, or are somebody else's.
func testNotFound(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusApproved, 1))
	for _, test := range []struct{ principal, id string }{{"bob", c.ID}, {"ann", change.NewID()}, {"", c.ID}} {
		if status, owned, err := s.Status(t.Context(), test.principal, test.id); !errors.Is(err, change.ErrNotFound) ||
			status != "" || owned {
			t.Errorf("%s: %q, %t, %v", test.id, status, owned, err)
		}
		if got, err := s.Get(t.Context(), test.principal, test.id); !errors.Is(err, change.ErrNotFound) || got.ID != "" {
			t.Errorf("%v: %v", test, err)
		}
	}
	if _, err := s.Advance(t.Context(), change.NewID(),
		change.Step{To: change.StatusApplying}); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("a step: %v", err)
	}
	if err := s.Record(t.Context(), change.NewID(), nil); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("a record: %v", err)
	}
}

// testRoundTrip gets back what was put in, to the last digit.
func testRoundTrip(t *testing.T, s change.Store) {
	want := Create(t, s, Full())
	check := func() {
		t.Helper()
		got, err := s.Get(t.Context(), "ann", want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	check()
	approval := *Yes
	stepped := Advance(t, s, want.ID, change.Step{To: change.StatusApplying, At: Epoch.Add(time.Second),
		Approval: &approval})
	want.Status, want.Approval, want.AppliedAt = change.StatusApplying, Yes, Epoch.Add(time.Second)
	want.JobsOnRecord = true
	approval.By = "eve" // what was given is not kept
	if diff := cmp.Diff(want, stepped); diff != "" {
		t.Errorf("after a step (-want +got):\n%s", diff)
	}
	check()
	failure := change.Failure{Code: "conflict", Reason: "why",
		Facts: map[string]any{"existing": "1", "ids": []any{"a", true, json.Number("7")}}}
	if err := s.Record(t.Context(), want.ID,
		[]change.Recorded{{Index: 0, Outcome: change.Failed, Failure: failure, TargetID: "new",
			Created: "made"}}); err != nil {
		t.Fatal(err)
	}
	item := &want.Items[0]
	item.Outcome, item.Failure, item.TargetID, item.Created = change.Failed, failure, "new", "made"
	check()
	Advance(t, s, want.ID, change.Step{To: change.StatusFailed, At: Epoch.Add(time.Minute), Reason: "none"})
	want.Status, want.EndedAt, want.Reason = change.StatusFailed, Epoch.Add(time.Minute), "none"
	check()
}

// testCopies changes what was handed out: the store does not.
func testCopies(t *testing.T, s change.Store) {
	c := Full()
	Create(t, s, c)
	c.Items[1].Outcome, c.Notes[0] = change.Failed, "other"
	got := Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes})
	if got.Items[1].Outcome != change.Unchanged || got.Notes[0] != "n1" {
		t.Error("what was handed in changes the store")
	}
	got.Items[1].Outcome, got.Notes[0], got.Approval.By = change.Failed, "other", "eve"
	again, err := s.Get(context.Background(), "ann", c.ID)
	if err != nil || again.Items[1].Outcome != change.Unchanged || again.Notes[0] != "n1" || again.Approval.By != "ann" {
		t.Errorf("a copy that was handed out changes the store: %+v, %v", again, err)
	}
}

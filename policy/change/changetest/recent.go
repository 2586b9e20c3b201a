package changetest

import (
	"errors"
	"testing"
	"time"

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

// testWritten adds up what nobody confirmed, over ten minutes.
func testWritten(t *testing.T, s change.Store) {
	start := func(n int, at time.Time, approval *change.Approval) change.Change {
		c := Create(t, s, Planned(change.StatusApproved, n))
		return Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: at, Approval: approval})
	}
	start(1, Epoch, nil)
	start(2, Epoch.Add(5*time.Minute), &change.Approval{Level: policy.LevelAgent})
	start(4, Epoch.Add(6*time.Minute), &change.Approval{Level: policy.LevelUser})
	start(1, Epoch.Add(6*time.Minute), &change.Approval{Level: policy.LevelApprover})
	unchanged := start(8, Epoch.Add(6*time.Minute), nil)
	if err := s.Record(t.Context(), unchanged.ID, []change.Recorded{{Index: 0, Outcome: change.Unchanged}, {Index: 1, Outcome: change.Failed}}); err != nil {
		t.Fatal(err)
	}
	stale := start(32, Epoch.Add(6*time.Minute), nil)
	Advance(t, s, stale.ID, change.Step{To: change.StatusStale, At: Epoch.Add(6 * time.Minute)})
	Create(t, s, Planned(change.StatusAwaiting, 16))
	late := Planned(change.StatusApproved, 64) // not started yet, and about to
	late.CreatedAt = Epoch.Add(8 * time.Minute)
	Create(t, s, late)
	for since, want := range map[time.Duration]int{0: 1 + 2 + 6 + 64, time.Minute: 2 + 6 + 64, 7 * time.Minute: 64, 9 * time.Minute: 0} {
		if got := recent(t, s, Planned(change.StatusAwaiting, 1), Epoch.Add(since+change.Window)).Written; got != want {
			t.Errorf("since %v: %d, want %d", since, got, want)
		}
	}
	if got := recent(t, s, late, Epoch.Add(change.Window)).Written; got != 1+2+6 {
		t.Errorf("without itself: %d", got)
	}
	other := Planned(change.StatusAwaiting, 1)
	other.Principal = "bob"
	if got := recent(t, s, other, Epoch).Written; got != 0 {
		t.Errorf("another principal wrote %d", got)
	}
}

// testUndoing finds the change that puts the same back.
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
		bobs, none := undoing(change.StatusApproved), Planned(change.StatusApproved, 1)
		bobs.Principal = "bob"
		for _, c := range []change.Change{bobs, none} {
			if got := recent(t, s, c, Epoch).Undoing; got != nil {
				t.Errorf("%s, of another: %+v", when, got)
			}
		}
		got := recent(t, s, about, Epoch).Undoing
		if (got == nil) != (want == "") || got != nil && (got.ID != want || got.Items != nil) {
			t.Errorf("%s: %+v, want %q", when, got, want)
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
	for _, status := range []change.Status{change.StatusCancelled, change.StatusDeclined, change.StatusFailed, change.StatusUndone, change.StatusExpired, change.StatusStale} {
		Reach(t, s, status) // wrote nothing that stands
	}
	bobs, none, other := Planned(change.StatusAwaiting, 1), Planned(change.StatusAwaiting, 1), Planned(change.StatusAwaiting, 1)
	bobs.Principal, none.Fingerprint, other.Fingerprint = "bob", "", "other"
	for _, test := range []struct {
		of   change.Change
		want string
	}{{Planned(change.StatusAwaiting, 1), newest.ID}, {newest, first.ID}, {bobs, ""}, {none, ""}, {other, ""}} {
		got := recent(t, s, test.of, Epoch).Latest
		if (got == nil) != (test.want == "") || got != nil && (got.ID != test.want || got.Status != change.StatusAwaiting || got.Items != nil) {
			t.Errorf("%+v: %+v, want %q", test.of, got, test.want)
		}
	}
}

// testStepDecide has the last word on a step: it completes the change, or nothing
// has happened.
func testStepDecide(t *testing.T, s change.Store) {
	Create(t, s, Planned(change.StatusApproved, 3))
	c := Create(t, s, Planned(change.StatusAwaiting, 2))
	errNo := errors.New("no")
	_, err := s.Advance(t.Context(), c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes, Decide: func(now *change.Change, recent change.Recent) error {
		if now.ID != c.ID || now.Status != change.StatusAwaiting || len(now.Items) != 2 || recent.Written != 3 || recent.Latest.ID == c.ID {
			t.Errorf("decides on %+v, %+v", now, recent)
		}
		now.Revision = "other"
		return errNo
	}})
	if !errors.Is(err, errNo) {
		t.Error(err)
	}
	if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Status != change.StatusAwaiting || got.Revision != "" {
		t.Errorf("%+v, %v", got, err)
	}
	after := Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes, Decide: func(now *change.Change, _ change.Recent) error {
		now.Revision = "other"
		return nil
	}})
	if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Revision != "other" || after.Revision != "other" || got.Status != change.StatusApplying {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = s.Advance(t.Context(), c.ID, change.Step{To: change.StatusApplying, At: Epoch, Approval: Yes, Decide: func(*change.Change, change.Recent) error {
		t.Error("decides on a step that is not allowed")
		return nil
	}})
	if !errors.Is(err, change.ErrStatusChanged) {
		t.Error(err)
	}
}

// testAskCancel asks from one store for the end of what another applies.
func testAskCancel(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusApproved, 1))
	if err := s.AskCancel(t.Context(), c.ID); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("before it began: %v", err)
	}
	Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	if asked, err := s.CancelAsked(t.Context(), c.ID); asked || err != nil {
		t.Error(asked, err)
	}
	if err := s.AskCancel(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if asked, err := s.CancelAsked(t.Context(), c.ID); !asked || err != nil {
		t.Error(asked, err)
	}
	Advance(t, s, c.ID, change.Step{To: change.StatusFailed, At: Epoch})
	if err := s.AskCancel(t.Context(), c.ID); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("after it ended: %v", err)
	}
	if err := s.AskCancel(t.Context(), change.NewID()); !errors.Is(err, change.ErrNotFound) {
		t.Error(err)
	}
}

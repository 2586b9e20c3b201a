package changetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// forApprover is a change that waits for an approver.
func forApprover() change.Change {
	c := Planned(change.StatusAwaiting, 1)
	c.Level, c.ExpiresAt = policy.LevelApprover, Epoch.Add(24*time.Hour)
	c.Decision = policy.Decision{Verdict: policy.Confirm, Level: policy.LevelApprover}
	return c
}

func want(t *testing.T, s change.Store, until time.Time, kinds ...change.NoticeKind) {
	t.Helper()
	if err := s.Shared().Outbox.Want(t.Context(), until, kinds...); err != nil {
		t.Fatal(err)
	}
}

func takeNotices(t *testing.T, s change.Store, lease time.Duration, kinds ...change.NoticeKind) []change.Notice {
	t.Helper()
	taken, err := s.Shared().Outbox.Take(t.Context(), lease, 10, kinds...)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// holdsNotices compares the outbox with kinds and handles, oldest first.
func holdsNotices(t *testing.T, s change.Store, want ...string) {
	t.Helper()
	waiting, err := s.Shared().Outbox.Waiting(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	ids := make(map[string]bool)
	for _, n := range waiting {
		got = append(got, string(n.Kind)+" "+n.Change)
		ids[n.ID] = true
	}
	if !slices.Equal(got, want) || len(ids) != len(want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// testNotices writes the notices that somebody wants, with what they tell.
func testNotices(t *testing.T, s change.Store) {
	Create(t, s, forApprover())
	holdsNotices(t, s) // nobody wants any
	later := time.Now().Add(time.Hour)
	want(t, s, time.Now(), change.NoticeStopped)
	want(t, s, later, change.NoticeWaiting, change.NoticeApproved, change.NoticeDeclined, change.NoticeFailed,
		change.NoticeUnknown, change.NoticeFrozen, change.NoticeChainBroken)
	Create(t, s, Planned(change.StatusApproved, 1))
	Create(t, s, Planned(change.StatusAwaiting, 1)) // for the agent
	c, declined := Create(t, s, forApprover()), Create(t, s, forApprover())
	Advance(t, s, declined.ID, change.Step{To: change.StatusDeclined, At: Epoch})
	Reach(t, s, change.StatusStopped) // which nobody wants any more
	failed, unknown := Reach(t, s, change.StatusFailed), Reach(t, s, change.StatusUnknown)
	Reach(t, s, change.StatusApplied)
	if err := s.Shared().Stops.Freeze(t.Context(), change.Actor{By: "ops"}, "why"); err != nil {
		t.Fatal(err)
	}
	list := []string{"waiting " + c.ID, "waiting " + declined.ID, "declined " + declined.ID, "failed " + failed.ID,
		"unknown " + unknown.ID, "frozen "}
	holdsNotices(t, s, list...)
	waiting, err := s.Shared().Outbox.Waiting(t.Context(), 1)
	if err != nil || len(waiting) != 1 || !waiting[0].ExpiresAt.Equal(c.ExpiresAt) || !waiting[0].At.Equal(Epoch) {
		t.Errorf("%+v, %v", waiting, err)
	}
	if _, err := s.Create(t.Context(), forApprover(), forbid); err == nil {
		t.Error("a change was recorded that somebody forbids")
	}
	if _, err := s.Advance(t.Context(), c.ID, change.Step{To: change.StatusDeclined, At: Epoch,
		Decide: forbid}); err == nil {
		t.Error("a step was taken that somebody forbids")
	}
	broken := change.Notice{ID: "chain-2026-11-01", Kind: change.NoticeChainBroken, At: time.Now()}
	for range 2 {
		if err := s.Shared().Outbox.Add(t.Context(), broken); err != nil {
			t.Fatal(err)
		}
	}
	list = append(list, "chain_broken ")
	holdsNotices(t, s, list...)
	verifyTrail(t, s)
}

// testOutbox sends notices once, and later what was sent in vain.
func testOutbox(t *testing.T, s change.Store) {
	want(t, s, time.Now().Add(time.Hour), change.NoticeKinds()...)
	c := forApprover()
	c.CreatedAt = time.Now()
	Create(t, s, c)
	if err := s.Shared().Stops.Freeze(t.Context(), change.Actor{By: "ops"}, "why"); err != nil {
		t.Fatal(err)
	}
	outbox := s.Shared().Outbox
	if taken := takeNotices(t, s, time.Hour, change.NoticeStopped); len(taken) > 0 {
		t.Errorf("of another kind: %+v", taken)
	}
	all := change.NoticeKinds()
	first := takeNotices(t, s, 0, all...)
	second := takeNotices(t, s, time.Hour, all...)
	if len(first) != 2 || len(second) != 2 || second[0].ID != first[0].ID || second[0].Kind != change.NoticeWaiting {
		t.Fatalf("%+v, then %+v", first, second)
	}
	if more := takeNotices(t, s, time.Hour, all...); len(more) > 0 {
		t.Errorf("taken while others hold them: %+v", more)
	}
	for name, err := range map[string]error{
		"Delivered": outbox.Delivered(t.Context(), first[0]),
		"Retry":     outbox.Retry(t.Context(), first[0], time.Now(), "late"),
		"GiveUp":    outbox.GiveUp(t.Context(), first[0], "late"),
	} {
		if !errors.Is(err, change.ErrFenced) {
			t.Errorf("%s of who has lost it: %v", name, err)
		}
	}
	if err := outbox.Delivered(t.Context(), second[0]); err != nil {
		t.Error(err)
	}
	if err := outbox.Retry(t.Context(), second[1], time.Now().Add(time.Hour), "500"); err != nil {
		t.Error(err)
	}
	holdsNotices(t, s, "frozen ")
	if more := takeNotices(t, s, time.Hour, all...); len(more) > 0 {
		t.Errorf("taken before it is due: %+v", more)
	}
	waiting, err := outbox.Waiting(t.Context(), 10)
	if err != nil || waiting[0].Tried != 1 || waiting[0].Problem != "500" {
		t.Errorf("%+v, %v", waiting, err)
	}
}

// testOutboxTries tries a notice again once it is due, and gives it up.
func testOutboxTries(t *testing.T, s change.Store) {
	want(t, s, time.Now().Add(time.Hour), change.NoticeKinds()...)
	outbox, all := s.Shared().Outbox, change.NoticeKinds()
	c := forApprover()
	c.CreatedAt = time.Now()
	Create(t, s, c)
	taken := takeNotices(t, s, time.Hour, all...)
	if len(taken) != 1 || taken[0].Change != c.ID {
		t.Fatalf("%+v", taken)
	}
	if err := outbox.Retry(t.Context(), taken[0], time.Now(), "503"); err != nil {
		t.Error(err)
	}
	if taken = takeNotices(t, s, time.Hour, all...); len(taken) != 1 || taken[0].Tried != 1 {
		t.Fatalf("due again: %+v", taken)
	}
	if err := outbox.GiveUp(t.Context(), taken[0], "503"); err != nil {
		t.Error(err)
	}
	holdsNotices(t, s)
	verifyTrail(t, s)
}

// testOutboxBounds writes more notices than a store keeps.
func testOutboxBounds(t *testing.T, s change.Store) {
	want(t, s, time.Now().Add(time.Hour), change.NoticeFrozen, change.NoticeChainBroken)
	for i := range change.MaxNotices + 1 {
		n := change.Notice{ID: fmt.Sprint(i), Kind: change.NoticeChainBroken, At: time.Now()}
		if err := s.Shared().Outbox.Add(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	waiting, err := s.Shared().Outbox.Waiting(t.Context(), 2*change.MaxNotices)
	if err != nil || len(waiting) != change.MaxNotices || waiting[0].ID != "1" {
		t.Errorf("%d wait, %v", len(waiting), err)
	}
	verifyTrail(t, s)
}

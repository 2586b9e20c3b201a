package change_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// TestMemory holds the store to the contract of all stores.
func TestMemory(t *testing.T) {
	changetest.Run(t, func(*testing.T) change.Store { return change.NewMemory(1000) })
}

// TestMemoryForgets keeps three changes: of the ended ones the oldest are forgotten, one for each that comes, what
// waits stays.
func TestMemoryForgets(t *testing.T) {
	s := change.NewMemory(3)
	var ids []string
	for n, want := range [][]int{{0}, {1, 0}, {2, 1, 0}, {3, 2, 0}, {4, 3, 0}} {
		status := change.StatusApplied
		if n == 0 {
			status = change.StatusAwaiting
		}
		ids = append(ids, changetest.Reach(t, s, status).ID)
		list, err := s.List(t.Context(), "ann", change.Query{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, summary := range list {
			got = append(got, slices.Index(ids, summary.Change.ID))
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %d changes: %v, want %v", n+1, got, want)
		}
	}
}

// TestMemoryForgetsExpired forgets what waited too long, though nobody noticed.
func TestMemoryForgetsExpired(t *testing.T) {
	s := change.NewMemory(2)
	expired, waits := changetest.Planned(change.StatusAwaiting, 1), changetest.Planned(change.StatusAwaiting, 1)
	expired.ExpiresAt, waits.ExpiresAt = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	for _, c := range []change.Change{expired, waits, changetest.Planned(change.StatusAwaiting, 1)} {
		changetest.Create(t, s, c)
	}
	if _, err := s.Get(t.Context(), "ann", expired.ID); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("what expired: %v", err)
	}
	if _, err := s.Get(t.Context(), "ann", waits.ID); err != nil {
		t.Errorf("what waits: %v", err)
	}
}

// TestMemoryKeepsTheWindow has no flood of changes that write nothing push what was written out of the window.
func TestMemoryKeepsTheWindow(t *testing.T) {
	s := change.NewMemory(2)
	now := time.Now()
	wrote := changetest.Planned(change.StatusApproved, 1)
	changetest.Create(t, s, wrote)
	changetest.Advance(t, s, wrote.ID, change.Step{To: change.StatusApplying, At: now})
	if err := s.Record(t.Context(), wrote.ID, []change.Recorded{{Outcome: change.Changed}}); err != nil {
		t.Fatal(err)
	}
	changetest.Advance(t, s, wrote.ID, change.Step{To: change.StatusApplied, At: now})
	for range 5 {
		declined := changetest.Planned(change.StatusAwaiting, 1)
		changetest.Create(t, s, declined)
		changetest.Advance(t, s, declined.ID, change.Step{To: change.StatusDeclined, At: now})
	}
	recent, err := s.Recent(t.Context(), changetest.Planned(change.StatusAwaiting, 0), now)
	if err != nil || recent.Unconfirmed != 1 {
		t.Errorf("%+v, %v", recent, err)
	}
}

// BenchmarkMemoryDecide decides about a change and starts it, with ever more changes in the window.
func BenchmarkMemoryDecide(b *testing.B) {
	for _, changes := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(changes, " in the window"), func(b *testing.B) {
			s, now := change.NewMemory(1000), time.Now()
			create := func(n int) {
				c := changetest.Planned(change.StatusApproved, 1)
				c.Fingerprint, c.CreatedAt, c.Items[0].TargetID = c.ID, now, fmt.Sprint(n)
				written := 0
				_, err := s.Create(b.Context(), c, func(c *change.Change, recent change.Recent) error {
					written = recent.Written
					return c.Take(change.Step{To: change.StatusApplying, At: now})
				})
				if err == nil {
					_, err = s.Advance(b.Context(), c.ID, change.Step{To: change.StatusApplied, At: now,
						Outcomes: []change.Recorded{{Outcome: change.Changed}}})
				}
				if err != nil || written != n+1 {
					b.Fatal(written, err)
				}
			}
			n := 0
			for ; n < changes; n++ {
				create(n)
			}
			for b.Loop() {
				create(n)
				n++
			}
		})
	}
}

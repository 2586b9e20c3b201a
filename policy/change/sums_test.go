package change

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"intercom-mcp/policy"
)

// counted is what [Sums.Count] counts, by a look at every change.
func counted(changes []Change, about *Change, since time.Time) (unconfirmed, all int) {
	everyone, nobody := make(map[string]bool), make(map[string]bool)
	for _, target := range about.WrittenTargets() {
		everyone[target], nobody[target] = true, true
	}
	for i := range changes {
		c := &changes[i]
		if at := c.StartedAt(); c.ID == about.ID || at.IsZero() || at.Before(since) {
			continue
		}
		for _, target := range c.WrittenTargets() {
			everyone[target] = true
			if c.ApprovalLevel() == policy.LevelNone {
				nobody[target] = true
			}
		}
	}
	return len(nobody), len(everyone)
}

// TestSums tells sums of changes at random, and asks them now and then: they count what a look at every change does.
func TestSums(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	var changes []Change
	sums := NewSums(now.Add(-Window))
	set := func(c *Change) { sums.Set(c.ID, c.StartedAt(), c.ApprovalLevel(), c.WrittenTargets()) }
	asked, unknown := 0, 0
	for step := range 3_000 {
		now = now.Add(time.Duration(random.IntN(500)) * time.Millisecond)
		if step%700 == 699 {
			now = now.Add(Window / 2)
		}
		switch {
		case random.IntN(3) == 0 || len(changes) == 0:
			c := Change{ID: fmt.Sprint("change ", step), Status: StatusApplying,
				AppliedAt: now.Add(-time.Duration(random.IntN(2)) * time.Second)}
			for range 1 + random.IntN(4) {
				c.Items = append(c.Items, Item{TargetID: fmt.Sprint(random.IntN(300))})
			}
			changes = append(changes, c)
			set(&changes[len(changes)-1])
		case random.IntN(2) == 0:
			c := &changes[max(0, len(changes)-1-random.IntN(20))]
			switch random.IntN(4) {
			case 0:
				c.Approval = &Approval{Level: policy.Level(random.IntN(3))}
			case 1:
				c.AppliedAt = now
			case 2:
				c.Status = []Status{StatusApplying, StatusStale, StatusApplied, StatusAwaiting}[random.IntN(4)]
			case 3:
				c.Items[random.IntN(len(c.Items))].Outcome = []Outcome{Changed, Failed, Unknown, NotSent, Pending}[random.IntN(5)]
			}
			set(c)
		default:
			about := &Change{ID: "new", Items: []Item{{TargetID: fmt.Sprint(random.IntN(300))}, {}, {TargetID: "1"},
				{TargetID: "1"}}}
			if random.IntN(4) == 0 && len(changes) > 0 {
				about = &changes[len(changes)-1]
			}
			since := now.Add(-Window - time.Duration(random.IntN(5))*time.Second)
			if random.IntN(300) == 0 {
				since = since.Add(-Window)
			}
			unconfirmed, all, known := sums.Count(about, since)
			if !known {
				unknown++
				sums = NewSums(since)
				for i := range changes {
					set(&changes[i])
				}
				unconfirmed, all, known = sums.Count(about, since)
			}
			asked++
			wantUnconfirmed, want := counted(changes, about, since)
			if !known || unconfirmed != wantUnconfirmed || all != want {
				t.Fatalf("step %d: %d of %d unconfirmed, want %d of %d", step, unconfirmed, all, wantUnconfirmed, want)
			}
		}
	}
	if asked < 500 || unknown == 0 || len(sums.order) > len(changes) {
		t.Errorf("asked %d times, unknown %d times, %d places", asked, unknown, len(sums.order))
	}
	oldest := slices.MinFunc(changes, func(a, b Change) int { return a.AppliedAt.Compare(b.AppliedAt) })
	if _, kept := sums.shares[oldest.ID]; kept {
		t.Error("what started long ago is kept")
	}
}

package intercom

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestLastsLater estimates requests that begin at some moment of a window: no wait within what a priority has of one,
// and then each but a half.
func TestLastsLater(t *testing.T) {
	known := BudgetState{Limit: 100, Known: true}
	for _, test := range []struct {
		state      BudgetState
		requests   int
		took, want time.Duration
		p          Priority
	}{
		{known, 0, time.Second, time.Second, PriorityBulk}, {known, 80, 0, 0, PriorityBulk},
		{known, 81, 0, 5 * time.Second, PriorityBulk}, {known, 161, 0, 15 * time.Second, PriorityBulk},
		{known, 98, 0, 0, PriorityInteractive}, {known, 99, 0, 5 * time.Second, PriorityInteractive},
		{known, 80, 8 * time.Second, 8 * time.Second, PriorityBulk},
		{known, 120, 6 * time.Second, 9 * time.Second, PriorityBulk}, // between 6 and 12 seconds
		{known, 80, 80 * time.Second, 80 * time.Second, PriorityBulk},
		{known, 1000, 200 * time.Second, 200 * time.Second, PriorityBulk},
		{BudgetState{Limit: 100}, 1000, time.Second, time.Second, PriorityBulk},
		{BudgetState{Known: true}, 3, 0, 15 * time.Second, PriorityBulk},
	} {
		if got := test.state.Lasts(test.requests, test.took, test.p, false); got != test.want {
			t.Errorf("%d in %v of %+v: %v, want %v", test.requests, test.took, test.state, got, test.want)
		}
	}
}

// TestLastsNow holds the estimate of requests that begin now against what they take, from any moment of a window.
func TestLastsNow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		used, n int
		after   time.Duration // of the window
	}{{1, 30, 0}, {1, 400, 0}, {1, 400, 8 * time.Second}, {300, 100, 2 * time.Second}, {1, 900, 5 * time.Second},
		{320, 2, time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			l := &limiter{limit: 400}
			c, _ := newFake(t, Config{}, l.answer)
			c = c.WithPriority(PriorityBulk)
			work(t, c, test.used, 8)
			time.Sleep(test.after)
			const workers = 8
			alone := time.Duration((test.n+workers-1)/workers) * 30 * time.Millisecond
			told, began := c.Budget().Lasts(test.n, alone, PriorityBulk, true), time.Now()
			work(t, c, test.n, workers)
			if took := time.Since(began); told > took+200*time.Millisecond || told < took-200*time.Millisecond {
				t.Errorf("%+v: told %v, and it took %v", test, told, took)
			}
		})
	}
}

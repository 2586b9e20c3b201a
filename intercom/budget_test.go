package intercom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// limiter is an Intercom with rate windows. Its clock may be wrong by skew,
// and others may use its budget too.
type limiter struct {
	limit  int
	skew   time.Duration
	others int // requests that other clients make per window
	dated  bool

	mu      sync.Mutex
	window  int64
	used    int
	most    int // in one window, others included
	refused int
}

func (l *limiter) answer(_ int, _ *http.Request) reply {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().Add(l.skew)
	if window := now.Unix() / 10; window != l.window {
		l.window, l.used = window, l.others
	}
	re := ok(contactBody)
	if l.used >= l.limit {
		l.refused++
		re = refuse(429, "rate_limit_exceeded", "Exceeded rate limit")
	} else {
		l.used++
		l.most = max(l.most, l.used)
	}
	re.header = rateHeader(l.limit, l.limit-l.used, (l.window+1)*10)
	if l.dated {
		re.header["Date"] = now.UTC().Format(http.TimeFormat)
	}
	re.after = 30 * time.Millisecond
	return re
}

func get(ctx context.Context, c *Client) error { return result(c.Contacts.Get(ctx, "i1")) }

// work calls n times with that many workers.
func work(t *testing.T, c *Client, n, workers int) {
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() {
			for range (n + workers - 1 - i) / workers {
				if err := get(background, c); err != nil {
					t.Errorf("call failed: %v", err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestBulkStaysWithinItsShare(t *testing.T) {
	t.Parallel()
	tests := map[string]*limiter{
		"known limit":        {limit: 1667},
		"low limit":          {limit: 167},
		"clock behind":       {limit: 400, skew: -3 * time.Minute, dated: true},
		"clock ahead":        {limit: 400, skew: 47 * time.Minute, dated: true},
		"shared with others": {limit: 400, others: 150},
	}
	for name, l := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(3300 * time.Millisecond) // begin within a window
				c, _ := newFake(t, Config{}, l.answer)
				c = c.WithPriority(PriorityBulk)
				start := time.Now()
				n := 4 * l.limit
				work(t, c, n, 32)
				share := l.limit*4/5 + 1
				if l.others > 0 {
					share += 32 // in flight when the others' use became known
				}
				if l.refused > 0 || l.most > share {
					t.Errorf("%d answers 429, at most %d of %d in a window, want %d", l.refused, l.most, l.limit, share)
				}
				windows := n/(l.limit*4/5-l.others) + 4
				if took := time.Since(start); took > time.Duration(windows)*windowLength {
					t.Errorf("took %v, want at most %d windows", took, windows)
				}
			})
		})
	}
}

func TestInteractiveGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &limiter{limit: 100}
		c, _ := newFake(t, Config{}, l.answer)
		if err := get(background, c); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		group.Go(func() { work(t, c.WithPriority(PriorityBulk), 500, 32) })
		for range 40 {
			time.Sleep(time.Second)
			start := time.Now()
			if err := get(background, c); err != nil || time.Since(start) > time.Second {
				t.Errorf("an interactive call took %v: %v", time.Since(start), err)
			}
		}
		group.Wait()
		if l.refused > 0 {
			t.Errorf("%d answers 429", l.refused)
		}
	})
}

func TestQueueIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(Share{})
		for b.take(PriorityInteractive, time.Now()) { // use all there is
			continue
		}
		var mu sync.Mutex
		var order []int
		var group sync.WaitGroup
		for i := range 6 {
			priority := PriorityBulk
			if i%2 == 1 {
				priority = PriorityInteractive
			}
			group.Go(func() {
				if err := b.acquire(background, priority, nil); err != nil {
					t.Errorf("%d: %v", i, err)
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
			})
			synctest.Wait()
			b.mu.Lock()
			b.limit, b.remaining = 1, 0 // one waiter a window
			b.mu.Unlock()
		}
		group.Wait()
		if want := []int{1, 3, 5, 0, 2, 4}; !slices.Equal(order, want) {
			t.Errorf("served in order %v, want %v", order, want)
		}
	})
}

// TestTurns serves the principals that wait in turn, each one's own waiters as they came.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(Share{})
		for b.take(PriorityBulk, time.Now()) {
			continue
		}
		var mu sync.Mutex
		var order []string
		var group sync.WaitGroup
		for i, who := range []string{"a", "a", "a", "b", "a", "c", "b", ""} {
			group.Go(func() {
				if err := b.acquire(ForPrincipal(background, who), PriorityBulk, nil); err != nil {
					t.Errorf("%s: %v", who, err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, fmt.Sprint(who, i))
			})
			synctest.Wait()
			b.mu.Lock()
			b.limit, b.remaining = 1, 0 // one waiter a window
			b.mu.Unlock()
		}
		group.Wait()
		if want := []string{"a0", "b3", "c5", "7", "a1", "b6", "a2", "a4"}; !slices.Equal(order, want) {
			t.Errorf("served in order %v, want %v", order, want)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		if q := &b.queues[PriorityBulk]; q.n != 0 || len(q.order) != 0 || len(q.queued) != 0 {
			t.Errorf("an empty queue holds %d, %v, %v", q.n, q.order, q.queued)
		}
	})
}

// TestSharedWindow has a principal that comes late find a turn within two seconds, whatever another one asks for, and
// whatever the window.
func TestSharedWindow(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{166, 1667} {
		for _, greedy := range []Priority{PriorityInteractive, PriorityBulk} {
			t.Run(fmt.Sprint(limit, " ", greedy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := &limiter{limit: limit}
					c, _ := newFake(t, Config{}, l.answer)
					other := ForPrincipal(background, "other")
					if err := errors.Join(get(other, c), get(ForPrincipal(background, "greedy"), c)); err != nil {
						t.Fatal(err)
					}
					ctx, enough := context.WithCancel(ForPrincipal(background, "greedy"))
					var group sync.WaitGroup
					for range 64 {
						group.Go(func() {
							for get(ctx, c.WithPriority(greedy)) == nil {
								continue
							}
						})
					}
					for range 100 {
						time.Sleep(500 * time.Millisecond)
						start := time.Now()
						if err := get(other, c); err != nil || time.Since(start) > 2*time.Second {
							t.Fatalf("the other one's call took %v: %v", time.Since(start), err)
						}
					}
					enough()
					group.Wait()
					if l.refused > 0 {
						t.Errorf("%d answers 429", l.refused)
					}
					if least := limit * 3 / 4; l.most < least {
						t.Errorf("at most %d requests in a window, want at least %d", l.most, least)
					}
				})
			})
		}
	}
}

func TestBeforeTheFirstAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := newFake(t, Config{}, always(ok(contactBody))) // says nothing of limits
		work(t, c.WithPriority(PriorityBulk), 200, 200)
		first := f.sent()[0].At
		n := 0
		for _, r := range f.sent() {
			if r.At.Sub(first) < windowLength {
				n++
			}
		}
		if want := assumedLimit - assumedLimit/bulkReserve; n != want {
			t.Errorf("%d requests in the first window, want %d", n, want)
		}
		if state := c.Budget(); state.Known || state.Limit != assumedLimit {
			t.Errorf("state %+v", state)
		}
	})
}

func TestBudgetNeverOutlastsTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &limiter{limit: 5}
		c, f := newFake(t, Config{}, l.answer)
		work(t, c, 5, 1)
		sent := len(f.sent())
		ctx, cancel := context.WithTimeout(background, 2*time.Second)
		defer cancel()
		start := time.Now()
		e := asError(t, get(ctx, c))
		if e.Kind() != KindRateLimited || e.RetryAfter <= 2*time.Second || e.RetryAfter > windowLength || e.Sent {
			t.Errorf("got %v, retry after %v, sent %t", e, e.RetryAfter, e.Sent)
		}
		if len(f.sent()) != sent || time.Since(start) != 0 {
			t.Errorf("%d requests, after %v", len(f.sent())-sent, time.Since(start))
		}
	})
}

func TestLeavingTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(Share{})
		for b.take(PriorityInteractive, time.Now()) {
			continue
		}
		ctx, cancel := context.WithCancel(background)
		var err *Error
		var group sync.WaitGroup
		group.Go(func() { err = b.acquire(ctx, PriorityInteractive, nil) })
		synctest.Wait()
		cancel()
		group.Wait()
		if !errors.Is(err, context.Canceled) || err.Kind() != KindUnavailable {
			t.Errorf("got %v", err)
		}
		if n := b.waiting(PriorityBulk); n != 0 {
			t.Errorf("%d still wait", n)
		}
		w := &waiter{"", make(chan struct{})} // got its turn just as it gave up
		before, flying := b.remaining, b.inFlight
		b.remaining--
		b.inFlight++
		b.leave(PriorityInteractive, w, context.Canceled)
		if b.remaining != before || b.inFlight != flying {
			t.Errorf("%d remaining, %d flying; want %d, %d", b.remaining, b.inFlight, before, flying)
		}
	})
}

func TestBudgetLearns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &limiter{limit: 1667, others: 600}
		c, _ := newFake(t, Config{}, l.answer)
		if err := get(background, c); err != nil {
			t.Fatal(err)
		}
		end := time.Now().Truncate(windowLength).Add(windowLength)
		want := BudgetState{Limit: 1667, Remaining: 1066, Reset: end, Known: true}
		if got := c.Budget(); !got.Reset.Equal(end) || got.Remaining != want.Remaining || got.Limit != want.Limit ||
			!got.Known {
			t.Errorf("got %+v, want %+v", got, want)
		}
		time.Sleep(25 * time.Second)
		if got := c.Budget(); got.Remaining != 1667 || !got.Reset.Equal(end.Add(20*time.Second)) {
			t.Errorf("two windows later: %+v", got)
		}
	})
}

// An answer of the last window that arrives in the next one says nothing
// about it.
func TestLateAnswersAreIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(Share{})
		b.acquire(background, PriorityBulk, nil)
		b.acquire(background, PriorityBulk, nil)
		reset := time.Now().Unix() + 10
		b.complete(say(100, 20, reset), time.Now())
		time.Sleep(windowLength + time.Second)
		b.complete(say(100, 19, reset), time.Now())
		if state := b.state(); state.Remaining != 100 {
			t.Errorf("got %+v", state)
		}
	})
}

func TestEstimateCountsTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(Share{})
		for b.take(PriorityInteractive, time.Now()) {
			continue
		}
		b.limit = 10 // so that a window serves eight bulk calls
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if err := b.acquire(background, PriorityBulk, nil); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		b.mu.Lock()
		got := b.estimate(PriorityBulk, "", time.Now())
		b.mu.Unlock()
		if got != 3*windowLength {
			t.Errorf("a new caller would wait %v, want the end of this window and two more", got)
		}
		start := time.Now()
		group.Wait()
		if took := time.Since(start); took != 3*windowLength {
			t.Errorf("the queue took %v", took)
		}
	})
}

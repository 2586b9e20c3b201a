package intercom

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Priority is whose turn it is when the rate budget is short.
type Priority uint8

// The priorities.
const (
	PriorityInteractive Priority = iota // someone waits: first in the queue
	PriorityBulk                        // works on in the background, with at most 80 % of a window
)

// windowLength is how long Intercom counts requests before it starts again. See
// https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
const windowLength = 10 * time.Second

// assumedLimit is the limit of a window until an answer tells it: the lowest
// that Intercom documents.
const assumedLimit = 166

// The part of a window that each priority leaves alone, as a divisor of it.
// That of interactive calls is for clocks that differ.
const (
	interactiveReserve = 50
	bulkReserve        = 5
)

// BudgetState is the rate limit's current window.
type BudgetState struct {
	Limit     int       // requests per window
	Remaining int       // of them, what is left
	Reset     time.Time // when the next window begins, zero before the first request
	Known     bool      // told by Intercom; assumed otherwise
}

// budget shares the requests of each window among callers. It learns the
// windows from the answers' headers.
type budget struct {
	mu        sync.Mutex
	known     bool
	limit     int
	remaining int
	epoch     int64     // X-RateLimit-Reset of this window, by Intercom's clock
	end       time.Time // the same instant by ours
	flying    int       // acquired and not settled
	queues    [PriorityBulk + 1][]*waiter
	timer     *time.Timer // serves the queues when the next window begins
}

// waiter is a caller in a queue. Ready is closed when its turn has come.
type waiter struct{ ready chan struct{} }

func newBudget() *budget { return &budget{limit: assumedLimit, remaining: assumedLimit} }

func (b *budget) state() BudgetState {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.end.IsZero() {
		b.roll(time.Now())
	}
	return BudgetState{Limit: b.limit, Remaining: b.remaining, Reset: b.end, Known: b.known}
}

// acquire waits for a request of the budget, first come first served within
// a priority. Settle or release must follow when it returns nil. If the wait would last
// longer than the context, it returns at once.
func (b *budget) acquire(ctx context.Context, p Priority) *Error {
	if err := ctx.Err(); err != nil {
		return gaveUp(err, 0)
	}
	b.mu.Lock()
	now := time.Now()
	b.roll(now)
	if b.ahead(p) == 0 && b.take(p) {
		b.mu.Unlock()
		return nil
	}
	wait := b.estimate(p, now)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(now.Add(wait)) {
		b.mu.Unlock()
		return gaveUp(nil, wait)
	}
	w := &waiter{make(chan struct{})}
	b.queues[p] = append(b.queues[p], w)
	b.schedule(now)
	b.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		return b.leave(p, w, ctx.Err())
	}
}

// gaveUp is the error of a call that did not get a request of the budget: its
// context ended, or would end before its turn.
func gaveUp(cause error, wait time.Duration) *Error {
	if errors.Is(cause, context.Canceled) || cause != nil && wait == 0 {
		return &Error{Message: "not sent, as the call was over before", Err: cause, kind: KindUnavailable}
	}
	return &Error{Message: "not sent, as the rate limit is used up for now", Err: cause, RetryAfter: wait, kind: KindRateLimited}
}

// leave takes a waiter out of its queue, or gives back what it just got.
func (b *budget) leave(p Priority, w *waiter, cause error) *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if i := slices.Index(b.queues[p], w); i >= 0 {
		b.queues[p] = slices.Delete(b.queues[p], i, i+1)
	} else {
		b.giveBack(now)
	}
	return gaveUp(cause, b.estimate(p, now))
}

// release gives back what acquire took, as nothing was sent.
func (b *budget) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.giveBack(time.Now())
}

func (b *budget) giveBack(now time.Time) {
	b.remaining = min(b.remaining+1, b.limit)
	b.flying--
	b.serve(now)
}

// reserve is what a priority leaves of each window.
func (b *budget) reserve(p Priority) int {
	if p == PriorityBulk {
		return b.limit / bulkReserve
	}
	return b.limit / interactiveReserve
}

// take takes a request of the window, if the priority may.
func (b *budget) take(p Priority) bool {
	if b.remaining <= b.reserve(p) {
		return false
	}
	b.remaining--
	b.flying++
	return true
}

// ahead is how many waiters come before a new one.
func (b *budget) ahead(p Priority) int {
	n := 0
	for _, queue := range b.queues[:p+1] {
		n += len(queue)
	}
	return n
}

// estimate is how long a new waiter will wait, if all others use what they
// may.
func (b *budget) estimate(p Priority, now time.Time) time.Duration {
	windows := b.ahead(p) / max(b.limit-b.reserve(p), 1)
	return b.end.Sub(now) + time.Duration(windows)*windowLength
}

// roll starts the windows that began since the last look.
func (b *budget) roll(now time.Time) {
	if b.end.IsZero() {
		b.end = now.Add(windowLength)
		return
	}
	if now.Before(b.end) {
		return
	}
	passed := now.Sub(b.end)/windowLength + 1
	b.end = b.end.Add(passed * windowLength)
	b.epoch += int64(passed) * int64(windowLength/time.Second)
	b.remaining = b.limit
}

// serve gives waiters what there is, interactive ones first.
func (b *budget) serve(now time.Time) {
	b.roll(now)
	for p := range b.queues {
		for len(b.queues[p]) > 0 && b.take(Priority(p)) {
			close(b.queues[p][0].ready)
			b.queues[p] = b.queues[p][1:]
		}
	}
	b.schedule(now)
}

// schedule has the queues served when the next window begins.
func (b *budget) schedule(now time.Time) {
	if b.ahead(PriorityBulk) == 0 {
		return
	}
	wait := b.end.Sub(now)
	if b.timer != nil {
		b.timer.Reset(wait)
		return
	}
	b.timer = time.AfterFunc(wait, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.serve(time.Now())
	})
}

// settle ends what acquire began, and learns from the answer.
func (b *budget) settle(a *answer, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying--
	if rate, ok := parseRate(a.header, now); ok {
		b.learn(rate, now)
	}
	b.serve(now)
}

// learn takes over what an answer says about its window.
func (b *budget) learn(rate rate, now time.Time) {
	b.roll(now)
	b.limit = rate.limit
	switch {
	case !b.known || rate.epoch > b.epoch:
		// A window that we did not know of: the requests on their way may
		// not be counted in it yet.
		b.known = true
		b.epoch, b.end = rate.epoch, now.Add(rate.left)
		b.remaining = max(rate.remaining-b.flying, 0)
	case rate.epoch == b.epoch:
		b.remaining = min(b.remaining, rate.remaining)
	}
}

package intercom

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Priority orders the callers that wait for the rate budget.
type Priority uint8

// The priorities.
const (
	PriorityInteractive Priority = iota // a person or agent waits: served first
	PriorityBulk                        // background work: served last, with at most 80 % of a window
)

// windowLength is how long Intercom counts requests before it starts again. See
// https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
const windowLength = 10 * time.Second

// assumedLimit is the limit of a window before the first answer: the lowest that Intercom documents.
const assumedLimit = 166

// The share of a window that each priority leaves unused, as a divisor. The
// interactive reserve absorbs differences between clocks.
const (
	interactiveReserve = 50
	bulkReserve        = 5
)

// BudgetState is the rate limit's current window.
type BudgetState struct {
	Limit     int       // requests per window
	Remaining int       // of them, what is left
	Reset     time.Time // when the next window begins, zero before the first request
	Known     bool      // learned from an answer; assumed otherwise
}

// budget shares the requests of each window among callers. It learns the windows from the answers' headers.
type budget struct {
	mu        sync.Mutex
	known     bool
	limit     int
	remaining int
	epoch     int64     // X-RateLimit-Reset of this window, by Intercom's clock
	end       time.Time // the same instant by ours
	inFlight  int       // acquired and not completed
	queues    [PriorityBulk + 1][]*waiter
	timer     *time.Timer // serves the queues when the next window begins
}

// waiter is a queued caller. Closing ready admits it.
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

// skew is how far Intercom's clock is ahead of ours.
func (b *budget) skew() (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Unix(b.epoch, 0).Sub(b.end), b.known
}

// acquire takes one request of the budget, waiting first come first served within a priority. After nil, complete or
// release must follow. It fails at once if the wait would outlast the context.
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

// gaveUp is the error of a call that was not admitted, since its context ended or would end before its turn.
func gaveUp(cause error, wait time.Duration) *Error {
	if errors.Is(cause, context.Canceled) || cause != nil && wait == 0 {
		return &Error{Message: "not sent, as the call was over before", Err: cause, kind: KindUnavailable}
	}
	return &Error{
		Message: "not sent, as the rate limit is used up for now", Err: cause, RetryAfter: wait, kind: KindRateLimited,
	}
}

// leave removes a waiter from its queue, or refunds the request it just got.
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

// release refunds an acquired request of which nothing was sent.
func (b *budget) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.giveBack(time.Now())
}

func (b *budget) giveBack(now time.Time) {
	b.remaining = min(b.remaining+1, b.limit)
	b.inFlight--
	b.serve(now)
}

// reserve is what a priority leaves of each window.
func (b *budget) reserve(p Priority) int {
	if p == PriorityBulk {
		return b.limit / bulkReserve
	}
	return b.limit / interactiveReserve
}

// take takes a request of the window if the reserve of p allows it.
func (b *budget) take(p Priority) bool {
	if b.remaining <= b.reserve(p) {
		return false
	}
	b.remaining--
	b.inFlight++
	return true
}

// ahead counts the waiters that are served before a new one.
func (b *budget) ahead(p Priority) int {
	n := 0
	for _, queue := range b.queues[:p+1] {
		n += len(queue)
	}
	return n
}

// estimate is the longest wait of a new waiter: all others use their shares.
func (b *budget) estimate(p Priority, now time.Time) time.Duration {
	windows := b.ahead(p) / max(b.limit-b.reserve(p), 1)
	return b.end.Sub(now) + time.Duration(windows)*windowLength
}

// roll starts the windows that began since the last call.
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

// serve admits waiters while requests remain, interactive ones first.
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

// schedule serves the queues when the next window begins.
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

// complete ends an acquired request and learns from its answer.
func (b *budget) complete(a *answer, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inFlight--
	if rate, ok := parseRate(a.header, now); ok {
		b.learn(rate, now)
	}
	b.serve(now)
}

// learn adopts the window that an answer reports.
func (b *budget) learn(rate rate, now time.Time) {
	b.roll(now)
	b.limit = rate.limit
	switch {
	case !b.known || rate.epoch > b.epoch:
		// A new window: requests in flight may not be counted in it yet.
		b.known = true
		b.epoch, b.end = rate.epoch, now.Add(rate.left)
		b.remaining = max(rate.remaining-b.inFlight, 0)
	case rate.epoch == b.epoch:
		b.remaining = min(b.remaining, rate.remaining)
	}
}

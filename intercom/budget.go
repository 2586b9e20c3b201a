package intercom

import (
	"context"
	"errors"
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

// sharedFor is how long the windows are spread for several principals after two of them took turns.
const sharedFor = time.Hour

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

// budget shares the requests of each window among callers. It learns the windows from the answers' headers. It is
// safe for concurrent use: acquire, leave, release, complete, lease, state and skew take mu, and whoever calls another
// of its methods holds it.
type budget struct {
	mu        sync.Mutex // guards what follows
	known     bool
	limit     int
	remaining int
	epoch     int64     // X-RateLimit-Reset of this window, by Intercom's clock
	end       time.Time // the same instant by ours
	inFlight  int       // acquired and not completed
	queues    [PriorityBulk + 1]turns
	timer     *time.Timer // serves the queues when the next window begins, or the next request of a spread one

	lessee *lessee // nil: nobody shares the windows

	latest   string    // principal that came last
	sharedAt time.Time // when it came after another one
	taken    time.Time // when the last request was taken
}

func newBudget(share Share) *budget {
	b := &budget{limit: assumedLimit, remaining: assumedLimit}
	if share.Lease != nil {
		b.lessee = &lessee{share: share}
	}
	return b
}

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

// acquire takes one request of the budget for the principal of the context, waiting in turn. After nil, complete or
// release must follow. It fails at once if the wait would outlast the context, and once recalled is closed.
func (b *budget) acquire(ctx context.Context, p Priority, recalled <-chan struct{}) *Error {
	if err := ctx.Err(); err != nil {
		return gaveUp(err, 0)
	}
	b.mu.Lock()
	now := time.Now()
	b.roll(now)
	principal := PrincipalOf(ctx)
	b.come(principal, now)
	if b.waiting(p) == 0 && b.take(p, now) {
		b.mu.Unlock()
		return nil
	}
	wait := b.estimate(p, principal, now)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(now.Add(wait)) {
		b.mu.Unlock()
		return gaveUp(nil, wait)
	}
	w := &waiter{principal, make(chan struct{})}
	b.queues[p].push(w)
	b.schedule(now)
	b.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		return b.leave(p, w, ctx.Err())
	case <-recalled:
		b.leave(p, w, nil)
		return calledBack()
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
	if !b.queues[p].remove(w) {
		b.giveBack(now)
	}
	return gaveUp(cause, b.estimate(p, w.principal, now))
}

// release refunds an acquired request of which nothing was sent.
func (b *budget) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.giveBack(time.Now())
}

func (b *budget) giveBack(now time.Time) {
	b.remaining = min(b.remaining+1, b.limit)
	if b.lessee != nil && b.lessee.epoch == b.epoch {
		b.lessee.held++
	}
	b.inFlight--
	b.serve(now)
}

// reserve is what a priority leaves of each window.
func (b *budget) reserve(p Priority) int { return reserve(b.limit, p) }

// reserve is what a priority leaves of a window of so many requests.
func reserve(limit int, p Priority) int {
	if p == PriorityBulk {
		return limit / bulkReserve
	}
	return limit / interactiveReserve
}

// take takes a request of the window if the reserve of p allows it, and the spread of a window that is shared.
func (b *budget) take(p Priority, now time.Time) bool {
	if b.remaining <= b.reserve(p) || now.Before(b.due(p, now)) || !b.draw(now) {
		return false
	}
	b.remaining--
	b.inFlight++
	b.taken = now
	return true
}

// come notes that a principal asks for a request.
func (b *budget) come(principal string, now time.Time) {
	if principal == "" || principal == b.latest {
		return
	}
	if b.latest != "" {
		b.sharedAt = now
	}
	b.latest = principal
}

// due is when the next request may be taken. Where several principals use the client, the second half of a window is
// spread over the rest of its time: whoever comes late finds a turn soon, not a window that others have used up.
func (b *budget) due(p Priority, now time.Time) time.Time {
	if 2*b.remaining > b.limit || b.sharedAt.IsZero() || now.Sub(b.sharedAt) > sharedFor {
		return now
	}
	return b.taken.Add(b.spacing(p))
}

// spacing is the time between two requests of a window that is spread: its last tenth absorbs delays.
func (b *budget) spacing(p Priority) time.Duration {
	return b.end.Sub(b.taken) * 9 / 10 / time.Duration(max(b.remaining-b.reserve(p), 1))
}

// waiting counts the waiters of p and of what goes before it.
func (b *budget) waiting(p Priority) int {
	n := 0
	for i := range b.queues[:p+1] {
		n += b.queues[i].n
	}
	return n
}

// estimate is about the longest wait of a new waiter: those before it in turn use their shares.
func (b *budget) estimate(p Priority, principal string, now time.Time) time.Duration {
	ahead := b.queues[p].ahead(principal)
	if p > 0 {
		ahead += b.waiting(p - 1)
	}
	if ahead < b.remaining-b.reserve(p) {
		return b.due(p, now).Sub(now) + time.Duration(ahead)*b.spacing(p)
	}
	windows := ahead / max(b.limit-b.reserve(p), 1)
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
		for b.queues[p].n > 0 && b.take(Priority(p), now) {
			close(b.queues[p].pop().ready)
		}
	}
	b.schedule(now)
}

// schedule serves the queues when the next window begins, or before that when the next request of this one is due.
func (b *budget) schedule(now time.Time) {
	at := b.end
	for p := range b.queues {
		if b.queues[p].n > 0 && b.remaining > b.reserve(Priority(p)) && !b.isAsking() {
			at = earlier(at, b.due(Priority(p), now))
		}
	}
	if b.waiting(PriorityBulk) == 0 {
		return
	}
	if b.timer != nil {
		b.timer.Reset(at.Sub(now))
		return
	}
	b.timer = time.AfterFunc(at.Sub(now), func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.serve(time.Now())
	})
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
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
	case !b.known || rate.epoch > b.epoch || rate.epoch < b.epoch-int64(stale/time.Second):
		// A new window: requests in flight may not be counted in it yet.
		b.known = true
		b.epoch, b.end = rate.epoch, now.Add(rate.left)
		b.remaining = max(rate.remaining-b.inFlight, 0)
	case rate.epoch == b.epoch:
		b.remaining = min(b.remaining, rate.remaining)
	}
}

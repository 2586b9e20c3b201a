package intercom

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// class is the effect of repeating an operation.
type class uint8

const (
	classRead       class = iota // nothing
	classIdempotent              // nothing more than the first time: sets and removes
	classAbsolute                // the same values again
	classOnce                    // the work a second time
	classScroll                  // a read that continues a server-side cursor
)

// writes reports whether the operation changes anything.
func (c class) writes() bool { return c != classRead && c != classScroll }

// failure classifies how an attempt failed.
type failure uint8

const (
	failNone     failure = iota
	failRefused          // a definite no: 4xx, a redirect, or a local refusal
	failNotSent          // no byte left
	failLimited          // 429: rejected before any effect
	failInternal         // 500
	failGateway          // 502, 503, 504, 408, and 4xx that is not Intercom's word
	failLost             // sent, and then no answer
	failGarbled          // 2xx, and an answer that cannot be read, or 1xx in place of one
	failTooLong          // 2xx, and an answer beyond what is read
)

// mayHaveApplied reports whether a write that fails so may have taken effect.
func (f failure) mayHaveApplied() bool { return f >= failInternal }

// retries is the number of retries by class and failure; no call makes more than three attempts. What could be applied
// twice is not resent after bytes were sent, unless Intercom refused it. Nor are absolute values, which another client
// may have changed meanwhile: the caller reads first.
var retries = [...][failTooLong + 1]int{
	classRead:       {failNotSent: 2, failLimited: 2, failInternal: 1, failGateway: 2, failLost: 2, failGarbled: 2},
	classIdempotent: {failNotSent: 2, failLimited: 2, failInternal: 2, failGateway: 2, failLost: 2},
	classAbsolute:   {failNotSent: 2, failLimited: 2},
	classOnce:       {failNotSent: 2, failLimited: 2},
	classScroll:     {failNotSent: 2, failLimited: 2},
}

// failureOf classifies an attempt. err is the error of the exchange or of decoding its answer.
func failureOf(a *answer, err error) failure {
	switch {
	case a.status == 0 && err != nil && !a.sent:
		return failNotSent
	case a.status == 0:
		return failLost
	case a.status < http.StatusOK:
		return failGarbled
	case a.ok() && errors.Is(err, errTooLong):
		return failTooLong
	case a.ok() && err != nil:
		return failGarbled
	case a.ok():
		return failNone
	}
	switch a.status {
	case http.StatusTooManyRequests:
		return failLimited
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return failGateway
	}
	if a.status >= http.StatusInternalServerError {
		return failInternal
	}
	if a.status >= http.StatusBadRequest && a.foreign() {
		return failGateway
	}
	return failRefused
}

// backoff is the random wait before the attempt after n others.
func backoff(n int) time.Duration {
	most := min(250*time.Millisecond<<n, 8*time.Second)
	return rand.N(most)
}

// pause waits for d and reports whether it did. It returns false at once if the context would end before.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// The share of requests that may be retries, and how many may come at once.
const (
	retryShare = 0.1
	retryBurst = 10
)

// retryQuota keeps retries from multiplying the load on a failing Intercom: each call earns a tenth of a retry.
type retryQuota struct {
	mu   sync.Mutex
	left float64
}

func newRetryQuota() *retryQuota { return &retryQuota{left: retryBurst} }

// earn counts a call.
func (q *retryQuota) earn() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.left = min(q.left+retryShare, retryBurst)
}

// spend takes a retry, if there is one left.
func (q *retryQuota) spend() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.left < 1 {
		return false
	}
	q.left--
	return true
}

package intercom

import (
	"context"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// latchTime is how long calls fail locally after Intercom refused the token.
const latchTime = time.Minute

// credentialLatch refuses calls locally after Intercom refused the token, so
// that a wrong token does not look like an attack.
type credentialLatch struct {
	mu    sync.Mutex
	until time.Time
	cause Error
}

// trip closes the latch.
func (l *credentialLatch) trip(cause *Error, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until, l.cause = now.Add(latchTime), *cause
}

// release opens the latch.
func (l *credentialLatch) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Time{}
}

// check returns why a call must not be sent, nil if it may.
func (l *credentialLatch) check(now time.Time) *Error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.until) {
		return nil
	}
	return &Error{
		Code: l.cause.Code, RequestID: l.cause.RequestID, kind: KindCredential, RetryAfter: l.until.Sub(now),
		Message: "not sent, as the access token was refused lately: " + l.cause.Message,
	}
}

// The breaker opens when at least half of at least twenty attempts within ten
// seconds failed, and then lets one through every five seconds.
const (
	breakerFailures = 0.5 // of the attempts in a period
	breakerAttempts = 20
	breakerPeriod   = 10 * time.Second
	breakerDelay    = 5 * time.Second
)

// breaker stops calls while Intercom is failing.
type breaker struct {
	circuit circuitbreaker.CircuitBreaker[any]
}

func newBreaker() breaker {
	return breaker{circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(breakerFailures, breakerAttempts, breakerPeriod).
		WithSuccessThreshold(1).
		WithDelay(breakerDelay).
		Build()}
}

// admit returns why an attempt must not be made, nil if it may.
func (b breaker) admit() *Error {
	if b.circuit.TryAcquirePermit() {
		return nil
	}
	return &Error{
		Message: "not sent, as most of the latest requests failed", kind: KindUnavailable,
		RetryAfter: max(b.circuit.RemainingDelay(), time.Second),
	}
}

// record counts an attempt. Refusals, rate limits included, count as success: Intercom works. An attempt that the
// caller cancelled does not count, unless it was the probe of a half-open breaker.
func (b breaker) record(ctx context.Context, failed failure) {
	switch {
	case failed == failNone, failed == failRefused, failed == failLimited:
		b.circuit.RecordSuccess()
	case ctx.Err() == nil || b.circuit.IsHalfOpen():
		b.circuit.RecordFailure()
	}
}

package intercom

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"
)

// callTimeout bounds an interactive call, its waits and attempts included: a second less than an agent's call of a tool
// has, so that of an Intercom that does not answer it is said so. Bulk calls are bounded by their context alone.
const callTimeout = 24 * time.Second

// limitedWait is the least wait after an answer 429.
const limitedWait = time.Second

// call is one request on its way, with all its attempts.
type call struct {
	conn     *connection
	prepared *prepared
	priority Priority
	attempts int
	// sent reports whether bytes of any attempt were sent.
	sent bool
	// mayHaveApplied reports whether an attempt may have taken effect unseen.
	mayHaveApplied bool
	// outcomeHidden reports whether the last refusal leaves that open.
	outcomeHidden bool
}

// perform makes a call: it checks the request, waits for admission, and makes as many attempts as the class allows.
// decode reads the body of a successful answer; a body that it cannot read counts as a lost answer.
func (c *Client) perform(ctx context.Context, r request, decode func([]byte) error) error {
	p, err := c.conn.prepare(r)
	if err != nil {
		return err
	}
	if c.priority == PriorityInteractive {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	c.conn.quota.earn()
	k := &call{conn: c.conn, prepared: p, priority: c.priority}
	for {
		failed, err := k.attempt(ctx, decode)
		if failed == failNone {
			return nil
		}
		if failed.mayHaveApplied() {
			k.mayHaveApplied = true
		}
		if failed == failRefused {
			unseen := c.findMissing(ctx, p, err)
			if unseen != nil && unseen.Retryable() && !p.request.class.writes() {
				return unseen
			}
			k.outcomeHidden = p.request.goneIsUnknown && err.Kind() == KindNotFound || p.request.goneIsDone && unseen != nil
		}
		if k.mayHaveApplied && !k.outcomeHidden && p.isDone(err) {
			return nil
		}
		if !k.again(ctx, failed, err) {
			return k.verdict(ctx, failed, err)
		}
	}
}

// isDone reports whether a refusal proves that the removal took effect.
func (p *prepared) isDone(err *Error) bool {
	return p.request.goneIsDone && err.Kind() == KindNotFound && err.Status == http.StatusNotFound
}

// attempt makes one attempt if it is admitted.
func (k *call) attempt(ctx context.Context, decode func([]byte) error) (failure, *Error) {
	if err := k.admit(ctx); err != nil {
		err.Method, err.Path = k.prepared.request.method, k.prepared.shown
		return failRefused, err
	}
	k.attempts++
	start := time.Now()
	a, err := k.conn.exchange(ctx, k.prepared)
	k.conn.budget.complete(a, time.Now())
	if a.took > 0 && a.status != http.StatusTooManyRequests {
		k.conn.pace.learn(k.prepared.request.class, k.prepared.request.method, a.took)
	}
	if a.release != nil {
		defer a.release()
	}
	if err == nil && a.ok() {
		err = k.decode(a.body, decode)
	}
	failed := failureOf(a, err)
	if k.prepared.lacks(a) {
		failed = failRefused
	}
	if isUnreadable(err) { // Intercom works
		k.conn.breaker.record(ctx, failNone)
	} else {
		k.conn.breaker.record(ctx, failed)
	}
	k.sent = k.sent || a.sent
	recallOf(ctx, k.prepared.request.class).left(failed)
	problem := k.problem(a, failed, err)
	k.report(ctx, a, start, problem)
	return failed, problem
}

// admit passes the gates. Its error means that nothing was sent.
func (k *call) admit(ctx context.Context) *Error {
	if err := k.conn.latch.check(time.Now()); err != nil {
		return err
	}
	recall := recallOf(ctx, k.prepared.request.class)
	if err := k.conn.budget.acquire(ctx, k.priority, recall.done()); err != nil {
		recall.hold()
		return err
	}
	if recall.hold() {
		k.conn.budget.release()
		return calledBack()
	}
	if err := k.conn.breaker.admit(); err != nil {
		k.conn.budget.release()
		return err
	}
	return nil
}

var errEmpty = errors.New("the answer is empty")

// errPage is a success that is not Intercom's word.
var errPage = errors.New("a web page in place of JSON: something between here and Intercom answers, " +
	"or the host is wrong")

func (k *call) decode(body []byte, decode func([]byte) error) error {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0 && k.prepared.request.emptyOK:
		return nil
	case len(body) == 0:
		return errEmpty
	case isPage(body):
		return errPage
	}
	return decode(body)
}

// problem is the error of a failed attempt, nil after success.
func (k *call) problem(a *answer, failed failure, err error) *Error {
	if failed == failNone {
		return nil
	}
	if a.status != 0 && !a.ok() {
		e := k.prepared.refusal(a)
		if k.prepared.lacks(a) && e.Kind() != KindJobClosed && e.Kind() != KindCredential {
			e.kind = KindVersion
		}
		if e.Kind() == KindCredential {
			k.conn.latch.trip(e, time.Now())
		}
		return e
	}
	e := &Error{
		Status: a.status, Method: k.prepared.request.method, Path: k.prepared.shown, RequestID: a.requestID(), Err: err,
		kind: KindUnavailable,
	}
	switch failed {
	case failNotSent:
		e.Message, e.Lasting = k.conn.connectFailure(err)
	case failLost:
		e.Message = "no answer"
		if why, lasting := tlsFailure(err); lasting {
			e.Message, e.Lasting = e.Message+": "+why, true
		}
	default:
		e.Message = unreadableMessage(err)
	}
	e.Foreign = errors.Is(err, errPage)
	if errors.Is(err, errNoApp) {
		e.kind, e.Lasting = KindCredential, true
	}
	return e
}

// isUnreadable reports whether an answer was JSON, with a value in it that nothing can be done without: it will be the
// same the next time.
func isUnreadable(err error) bool {
	var odd *UnreadableError
	return errors.As(err, &odd)
}

// unreadableMessage says what is wrong with an answer, where that has nothing in it that somebody else wrote.
func unreadableMessage(err error) string {
	const message = "an answer that cannot be read"
	switch {
	case errors.Is(err, errEmpty), errors.Is(err, errBroken), errors.Is(err, errPage), errors.Is(err, errNoApp):
		return err.Error()
	case errors.Is(err, errTooLong):
		return errTooLong.Error()
	}
	var odd *UnreadableError
	if errors.As(err, &odd) {
		return message + ": " + odd.Value.String()
	}
	for _, known := range []error{errNoList, errNoID, errNotJSON, errAnother} {
		if errors.Is(err, known) {
			return message + ": " + known.Error()
		}
	}
	return message
}

// lacks reports whether an answer says, in whatever words, that the workspace has no such request.
func (p *prepared) lacks(a *answer) bool {
	return p.request.optional && noRequest(a.status)
}

// report passes an attempt to the observer.
func (k *call) report(ctx context.Context, a *answer, start time.Time, problem *Error) {
	if k.conn.observe == nil {
		return
	}
	x := Exchange{
		Method: k.prepared.request.method, Route: k.prepared.request.route, Path: k.prepared.shown,
		Version: string(k.prepared.request.version), Status: a.status,
		RequestID: a.requestID(), Attempt: k.attempts, Priority: k.priority, Duration: time.Since(start),
	}
	if problem != nil {
		x.Err = problem
	}
	k.conn.observe(ctx, x)
}

// again waits for the next attempt, and reports whether to make one.
func (k *call) again(ctx context.Context, failed failure, err *Error) bool {
	if failed == failRefused || err.Lasting || isUnreadable(err) ||
		k.attempts > retries[k.prepared.request.class][failed] ||
		ctx.Err() != nil {
		return false
	}
	wait := err.RetryAfter
	switch {
	case failed == failLimited:
		return pause(ctx, max(wait, limitedWait))
	case wait == 0:
		wait = backoff(k.attempts - 1)
	}
	return k.conn.quota.spend() && pause(ctx, wait)
}

// verdict is the error of the whole call, given all its attempts.
func (k *call) verdict(ctx context.Context, failed failure, err *Error) *Error {
	err.Sent = k.sent
	if cause := ctx.Err(); cause != nil && !errors.Is(err.Err, cause) {
		err.Err = errors.Join(cause, err.Err)
	}
	definite := failed == failRefused && !k.outcomeHidden && err.Status != 0 &&
		err.Status != http.StatusUnauthorized && err.Status != http.StatusForbidden
	if k.prepared.request.class.writes() && k.mayHaveApplied && !definite {
		err.kind = KindOutcomeUnknown
	}
	return err
}

package intercom

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestRefusedTokenIsNotTriedAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := newFake(t, Config{}, script(refuse(401, "token_revoked", "Token revoked"), ok(contactBody)))
		get := func() error { return result(c.WithPriority(PriorityBulk).Contacts.Get(background, "i1")) }
		first := asError(t, get())
		time.Sleep(latchTime - time.Second)
		second := asError(t, get())
		if first.Kind() != KindCredential || second.Kind() != KindCredential || second.Code != "token_revoked" {
			t.Errorf("got %v, then %v", first, second)
		}
		if second.Sent || second.RetryAfter != time.Second || len(f.sent()) != 1 {
			t.Errorf("sent %t, retry after %v, %d requests", second.Sent, second.RetryAfter, len(f.sent()))
		}
		time.Sleep(time.Second)
		if err := get(); err != nil {
			t.Errorf("after the latch: %v", err)
		}
	})
}

func TestMissingScopeLeavesTheTokenAlone(t *testing.T) {
	c, f := newFake(t, Config{}, script(refuse(401, "token_unauthorized", "Not authorized to access resource"),
		ok(contactBody)))
	if err := result(c.Contacts.Get(background, "i1")); KindOf(err) != KindScope {
		t.Errorf("got %v", err)
	}
	if err := result(c.Contacts.Get(background, "i1")); err != nil || len(f.sent()) != 2 {
		t.Errorf("got %v after %d requests", err, len(f.sent()))
	}
}

// A page that asks a person to sign in is not Intercom's word about the token.
func TestPageThatAsksToSignInLeavesTheTokenAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := reply{status: 401, body: "<html>Sign in to the proxy"}
		c, _ := newFake(t, Config{}, script(page, page, page, ok(contactBody)))
		bulk := c.WithPriority(PriorityBulk)
		e := asError(t, result(bulk.Contacts.Get(background, "i1")))
		if e.Kind() != KindUnavailable || !e.Foreign || !strings.Contains(e.Message, "401 from something between here") {
			t.Errorf("got %v of kind %s", e, e.Kind())
		}
		if err := result(bulk.Contacts.Get(background, "i1")); err != nil {
			t.Errorf("the next call: %v", err)
		}
	})
}

// A token without a workspace is the operator's to mend, and asking again does not help; it is no refusal, either.
func TestTokenOfNoWorkspace(t *testing.T) {
	c, f := newFake(t, Config{}, script(ok(`{"type":"admin","id":"1","app":null}`), ok(contactBody)))
	e := asError(t, result(c.Admins.Me(background)))
	if e.Kind() != KindCredential || !strings.HasPrefix(e.Message, "the access token belongs to no workspace") ||
		len(f.sent()) != 1 {
		t.Errorf("got %v of kind %s after %d requests", e, e.Kind(), len(f.sent()))
	}
	if err := result(c.Contacts.Get(background, "i1")); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

// What is no JSON is told in words, not in the decoder's.
func TestNoJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for body, want := range map[string]string{"<html>Sign in": "a web page in place of JSON", "upstream gone": "no JSON",
			`{"type":"admin",`: "no JSON"} {
			c, _ := newFake(t, Config{}, always(ok(body)))
			if e := asError(t, result(c.WithPriority(PriorityBulk).Admins.Me(background))); !strings.Contains(e.Error(), want) ||
				strings.Contains(e.Error(), "jsontext") {
				t.Errorf("%s: got %v", body, e)
			}
		}
	})
}

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		healthy := false
		c, f := newFake(t, Config{}, func(int, *http.Request) reply {
			if healthy {
				return ok(contactBody)
			}
			return refuse(503, "service_unavailable", "no")
		})
		create := func() error { return result(c.Contacts.Create(background, ContactWrite{})) }
		for range breakerAttempts {
			if e := asError(t, create()); !e.Sent {
				t.Fatalf("open too early: %v", e)
			}
		}
		e := asError(t, create())
		if e.Sent || e.Kind() != KindUnavailable || e.RetryAfter <= 0 {
			t.Errorf("not open: %v, retry after %v", e, e.RetryAfter)
		}
		if state := c.Budget(); state.Remaining != assumedLimit-breakerAttempts || c.conn.budget.inFlight != 0 {
			t.Errorf("a call that was not sent used the budget: %+v, %d flying", state, c.conn.budget.inFlight)
		}
		healthy = true
		if err := create(); err == nil {
			t.Error("closed without a probe")
		}
		time.Sleep(breakerDelay)
		for range 2 {
			if err := create(); err != nil {
				t.Errorf("not closed after %v: %v", breakerDelay, err)
			}
		}
		if got, want := len(f.sent()), breakerAttempts+2; got != want {
			t.Errorf("%d requests, want %d", got, want)
		}
	})
}

func TestBreakerMindsFailuresOnly(t *testing.T) {
	for _, re := range []reply{refuse(404, "not_found", "no"), refuse(422, "data_invalid", "no"),
		refuse(429, "too_many_requests", "no")} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, Config{}, always(re))
			var group sync.WaitGroup
			for range 2 * breakerAttempts {
				group.Go(func() {
					if e := asError(t, get(background, c)); e.Status != re.status {
						t.Errorf("%d: open: %v", re.status, e)
					}
				})
			}
			group.Wait()
		})
	}
}

// cancelled makes a call that its caller gives up while it is on its way.
func cancelled(c *Client) {
	ctx, cancel := context.WithCancel(background)
	defer time.AfterFunc(time.Millisecond, cancel).Stop()
	get(ctx, c)
}

func TestBreakerAndCallersThatGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := reply{status: 200, body: contactBody, after: time.Second}
		c, f := newFake(t, Config{}, func(n int, _ *http.Request) reply {
			if n > 2*breakerAttempts && n <= 3*breakerAttempts {
				return refuse(503, "service_unavailable", "no")
			}
			return slow
		})
		for range 2 * breakerAttempts {
			cancelled(c)
		}
		if err := get(background, c); asError(t, err).Status != 503 {
			t.Fatalf("callers that gave up opened the breaker: %v", err)
		}
		for c.conn.breaker.circuit.IsClosed() {
			c.Contacts.Create(background, ContactWrite{})
		}
		time.Sleep(breakerDelay)
		cancelled(c) // the probe
		sent := len(f.sent())
		if e := asError(t, get(background, c)); e.Sent || len(f.sent()) != sent {
			t.Errorf("a probe that was given up let the next call through: %v", e)
		}
		time.Sleep(breakerDelay)
		if err := get(background, c); err != nil && asError(t, err).Status == 0 {
			t.Errorf("no second probe: %v", err)
		}
	})
}

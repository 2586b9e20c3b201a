package intercom

import (
	"net/http"
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
	c, f := newFake(t, Config{}, script(refuse(401, "token_unauthorized", "Not authorized to access resource"), ok(contactBody)))
	if err := result(c.Contacts.Get(background, "i1")); KindOf(err) != KindScope {
		t.Errorf("got %v", err)
	}
	if err := result(c.Contacts.Get(background, "i1")); err != nil || len(f.sent()) != 2 {
		t.Errorf("got %v after %d requests", err, len(f.sent()))
	}
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
	synctest.Test(t, func(t *testing.T) {
		for _, re := range []reply{refuse(404, "not_found", "no"), refuse(422, "data_invalid", "no"), refuse(429, "too_many_requests", "no")} {
			c, _ := newFake(t, Config{}, always(re))
			for i := range 3 * breakerAttempts {
				if e := asError(t, result(c.WithPriority(PriorityBulk).Contacts.Get(background, "i1"))); !e.Sent {
					t.Fatalf("%d: open after %d: %v", re.status, i, e)
				}
			}
		}
	})
}

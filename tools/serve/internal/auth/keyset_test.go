package auth

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// TestIssuerKeys reads keys again for a key that is new, and no more than once in a while for those that never were.
func TestIssuerKeys(t *testing.T) {
	p := newProvider(t)
	i := p.issuer()
	now := time.Now()
	i.keys.now = func() time.Time { return now }
	if refused := refusalOf(t, i, p.token(nil)); refused != nil {
		t.Fatal(refused)
	}
	second := newKey(t, "second", jose.ES256)
	p.id.Publish(p.id.Key.Public(), second.Public())
	rotated := p.sign(second, "at+jwt", p.id.Claims(nil))
	var flood sync.WaitGroup
	for n := range 50 {
		flood.Go(func() {
			forged := p.id.Key
			forged.KeyID = fmt.Sprintf("made-up-%d", n)
			if refusalOf(t, i, p.sign(forged, "at+jwt", p.id.Claims(nil))) == nil {
				t.Error("a made-up key is taken")
			}
		})
	}
	flood.Wait()
	if got := p.id.Asked(); got != 1 {
		t.Errorf("the keys were asked for %d times within %v", got, refreshEvery)
	}
	now = now.Add(refreshEvery)
	if refused := refusalOf(t, i, rotated); refused != nil {
		t.Errorf("after a rotation: %v", refused)
	}
	p.id.Publish(second.Public())
	now = now.Add(refreshEvery)
	refusalOf(t, i, p.sign(newKey(t, "third", jose.RS256), "at+jwt", p.id.Claims(nil)))
	if refusalOf(t, i, p.token(nil)) == nil {
		t.Error("a key that was taken back is still good")
	}
}

// TestIssuerKeyReplaced takes a key that came in the place of another, by the same id or none, and no other.
func TestIssuerKeyReplaced(t *testing.T) {
	for _, id := range []string{"first", ""} {
		t.Run(id, func(t *testing.T) {
			p := newProvider(t)
			i := p.issuer()
			now := time.Now()
			i.keys.now = func() time.Time { return now }
			old, replaced := newKey(t, id, jose.ES256), newKey(t, id, jose.ES256)
			p.id.Publish(old.Public())
			before, after := p.sign(old, "at+jwt", p.id.Claims(nil)), p.sign(replaced, "at+jwt", p.id.Claims(nil))
			if refused := refusalOf(t, i, before); refused != nil {
				t.Fatal(refused)
			}
			p.id.Publish(replaced.Public())
			for range 3 {
				if refused := refusalOf(t, i, after); refused == nil || refused.Status != http.StatusUnauthorized {
					t.Errorf("within %v: %+v", refreshEvery, refused)
				}
			}
			if got := p.id.Asked(); got != 1 {
				t.Errorf("the keys were asked for %d times within %v", got, refreshEvery)
			}
			now = now.Add(refreshEvery)
			if refused := refusalOf(t, i, after); refused != nil {
				t.Errorf("after a rotation: %v", refused)
			}
			if refusalOf(t, i, before) == nil {
				t.Error("the key before is still good")
			}
		})
	}
}

// TestIssuerKeysAge reads keys in use again in time, and has none count that are older than an hour.
func TestIssuerKeysAge(t *testing.T) {
	p := newProvider(t)
	i := p.issuer()
	now := time.Now()
	i.keys.now = func() time.Time { return now }
	admit := func(status int) {
		t.Helper()
		if refused := refusalOf(t, i, p.token(nil)); (refused == nil) != (status == 0) ||
			refused != nil && refused.Status != status {
			t.Errorf("%+v", refused)
		}
	}
	asked := func(times int) {
		t.Helper()
		if got := p.id.Asked(); got != times {
			t.Errorf("the keys were asked for %d times, not %d", got, times)
		}
	}
	admit(0)
	now = now.Add(renewAfter)
	admit(0)
	admit(0)
	asked(2)
	p.id.Broken = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
	now = now.Add(keysCount - time.Second)
	admit(0)
	admit(0)
	asked(3)
	now = now.Add(time.Second)
	admit(http.StatusServiceUnavailable)
	p.id.Broken = nil
	now = now.Add(retryEvery)
	admit(0)
	now = now.Add(keysCount)
	second := newKey(t, "second", jose.ES256)
	p.id.Publish(second.Public())
	admit(http.StatusUnauthorized)
}

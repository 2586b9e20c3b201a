package console

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools/serve/internal/auth"
)

// TestAttemptsOfOthers keeps nobody from signing in by the attempts that another address makes, in vain.
func TestAttemptsOfOthers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		proxied       bool
		hacker, other [2]string // the connection's address, and X-Forwarded-For
		want          int
	}{
		"another address": {false, [2]string{"192.0.2.1:5"}, [2]string{"198.51.100.7:5"}, http.StatusForbidden},
		"another port":    {false, [2]string{"192.0.2.1:5"}, [2]string{"192.0.2.1:6"}, http.StatusTooManyRequests},
		"another address of one IPv6 network": {false, [2]string{"[2001:db8::1]:5"}, [2]string{"[2001:db8::2]:5"},
			http.StatusTooManyRequests},
		"another IPv6 network": {false, [2]string{"[2001:db8::1]:5"}, [2]string{"[2001:db8:0:1::1]:5"},
			http.StatusForbidden},
		"by a proxy": {true, [2]string{"10.0.0.1:5", "203.0.113.9, 192.0.2.1"}, [2]string{"10.0.0.1:5", "198.51.100.7"},
			http.StatusForbidden},
		"by a proxy, with a forged beginning": {true, [2]string{"10.0.0.1:5", "192.0.2.1"},
			[2]string{"10.0.0.1:5", "198.51.100.7, 192.0.2.1"}, http.StatusTooManyRequests},
		"with a forged header and no proxy": {false, [2]string{"192.0.2.1:5", "192.0.2.1"},
			[2]string{"192.0.2.1:5", "198.51.100.7"}, http.StatusTooManyRequests},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Now()
			w := newWorld(t, func(o *worldOptions) {
				o.BehindProxy, o.Now = test.proxied, func() time.Time { return now } // attempts may take longer than one is worth
			})
			for range attemptsAtOnce {
				w.attempt(test.hacker)
			}
			if got := w.attempt(test.hacker); got != http.StatusTooManyRequests {
				t.Errorf("one too many: %d", got)
			}
			if got := w.attempt(test.other); got != test.want {
				t.Errorf("the other: %d, want %d", got, test.want)
			}
		})
	}
}

// attempt begins a sign-in from an address and comes back with a wrong code.
func (w *world) attempt(from [2]string) int {
	w.Helper()
	send := func(path, cookie string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, w.site.URL+path, nil)
		r.RemoteAddr = from[0]
		r.Header.Set("X-Forwarded-For", from[1])
		r.Header.Set("Cookie", cookie)
		answer := httptest.NewRecorder()
		w.console.ServeHTTP(answer, r)
		return answer
	}
	begun := send("/console/sign-in/start", "")
	at, err := url.Parse(begun.Header().Get("Location"))
	if err != nil || len(begun.Result().Cookies()) != 1 {
		w.Fatal(begun, err)
	}
	kept := begun.Result().Cookies()[0]
	return send("/console/callback?"+url.Values{"state": at.Query()["state"], "code": {"wrong"}}.Encode(),
		kept.Name+"="+kept.Value).Code
}

// TestAttemptsAreBounded tells so many networks apart, forgets those that have all of their attempts again, and has the
// machine itself be one.
func TestAttemptsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAttempts(false, time.Now)
		allow := func(address netip.Addr) bool {
			return a.allow(&http.Request{RemoteAddr: netip.AddrPortFrom(address, 5).String()})
		}
		address := netip.MustParseAddr("192.0.2.1")
		first := address
		for range maxNetworks {
			allow(address)
			address = address.Next()
		}
		for range attemptsAtOnce {
			if !allow(address) {
				t.Fatal("those without room have no attempts")
			}
		}
		if allow(address.Next()) || len(a.each) != maxNetworks {
			t.Errorf("%d networks, and one more has a limit of its own", len(a.each))
		}
		if !allow(first) {
			t.Error("one that is known has lost its own")
		}
		time.Sleep(attemptsAtOnce * attemptEvery)
		if !allow(address) || len(a.each) != 1 {
			t.Errorf("%d networks are remembered", len(a.each))
		}
	})
	for name, want := range map[string]string{"127.0.0.1:1": "invalid Prefix", "127.0.0.2:1": "invalid Prefix",
		"[::1]:1": "invalid Prefix", "@": "invalid Prefix", "[::ffff:192.0.2.1]:1": "192.0.2.1/32",
		"[fe80::1%eth0]:1": "fe80::/64"} {
		if got := networkOf(auth.ClientAddress(&http.Request{RemoteAddr: name}, false)); got.String() != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

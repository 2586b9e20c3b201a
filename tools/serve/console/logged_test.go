package console

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRefusedFrom logs of what is refused whose request it was: the client by which sign-ins are limited, and the peer
// that the connection is of.
func TestRefusedFrom(t *testing.T) {
	t.Parallel()
	const proxy = "10.0.0.1:5"
	refused := map[string]func() *http.Request{
		"a sign-in to the console was refused": func() *http.Request {
			return httptest.NewRequest(http.MethodGet, "http://127.0.0.1/console/callback?state=x&code=y", nil)
		},
		"a wrong code for the console":      func() *http.Request { return codeForm("http://127.0.0.1") },
		"a form from elsewhere was refused": func() *http.Request { return codeForm("http://evil.example") },
	}
	for message, request := range refused {
		for name, test := range map[string]struct {
			proxied               bool
			peer, forwarded, want string
		}{
			"by a proxy":              {true, proxy, "192.0.2.9, 198.51.100.7", "198.51.100.7"},
			"by one that tells ports": {true, proxy, "198.51.100.7:4711", "198.51.100.7"},
			"by one, of IPv6":         {true, proxy, "[2001:db8::1]:4711", "2001:db8::1"},
			"by one that tells none":  {true, proxy, "unknown", "10.0.0.1"},
			"directly":                {false, "192.0.2.1:5", "198.51.100.7", "192.0.2.1"},
		} {
			var log strings.Builder
			w := newWorld(t, func(o *worldOptions) {
				o.BehindProxy, o.Log = test.proxied, slog.New(slog.NewJSONHandler(&log, nil))
				if message == "a wrong code for the console" {
					o.Codes = NewCodes(func(string) {})
				}
			})
			r := request()
			r.RemoteAddr = test.peer
			r.Header.Set("X-Forwarded-For", test.forwarded)
			w.console.ServeHTTP(httptest.NewRecorder(), r)
			var line struct{ Msg, Client, Peer string }
			if err := json.Unmarshal([]byte(log.String()), &line); err != nil || line.Msg != message ||
				line.Client != test.want || line.Peer != test.peer {
				t.Errorf("%s: %s; want client %s, %v", name, &log, test.want, err)
			}
		}
	}
}

// codeForm is the form of a wrong code, of a page of an origin.
func codeForm(origin string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/console/sign-in", strings.NewReader("code=wrong"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", origin)
	return r
}

package serve

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/policy"
)

// Where other machines reach the server, a token does not make up for a Host
// that is not the server's.
func TestPublicServersAnswerToTheirOwnHostAlone(t *testing.T) {
	auth, issued := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	token := issued[0]
	s := newSiteAt(t, HTTPOptions{
		Options: options(t, scripted{"list_tags": ticking(0)}), Auth: auth,
		AllowedHosts: []string{"MCP.example", "proxy.example:8443"}, BehindProxy: true,
	}, "0.0.0.0:0")
	as := func(host string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+token)
			r.Host = host
		}
	}
	for host, want := range map[string]int{
		strings.TrimPrefix(s.url, "http://"): 200, "127.0.0.1": 200, "mcp.example": 200, "mcp.example:443": 200,
		"proxy.example:8443": 200,
		"evil.example":       403, "proxy.example": 403, "localhost": 403, "[::1]": 403, "0.0.0.0": 403, "192.0.2.1": 403,
		"127.0.0.1.evil.example": 403,
	} {
		if status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), as(host)); status != want {
			t.Errorf("Host %s: %d %s, want %d", host, status, text, want)
		}
		if status, _, text := s.do("GET", "/metrics", http.Header{}, nil, as(host)); status != want {
			t.Errorf("/metrics of Host %s: %d %.100s, want %d", host, status, text, want)
		}
		for _, probe := range []string{"/healthz", "/readyz"} { // behind whatever address, without a token
			if status, _, text := s.do("GET", probe, http.Header{}, nil,
				func(r *http.Request) { r.Host = host }); status != 200 {
				t.Errorf("%s of Host %s: %d %s", probe, host, status, text)
			}
		}
	}
}

// What an operator lists is taken as what it can only mean, or refused where no client can ever match it.
func TestListedHostsAndOrigins(t *testing.T) {
	for entry, host := range map[string]string{
		"mcp.example": "mcp.example", " MCP.example ": "mcp.example", "mcp.example:443": "mcp.example",
		"mcp.example:80":   "mcp.example:80",
		"mcp.example:8443": "mcp.example:8443", "[::1]:8080": "[::1]:8080", "192.0.2.1": "192.0.2.1", "::1": "::1",
		"https://mcp.example": "", "mcp.example/mcp": "", "*": "", "*.example": "", "": "", "a b": "", "a@b": "",
		"mcp.example:": "", "mcp.example:x": "",
	} {
		hosts, err := allowedHosts([]string{entry})
		if (err == nil) != (host != "") || err == nil && !slices.Contains(hosts, host) {
			t.Errorf("host %q: %q, %v", entry, hosts, err)
		}
	}
	for entry, origin := range map[string]string{
		"https://app.example": "https://app.example", "HTTPS://App.Example": "https://app.example",
		" https://app.example:443": "https://app.example",
		"http://app.example:80":    "http://app.example", "https://app.example:80": "https://app.example:80",
		"http://localhost:3000": "http://localhost:3000",
		"app.example":           "", "https://app.example/": "", "https://*.example": "", "*": "", "": "", "https://": "",
	} {
		origins, err := allowedOrigins([]string{entry})
		if (err == nil) != (origin != "") || err == nil && !slices.Contains(origins, origin) {
			t.Errorf("origin %q: %q, %v", entry, origins, err)
		}
	}
}

// An address is the server's own if the connection came in at it.
func TestHostsOfTheLocalAddress(t *testing.T) {
	for _, test := range []struct {
		local, host string
		want        bool
	}{
		{"192.0.2.1", "192.0.2.1:8080", true},
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "127.0.0.1", false},
		{"::ffff:192.0.2.1", "192.0.2.1:8080", true},
		{"192.0.2.1", "[::ffff:192.0.2.1]:8080", true},
		{"2001:db8::1", "[2001:DB8:0::1]:8080", true},
		{"2001:db8::1", "[2001:db8::1]", true},
		{"2001:db8::1", "[2001:db8::2]", false},
		{"192.0.2.1", "3221225985", false},
		{"192.0.2.1", "", false},
		{"192.0.2.1", ":8080", false},
	} {
		r := (&http.Request{Host: test.host}).WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey,
			&net.TCPAddr{IP: net.ParseIP(test.local), Port: 8080}))
		if got := new(guard).hostAllowed(r); got != test.want {
			t.Errorf("Host %q at %s: %t", test.host, test.local, got)
		}
	}
	if new(guard).hostAllowed(&http.Request{Host: "192.0.2.1"}) {
		t.Error("an address is allowed where none is local")
	}
}

package serve

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/policy"
)

// bearers are what a server knows of a file of tokens with some lines, and the tokens.
func bearers(t *testing.T, lines ...TokenLine) (auth *Tokens, issued []string) {
	t.Helper()
	_, auth, issued = tokenFile(t, lines...)
	return auth, issued
}

// tokenFile is a file of tokens with some lines, what a server knows of it, and the tokens.
func tokenFile(t *testing.T, lines ...TokenLine) (file TokenFile, auth *Tokens, issued []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file = TokenFile(path)
	for _, line := range lines {
		token, err := file.New(line)
		if err != nil {
			t.Fatal(err)
		}
		issued = append(issued, token)
	}
	auth, err := LoadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	return file, auth, issued
}

// withdraw takes the tokens of a name off the file.
func withdraw(t *testing.T, file TokenFile, auth *Tokens, name string) {
	t.Helper()
	if _, err := file.Revoke(name, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.Reload(); err != nil {
		t.Fatal(err)
	}
}

// bearing sends a token.
func bearing(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// TestReach refuses to serve other machines without authentication, or without anything that secures the connections.
func TestReach(t *testing.T) {
	auth, _ := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	certificate := newCertificate(t, "mcp.example").load(t)
	for name, test := range map[string]struct {
		addr string
		o    HTTPOptions
		want string
	}{
		"no authentication":              {"0.0.0.0:0", HTTPOptions{}, "needs a file of tokens"},
		"no authentication, but TLS":     {"0.0.0.0:0", HTTPOptions{Certificate: certificate}, "needs a file of tokens"},
		"no authentication, but a proxy": {"0.0.0.0:0", HTTPOptions{BehindProxy: true}, "needs a file of tokens"},
		"a further host": {"127.0.0.1:0", HTTPOptions{AllowedHosts: []string{"mcp.example"}},
			"a further Host"},
		"a further host, behind a proxy": {"127.0.0.1:0", HTTPOptions{AllowedHosts: []string{"mcp.example"},
			BehindProxy: true}, "a further Host"},
		"tokens in the clear": {"0.0.0.0:0", HTTPOptions{Auth: auth}, "needs a certificate"},
		"a name of the machine's own": {"127.0.0.1:0", HTTPOptions{AllowedHosts: []string{"localhost", "127.0.0.1:80"}},
			""},
		"tokens, behind a proxy": {"0.0.0.0:0", HTTPOptions{Auth: auth, BehindProxy: true}, ""},
		"tokens and TLS":         {"0.0.0.0:0", HTTPOptions{Auth: auth, Certificate: certificate}, ""},
		"tokens and a host, on a machine": {"127.0.0.1:0", HTTPOptions{Auth: auth, AllowedHosts: []string{"mcp.example"}},
			""},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp4", test.addr)
			if err != nil {
				t.Fatal(err)
			}
			stopped, stop := context.WithCancel(t.Context())
			stop()
			test.o.Options = options(t, scripted{})
			if err := HTTP(stopped, test.o, l); test.want == "" && err != nil ||
				test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

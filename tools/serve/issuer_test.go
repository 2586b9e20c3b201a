package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth/authtest"
)

// noting answers calls after it has noted them.
func noting(note func(tools.Call)) func(context.Context, tools.Call) (tools.Result, error) {
	return func(_ context.Context, call tools.Call) (tools.Result, error) {
		note(call)
		return reply(`{}`)
	}
}

// signedIn is a server with an identity provider.
func signedIn(t *testing.T, tokens *Tokens, seen *tools.Call) (*site, *authtest.Provider) {
	t.Helper()
	note := func(c tools.Call) { *seen = c }
	return signedInto(t, tokens, options(t, scripted{"list_tags": noting(note), "tag_contacts": noting(note)}))
}

// signedInto is that server with other options.
func signedInto(t *testing.T, tokens *Tokens, o Options) (*site, *authtest.Provider) {
	t.Helper()
	id, err := authtest.New("https://mcp.example/mcp")
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(id.Handler())
	t.Cleanup(provider.Close)
	id.URL = provider.URL
	issuer, err := NewIssuer(IssuerConfig{URL: id.URL, Audience: id.Audience, PersonClaim: "sub", GroupsClaim: "groups"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	return newSite(t, HTTPOptions{Options: o, Auth: tokens, Issuer: issuer, PublicURL: "https://mcp.example/mcp",
		AllowedHosts: []string{"mcp.example"}}), id
}

// TestSignIn serves those who bring a token of the identity provider, tells those who bring none where to go, and takes
// the tokens of a file besides.
func TestSignIn(t *testing.T) {
	t.Parallel()
	tokens, issued := bearers(t, TokenLine{Name: "robot", Mode: policy.ModeRead})
	filed := issued[0]
	var seen tools.Call
	s, id := signedIn(t, tokens, &seen)
	call := func(token string) (int, http.Header, string) {
		return s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), func(r *http.Request) {
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
		})
	}
	issue := func(other map[string]any) string {
		token, err := id.Token(other)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	const where = `resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp", scope="contacts:read contacts:write"`
	if status, header, _ := call(""); status != 401 ||
		header.Get("WWW-Authenticate") != `Bearer realm="intercom-mcp", `+where {
		t.Errorf("without a token: %d %s", status, header.Get("WWW-Authenticate"))
	}
	if status, header, _ := call(issue(map[string]any{"exp": 1})); status != 401 ||
		!strings.Contains(header.Get("WWW-Authenticate"), `error="invalid_token", error_description="the token expired at`) ||
		!strings.HasSuffix(header.Get("WWW-Authenticate"), where) {
		t.Errorf("expired: %d %s", status, header.Get("WWW-Authenticate"))
	}
	if status, header, _ := call(issue(map[string]any{"scope": "openid"})); status != 403 ||
		!strings.Contains(header.Get("WWW-Authenticate"), `error="insufficient_scope"`) ||
		!strings.HasSuffix(header.Get("WWW-Authenticate"), where) {
		t.Errorf("no scope: %d %s", status, header.Get("WWW-Authenticate"))
	}
	if status, _, text := call(issue(nil)); status != 200 || seen.Principal != id.URL+"#u1" ||
		seen.Person != (policy.Person{ID: id.URL + "#u1", Name: "Ann Lee", Email: "ann@x.example"}) {
		t.Errorf("%d %+v %s", status, seen, text)
	}
	if status, _, _ := call(issue(map[string]any{"email_verified": false,
		"groups": []string{"Approver", "ops"}})); status !=
		200 || !seen.Person.Unverified || !slices.Equal(seen.Roles, []string{"ops"}) {
		t.Errorf("an e-mail that nobody vouches for, and a role of the console: %d %+v", status, seen)
	}
	if status, _, _ := call(filed); status != 200 || seen.Principal != "robot" {
		t.Errorf("a token of the file: %d %+v", status, seen)
	}
}

// TestResourceMetadata tells clients where to sign in, whoever asks.
func TestResourceMetadata(t *testing.T) {
	s, id := signedIn(t, nil, new(tools.Call))
	for _, path := range []string{"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"} {
		status, header, text := s.do("GET", path, http.Header{"Origin": {"https://claude.ai"}}, nil)
		var metadata struct {
			Resource string   `json:"resource"`
			Servers  []string `json:"authorization_servers"`
			Scopes   []string `json:"scopes_supported"`
		}
		if err := json.Unmarshal([]byte(text), &metadata); err != nil || status != 200 ||
			metadata.Resource != "https://mcp.example/mcp" || len(metadata.Servers) != 1 || metadata.Servers[0] != id.URL ||
			len(metadata.Scopes) != 2 || header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v %s", path, status, header, text)
		}
	}
	plain := newSite(t, HTTPOptions{Options: options(t, scripted{})})
	if status, _, _ := plain.do("GET", "/.well-known/oauth-protected-resource/mcp", http.Header{}, nil); status != 404 {
		t.Errorf("without an identity provider: %d", status)
	}
}

// TestPublicURL takes an address that clients can have, and no other.
func TestPublicURL(t *testing.T) {
	for address, want := range map[string]string{
		"https://mcp.example": "https://mcp.example", "https://mcp.example/": "https://mcp.example",
		"https://mcp.example/mcp": "https://mcp.example", "http://127.0.0.1:8080": "http://127.0.0.1:8080",
		"": "", "mcp.example": "", "http://mcp.example": "", "https://mcp.example/x": "", "https://a@mcp.example": "",
		"https://mcp.example?x": "",
	} {
		if got, err := publicBase(address); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
}

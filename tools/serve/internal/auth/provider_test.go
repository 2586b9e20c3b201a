package auth

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"intercom-mcp/tools/serve/internal/auth/authtest"
)

const audience = "https://mcp.example/mcp"

// provider is an identity provider of a test.
type provider struct {
	testing.TB
	id *authtest.Provider
}

func newProvider(t testing.TB) *provider {
	t.Helper()
	id, err := authtest.New(audience)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(id.Handler())
	t.Cleanup(server.Close)
	id.URL = server.URL
	return &provider{t, id}
}

func newKey(t testing.TB, id string, algorithm jose.SignatureAlgorithm) jose.JSONWebKey {
	t.Helper()
	key, err := authtest.NewKey(id, algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign signs claims.
func (p *provider) sign(key jose.JSONWebKey, typ string, claims map[string]any) string {
	p.Helper()
	token, err := authtest.Sign(key, typ, claims)
	if err != nil {
		p.Fatal(err)
	}
	return token
}

// token is a token that is in order, with some claims other.
func (p *provider) token(other map[string]any) string {
	p.Helper()
	return p.sign(p.id.Key, "at+jwt", p.id.Claims(other))
}

// issuer admits the provider's tokens.
func (p *provider) issuer() *Issuer {
	p.Helper()
	transport := &http.Transport{}
	p.Cleanup(transport.CloseIdleConnections)
	i, err := NewIssuer(IssuerConfig{URL: p.id.URL, Audience: audience, PersonClaim: "sub", GroupsClaim: "groups"},
		&http.Client{Transport: transport, Timeout: time.Minute})
	if err != nil {
		p.Fatal(err)
	}
	return i
}

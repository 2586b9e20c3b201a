package serve

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"intercom-mcp/policy"
	"intercom-mcp/tools/serve/internal/auth/authtest"
)

// attacker signs tokens that must not be taken.
type attacker struct {
	t  *testing.T
	id *authtest.Provider
}

func (a attacker) sign(key jose.JSONWebKey, typ string, other map[string]any) string {
	a.t.Helper()
	token, err := authtest.Sign(key, typ, a.id.Claims(other))
	if err != nil {
		a.t.Fatal(err)
	}
	return token
}

func (a attacker) key(id string, algorithm jose.SignatureAlgorithm) jose.JSONWebKey {
	a.t.Helper()
	key, err := authtest.NewKey(id, algorithm)
	if err != nil {
		a.t.Fatal(err)
	}
	return key
}

// publicAsSecret is the provider's public key as the secret of a symmetric algorithm.
func (a attacker) publicAsSecret() jose.JSONWebKey {
	a.t.Helper()
	public, err := x509.MarshalPKIXPublicKey(a.id.Key.Public().Key)
	if err != nil {
		a.t.Fatal(err)
	}
	return jose.JSONWebKey{Key: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), KeyID: a.id.Key.KeyID,
		Algorithm: "HS256"}
}

// TestBadTokens refuses each bad token over HTTP, with nothing called, and leaves a line in the log that says why and
// has nothing of the token.
func TestBadTokens(t *testing.T) {
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
	tokens, filed := bearers(t, TokenLine{Name: "robot", Mode: policy.ModeRead, Expires: time.Now().Add(-time.Hour)})
	a := attacker{t, id}
	good := func(other map[string]any) string { return a.sign(id.Key, "at+jwt", other) }
	parts := strings.Split(good(nil), ".")
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	symmetric := a.publicAsSecret()
	subject := fmt.Sprintf(`"principal":"%s#u1"`, id.URL)
	for name, test := range map[string]struct {
		token  string
		status int
		line   string // of the log
	}{
		"forged": {a.sign(a.key("first", jose.RS256), "at+jwt", nil), 401, "the token's signature is not right"},
		"an unknown key": {a.sign(a.key("other", jose.RS256), "at+jwt", nil), 401,
			"a key that the identity provider does not have"},
		"expired": {good(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), 401, "the token expired at"},
		"not yet valid": {good(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}), 401,
			"the token is not valid before"},
		"wrong issuer":      {good(map[string]any{"iss": "https://evil.example"}), 401, "the token is of another issuer"},
		"wrong audience":    {good(map[string]any{"aud": "https://other.example"}), 401, "the token is for another audience"},
		"no audience":       {good(map[string]any{"aud": nil}), 401, "the token is for another audience"},
		"none":              {unsigned, 401, `the token is signed by \"none\"`},
		"HS256":             {a.sign(symmetric, "at+jwt", nil), 401, `the token is signed by \"HS256\"`},
		"an ID token":       {good(map[string]any{"nonce": "n"}), 401, "it is an ID token"},
		"opaque":            {"ya29.a0AfB_byC", 401, "the token is opaque"},
		"16 KB":             {strings.Repeat("x", 16<<10), 401, "the token is longer than 12 KiB"},
		"no scope":          {good(map[string]any{"scope": "openid"}), 403, "the token has none of the scopes"},
		"unknown":           {"imcp_FORGED", 401, "the token is unknown or was withdrawn"},
		"an expired line":   {filed[0], 401, `the token has expired`},
		"a changed payload": {parts[0] + "." + parts[1][1:] + "." + parts[2], 401, `"reason":"invalid_token"`},
	} {
		t.Run(name, func(t *testing.T) {
			var reached atomic.Int64
			log := new(logBuffer)
			o := HTTPOptions{Options: options(t, counting{scripted{"list_tags": ticking(0)}, &reached}), Auth: tokens,
				Issuer: issuer, PublicURL: "https://mcp.example/mcp"}
			o.Options.Log = log.logger()
			s := newSite(t, o)
			status, header, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), bearing(test.token))
			if status != test.status || reached.Load() > 0 || header.Get("WWW-Authenticate") == "" {
				t.Errorf("%d %v %s", status, header, text)
			}
			if !strings.Contains(log.String(), test.line) || strings.Count(log.String(), "\n") != 1 {
				t.Errorf("no %s in\n%s", test.line, log)
			}
			if genuine := name == "expired" || name == "not yet valid" || name == "an ID token" || name == "no scope"; genuine !=
				strings.Contains(log.String(), subject) {
				t.Errorf("whose token it is: %s", log)
			}
			for _, piece := range append(strings.Split(test.token, "."), test.token) {
				if len(piece) > 10 && (strings.Contains(log.String(), piece) || strings.Contains(text, piece)) {
					t.Errorf("%q is repeated: %s\n%s", piece, text, log)
				}
			}
		})
	}
}

// TestKeysThatCannotBeRead answers 503 where a token's key cannot be looked up, and the log says why, once for many.
func TestKeysThatCannotBeRead(t *testing.T) {
	id, err := authtest.New("https://mcp.example/mcp")
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(id.Handler())
	id.URL = provider.URL
	id.Broken = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
	issuer, err := NewIssuer(IssuerConfig{URL: id.URL, Audience: id.Audience, PersonClaim: "sub", GroupsClaim: "groups"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	t.Cleanup(provider.Close)
	log := new(logBuffer)
	o := HTTPOptions{Options: options(t, scripted{}), Issuer: issuer, PublicURL: "https://mcp.example/mcp"}
	o.Options.Log = log.logger()
	s := newSite(t, o)
	token, err := id.Token(nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		status, header, _ := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), bearing(token))
		if status != 503 || header.Get("Retry-After") == "" {
			t.Errorf("%d %v", status, header)
		}
	}
	if !strings.Contains(log.String(), `"reason":"no_keys"`) || !strings.Contains(log.String(), "502 Bad Gateway") {
		t.Error(log)
	}
}

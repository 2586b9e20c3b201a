package auth

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"intercom-mcp/policy"
)

// refusalOf admits a token, and returns why not; nil where it is admitted.
func refusalOf(t *testing.T, i *Issuer, token string) *Refusal {
	t.Helper()
	_, err := i.Admit(t.Context(), token)
	if err == nil {
		return nil
	}
	var refused *Refusal
	if !errors.As(err, &refused) {
		t.Fatalf("%T %v", err, err)
	}
	return refused
}

// TestIssuerAdmits reads who a token is of.
func TestIssuerAdmits(t *testing.T) {
	p := newProvider(t)
	i := p.issuer()
	who, err := i.Admit(t.Context(), p.token(nil))
	if err != nil || who.Name != p.id.URL+"#u1" || who.Mode != policy.ModeWrite ||
		who.Person != (policy.Person{ID: p.id.URL + "#u1", Name: "Ann Lee", Email: "ann@x.example"}) ||
		!slices.Equal(who.Roles, []string{"ops"}) {
		t.Errorf("%+v %v", who, err)
	}
	for name, test := range map[string]struct {
		claims map[string]any
		mode   policy.Mode
		roles  []string
	}{
		"Entra's scopes": {map[string]any{"scope": nil, "scp": "contacts:read"}, policy.ModeRead, []string{"ops"}},
		"Okta's scopes": {map[string]any{"scope": nil, "scp": []string{"contacts:destroy", "x"}}, policy.ModeFull,
			[]string{"ops"}},
		"one group":            {map[string]any{"groups": "ops"}, policy.ModeWrite, []string{"ops"}},
		"the approver's group": {map[string]any{"groups": []string{"Approver", "approver"}}, policy.ModeWrite, nil},
		"no groups":            {map[string]any{"groups": nil}, policy.ModeWrite, nil},
		"a group with blanks":  {map[string]any{"groups": "not ops"}, policy.ModeWrite, []string{"not ops"}},
		"blanks around groups": {map[string]any{"groups": []string{" ops\t", "approver ", " ", ""}}, policy.ModeWrite,
			[]string{"ops"}},
		"as many groups as are read": {map[string]any{"groups": slices.Repeat([]string{"a"}, maxRoles)}, policy.ModeWrite,
			slices.Repeat([]string{"a"}, maxRoles)},
		"another claim left out": {map[string]any{"_claim_names": map[string]any{"wids": "src1"}, "_claim_sources": sources},
			policy.ModeWrite,
			[]string{"ops"}},
		"several audiences": {map[string]any{"aud": []string{"other", "https://mcp.example/mcp"}}, policy.ModeWrite,
			[]string{"ops"}},
		"just expired": {map[string]any{"exp": time.Now().Add(-leeway / 2).Unix()}, policy.ModeWrite,
			[]string{"ops"}},
		"valid in a moment": {map[string]any{"nbf": time.Now().Add(leeway / 2).Unix()}, policy.ModeWrite, []string{"ops"}},
		"times with fractions": {map[string]any{"exp": float64(time.Now().Unix()) + 100.5}, policy.ModeWrite,
			[]string{"ops"}},
	} {
		t.Run(name, func(t *testing.T) {
			who, err := i.Admit(t.Context(), p.token(test.claims))
			if err != nil || who.Mode != test.mode || !slices.Equal(who.Roles, test.roles) {
				t.Errorf("%+v %v", who, err)
			}
		})
	}
	for _, typ := range []string{"", "JWT", "application/at+jwt"} {
		if refused := refusalOf(t, i, p.sign(p.id.Key, typ, p.id.Claims(nil))); refused != nil {
			t.Errorf("type %q: %v", typ, refused)
		}
	}
	if got := p.id.Asked(); got != 1 {
		t.Errorf("the keys were asked for %d times", got)
	}
}

// TestIssuerRefuses refuses what is forged, of another place, or no access token, each by its name, and tells nothing
// that the token holds.
func TestIssuerRefuses(t *testing.T) {
	p := newProvider(t)
	i := p.issuer()
	other := newKey(t, "other", jose.RS256)
	impostor := newKey(t, "first", jose.RS256)
	public, err := x509.MarshalPKIXPublicKey(p.id.Key.Public().Key)
	if err != nil {
		t.Fatal(err)
	}
	secret := jose.JSONWebKey{Key: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), KeyID: "first",
		Algorithm: "HS256"}
	parts := strings.Split(p.token(nil), ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + parts[1] + "."
	for name, test := range map[string]struct {
		token  string
		status int
		want   string
	}{
		"expired":       {p.token(map[string]any{"exp": time.Now().Add(-2 * leeway).Unix()}), 401, "expired at"},
		"never expires": {p.token(map[string]any{"exp": nil}), 401, "never expires"},
		"not yet valid": {p.token(map[string]any{"nbf": time.Now().Add(2 * leeway).Unix()}), 401,
			"not valid before"},
		"another issuer":       {p.token(map[string]any{"iss": "https://evil.example"}), 401, "another issuer"},
		"issuer with a slash":  {p.token(map[string]any{"iss": p.id.URL + "/"}), 401, "another issuer"},
		"another audience":     {p.token(map[string]any{"aud": "https://other.example"}), 401, "another audience"},
		"no audience":          {p.token(map[string]any{"aud": nil}), 401, "another audience"},
		"no subject":           {p.token(map[string]any{"sub": nil}), 401, "no subject"},
		"a subject of control": {p.token(map[string]any{"sub": "a\nb"}), 401, "no subject"},
		"an ID token":          {p.token(map[string]any{"nonce": "n"}), 401, "ID token"},
		"Keycloak's ID token":  {p.token(map[string]any{"typ": "ID"}), 401, "ID token"},
		"a logout token":       {p.sign(p.id.Key, "logout+jwt", p.id.Claims(nil)), 401, "no access token"},
		"no scope":             {p.token(map[string]any{"scope": "openid"}), 403, "none of the scopes"},
		"an unknown key": {p.sign(other, "at+jwt", p.id.Claims(nil)), 401,
			"a key that the identity provider does not have"},
		"another's signature":      {p.sign(impostor, "at+jwt", p.id.Claims(nil)), 401, "signature is not right"},
		"no signature":             {none, 401, `signed by "none"`},
		"the public key as secret": {p.sign(secret, "at+jwt", p.id.Claims(nil)), 401, `signed by "HS256"`},
		"changed": {parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"root"}`)) + "." +
			parts[2], 401, "signature is not right"},
		"opaque":               {"ya29.a0AfB_byC", 401, "opaque"},
		"opaque, with no dots": {"secret-of-somebody", 401, "opaque"},
		"not base64":           {"a!.b.c", 401, "no JWT"},
		"huge":                 {strings.Repeat("x", 16<<10), 401, "longer than 12 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			refused := refusalOf(t, i, test.token)
			if refused == nil || refused.Status != test.status || !strings.Contains(refused.Text, test.want) {
				t.Fatalf("%+v", refused)
			}
			if len(test.token) < 100 && strings.Contains(refused.Text, test.token) {
				t.Errorf("the refusal holds the token: %s", refused.Text)
			}
		})
	}
}

// TestIssuerDown says that the provider cannot be asked, rather than that the token is wrong, and goes on once it can.
func TestIssuerDown(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"down":    func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true },
		"no keys": func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, `{"keys":[]}`); return true },
		"no JSON": func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, `<html>`); return true },
		"too long": func(w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprint(w, strings.Repeat(" ", maxKeys+1))
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			p.id.Broken = answer
			i := p.issuer()
			now := time.Now()
			i.keys.now = func() time.Time { return now }
			for range 3 {
				if refused := refusalOf(t, i, p.token(nil)); refused == nil || refused.Status != http.StatusServiceUnavailable {
					t.Fatalf("%+v", refused)
				}
			}
			if got := p.id.Asked(); got != 1 {
				t.Errorf("asked %d times within %v", got, retryEvery)
			}
			p.id.Broken = nil
			now = now.Add(retryEvery)
			if refused := refusalOf(t, i, p.token(nil)); refused != nil {
				t.Errorf("when it is back: %v", refused)
			}
		})
	}
}

// TestScopePrefix asks for scopes as the provider wants them, and takes them with the prefix and without.
func TestScopePrefix(t *testing.T) {
	p := newProvider(t)
	i := p.issuer()
	i.config.ScopePrefix = "api://app/"
	if got := i.Scopes(policy.ModeWrite); !slices.Equal(got,
		[]string{"api://app/contacts:read", "api://app/contacts:write"}) {
		t.Error(got)
	}
	for scope, mode := range map[string]policy.Mode{"api://app/contacts:destroy": policy.ModeFull,
		"contacts:write": policy.ModeWrite} {
		if who, err := i.Admit(t.Context(), p.token(map[string]any{"scope": scope})); err != nil || who.Mode != mode {
			t.Errorf("%s: %+v %v", scope, who, err)
		}
	}
	if refused := refusalOf(t, i, p.token(map[string]any{"scope": "api://other/contacts:read"})); refused == nil ||
		refused.Status != 403 {
		t.Errorf("%+v", refused)
	}
}

// TestIssuerConfig refuses what would admit anybody.
func TestIssuerConfig(t *testing.T) {
	for _, config := range []IssuerConfig{{}, {URL: "https://id.example"}, {URL: "http://id.example", Audience: "a"},
		{URL: "id.example", Audience: "a"}, {URL: "https://", Audience: "a"}} {
		if _, err := NewIssuer(config, nil); err == nil {
			t.Errorf("%+v is taken", config)
		}
	}
}

// BenchmarkIssuerAdmit measures what a token costs whose key is known.
func BenchmarkIssuerAdmit(b *testing.B) {
	p := newProvider(b)
	i, token := p.issuer(), p.token(nil)
	for b.Loop() {
		if _, err := i.Admit(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}

// TestIssuerSlow waits for keys no longer than for any answer, and admits meanwhile whoever has a key that is known.
func TestIssuerSlow(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	i := p.issuer()
	if refused := refusalOf(t, i, p.token(nil)); refused != nil {
		t.Fatal(refused)
	}
	patience := i.keys.client.Timeout
	i.keys.client.Timeout = 2 * time.Second // within which it has to be asked
	asked, now := make(chan struct{}, 1), time.Now().Add(refreshEvery)
	i.keys.now = func() time.Time { return now }
	p.id.Broken = func(_ http.ResponseWriter, r *http.Request) bool {
		asked <- struct{}{}
		<-r.Context().Done()
		return true
	}
	second := newKey(t, "second", jose.ES256)
	waiting := make(chan *Refusal, 1)
	go func() { waiting <- refusalOf(t, i, p.sign(second, "at+jwt", p.id.Claims(nil))) }()
	<-asked
	if refused := refusalOf(t, i, p.token(nil)); refused != nil {
		t.Errorf("a known key, while the provider does not answer: %v", refused)
	}
	if refused := <-waiting; refused == nil || refused.Status != http.StatusServiceUnavailable || refused.Cause == nil {
		t.Errorf("%+v", refused)
	}
	// The keys rotate while they cannot be read: the new one is taken once they can.
	if refused := refusalOf(t, i, p.sign(second, "at+jwt", p.id.Claims(nil))); refused == nil ||
		refused.Status != http.StatusServiceUnavailable {
		t.Errorf("within %v: %+v", retryEvery, refused)
	}
	i.keys.client.Timeout = patience
	p.id.Broken = nil
	p.id.Publish(p.id.Key.Public(), second.Public())
	now = now.Add(retryEvery)
	if refused := refusalOf(t, i, p.sign(second, "at+jwt", p.id.Claims(nil))); refused != nil {
		t.Errorf("when it answers again: %v", refused)
	}
}

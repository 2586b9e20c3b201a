package auth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/policy"
)

const callback = "https://mcp.example/console/callback"

// come signs somebody in, and returns the state and the code with which they come back.
func (p *provider) come(s *SignIn) (a Attempt, state, code string) {
	p.Helper()
	address, a, err := s.Begin(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(p.Context(), http.MethodGet, address, nil)
	if err != nil {
		p.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	back, err := url.Parse(response.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(back.String(), callback+"?") {
		p.Fatal(response.Status, back, err)
	}
	return a, back.Query().Get("state"), back.Query().Get("code")
}

func (p *provider) signIn(secret string) *SignIn {
	p.Helper()
	s, err := p.issuer().SignIn(SignInConfig{ClientID: "console", ClientSecret: secret, Callback: callback})
	if err != nil {
		p.Fatal(err)
	}
	return s
}

// TestSignIn finds who signed in, with the roles that count in the console alone.
func TestSignIn(t *testing.T) {
	p := newProvider(t)
	p.id.Secret = "shh"
	s := p.signIn("shh")
	a, state, code := p.come(s)
	who, err := s.Finish(t.Context(), a, state, code)
	if err != nil || who.Name != p.id.URL+"#u1" ||
		who.Person != (policy.Person{ID: p.id.URL + "#u1", Name: "Ann Lee", Email: "ann@x.example"}) ||
		!slices.Equal(who.Roles, []string{"ops", "approver"}) {
		t.Fatalf("%+v %v", who, err)
	}
	if _, err := s.Finish(t.Context(), a, state, code); err == nil || !strings.Contains(err.Error(), "does not accept") {
		t.Errorf("the same code twice: %v", err)
	}
}

// TestSignInRefuses refuses whoever comes back as another one went, and tokens for others.
func TestSignInRefuses(t *testing.T) {
	p := newProvider(t)
	s := p.signIn("")
	other, _, _ := p.come(s)
	for name, bend := range map[string]func(a *Attempt, state, code *string){
		"no attempt":        func(a *Attempt, state, _ *string) { *a, *state = Attempt{}, "" },
		"another state":     func(_ *Attempt, state, _ *string) { *state = other.State },
		"no state":          func(_ *Attempt, state, _ *string) { *state = "" },
		"another's attempt": func(a *Attempt, state, _ *string) { *a, *state = other, other.State },
		"another verifier":  func(a *Attempt, _, _ *string) { a.Verifier = other.Verifier },
		"another nonce":     func(a *Attempt, _, _ *string) { a.Nonce = other.Nonce },
		"no such code":      func(_ *Attempt, _, code *string) { *code = "x" },
	} {
		a, state, code := p.come(s)
		bend(&a, &state, &code)
		if who, err := s.Finish(t.Context(), a, state, code); err == nil {
			t.Errorf("%s: %+v", name, who)
		}
	}
	for name, claims := range map[string]map[string]any{
		"another nonce":       {"nonce": "x"},
		"no nonce":            {"nonce": nil},
		"an access token":     {"aud": audience},
		"another issuer":      {"iss": "https://evil.example"},
		"expired":             {"exp": 1},
		"no subject":          {"sub": nil},
		"groups left out":     {"groups": nil, "hasgroups": true},
		"groups as an object": {"groups": map[string]any{"a": 1}},
	} {
		p.id.IDClaims = claims
		a, state, code := p.come(s)
		if who, err := s.Finish(t.Context(), a, state, code); err == nil {
			t.Errorf("%s: %+v", name, who)
		}
	}
	p.id.IDClaims = nil
	if _, err := p.issuer().SignIn(SignInConfig{ClientID: "console"}); err == nil {
		t.Error("no address to come back to")
	}
}

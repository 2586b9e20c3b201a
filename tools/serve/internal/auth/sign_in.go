package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"intercom-mcp/policy"
)

// SignInConfig is what an operator says of the client as which the server has people sign in.
type SignInConfig struct {
	ClientID     string // as the identity provider knows the server
	ClientSecret string // "" for a public client, of which PKCE is the proof
	Callback     string // the address to which the identity provider sends people back
}

// SignIn has people sign in at an identity provider by the authorization code flow, with PKCE, a state and a nonce. It
// is safe for concurrent use.
//
// https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
type SignIn struct {
	issuer   *Issuer
	config   oauth2.Config
	verifier *oidc.IDTokenVerifier

	mu    sync.Mutex
	found bool // config has the endpoints
}

// SignIn returns the sign-in of people at the issuer. The identity provider is asked when the first of them comes.
func (i *Issuer) SignIn(c SignInConfig) (*SignIn, error) {
	if c.ClientID == "" || c.Callback == "" {
		return nil, errors.New("signing in needs the id of a client, and the address to come back to")
	}
	s := &SignIn{issuer: i, config: oauth2.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret,
		RedirectURL: c.Callback, Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}}
	s.verifier = oidc.NewVerifier(i.config.URL, i.keys, &oidc.Config{ClientID: c.ClientID,
		SupportedSigningAlgs: algorithms, Now: func() time.Time { return i.now().Add(-leeway) }})
	return s, nil
}

// URL is the identity provider's.
func (s *SignIn) URL() string { return s.issuer.URL() }

// Attempt is what a browser keeps while its person is at the identity provider. Nobody else may see or set it.
type Attempt struct{ State, Nonce, Verifier string }

// Began reports whether it is the attempt of a state that comes back.
func (a Attempt) Began(state string) bool {
	return a.State != "" && a.Nonce != "" && subtle.ConstantTimeCompare([]byte(state), []byte(a.State)) == 1
}

// Begin returns where a browser has to go, and what it has to keep.
func (s *SignIn) Begin(ctx context.Context) (address string, a Attempt, err error) {
	config, err := s.discover(ctx)
	if err != nil {
		return "", a, err
	}
	a = Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	return config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

// discover asks the identity provider for its endpoints, once.
func (s *SignIn) discover(ctx context.Context) (oauth2.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found {
		return s.config, nil
	}
	ctx, cancel := context.WithTimeout(ctx, issuerWait)
	defer cancel()
	provider, err := oidc.NewProvider(s.clientContext(ctx), s.issuer.config.URL)
	if err == nil {
		endpoint := provider.Endpoint()
		if err = errors.Join(checkURL(endpoint.AuthURL), checkURL(endpoint.TokenURL)); err == nil {
			s.config.Endpoint, s.found = endpoint, true
			return s.config, nil
		}
	}
	return s.config, &Refusal{Status: http.StatusServiceUnavailable,
		Text: "the identity provider cannot be reached; try again in a moment", Cause: err}
}

func (s *SignIn) clientContext(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, bounded(s.issuer.client))
}

// Finish finds who came back with a code and a state, for the attempt that their browser kept. The error is a
// [*Refusal].
func (s *SignIn) Finish(ctx context.Context, a Attempt, state, code string) (Principal, error) {
	if !a.Began(state) {
		return Principal{}, &Refusal{Status: http.StatusBadRequest,
			Text: "this sign-in was not begun in this browser, or too long ago; begin it again"}
	}
	config, err := s.discover(ctx)
	if err != nil {
		return Principal{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*issuerWait)
	defer cancel()
	token, err := config.Exchange(s.clientContext(ctx), code, oauth2.VerifierOption(a.Verifier))
	var answered *oauth2.RetrieveError
	switch {
	case errors.As(err, &answered) && answered.Response.StatusCode < http.StatusInternalServerError:
		return Principal{}, &Refusal{Status: http.StatusForbidden, Cause: err,
			Text: "the identity provider does not accept the sign-in; begin it again"}
	case err != nil:
		return Principal{}, &Refusal{Status: http.StatusServiceUnavailable, Cause: err,
			Text: "the identity provider cannot be reached; try again in a moment"}
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok || len(raw) > maxJWT {
		return Principal{}, &Refusal{Status: http.StatusForbidden,
			Text: "the identity provider does not say who signed in: it sent no ID token, or one that is too long"}
	}
	return s.verify(ctx, a, raw, token.AccessToken)
}

// verify finds whom an ID token names.
func (s *SignIn) verify(ctx context.Context, a Attempt, raw, access string) (Principal, error) {
	var noKeys error
	token, err := s.verifier.Verify(context.WithValue(ctx, noKeysKey{}, &noKeys), raw)
	if err == nil && token.AccessTokenHash != "" {
		err = token.VerifyAccessToken(access)
	}
	switch {
	case noKeys != nil:
		return Principal{}, &Refusal{Status: http.StatusServiceUnavailable, Cause: noKeys,
			Text: "the identity provider cannot be reached; try again in a moment"}
	case err != nil:
		return Principal{}, forbidden("the ID token is not right: %s", plainly(err))
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) != 1:
		return Principal{}, forbidden("the ID token is of another sign-in")
	}
	var c claims
	all := make(map[string]json.RawMessage)
	if err := errors.Join(token.Claims(&c), token.Claims(&all)); err != nil || !subject(c.Subject) {
		return Principal{}, forbidden("the ID token cannot be read")
	}
	id, refused := personID(all, s.issuer.config.PersonClaim)
	if refused != nil {
		return Principal{}, forbidden("%s", refused.Text)
	}
	own, refused := roles(all, s.issuer.config.GroupsClaim)
	if refused != nil {
		return Principal{}, forbidden("%s", refused.Text)
	}
	return Principal{Name: s.issuer.config.URL + "#" + c.Subject, Mode: policy.ModeRead, Roles: own,
		Person: c.person(s.issuer.config.URL, id)}, nil
}

func forbidden(format string, args ...any) *Refusal {
	return &Refusal{Status: http.StatusForbidden, Text: fmt.Sprintf(format, args...)}
}

package auth

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"intercom-mcp/policy"
)

// The scopes, each of which bounds the mode.
const (
	ScopeRead    = "contacts:read"
	ScopeWrite   = "contacts:write"
	ScopeDestroy = "contacts:destroy"
)

// Scopes are what clients ask for to make use of a mode, all at once: they do not ask for more later.
func (i *Issuer) Scopes(mode policy.Mode) []string {
	scopes := Scopes(mode)
	for at, scope := range scopes {
		scopes[at] = i.config.ScopePrefix + scope
	}
	return scopes
}

// Scopes are those that a mode can make use of.
func Scopes(mode policy.Mode) []string {
	scopes := []string{ScopeRead}
	if mode.Allows(policy.Write) {
		scopes = append(scopes, ScopeWrite)
	}
	if mode.Allows(policy.Destroy) {
		scopes = append(scopes, ScopeDestroy)
	}
	return scopes
}

// IssuerConfig is what an operator says of an identity provider.
type IssuerConfig struct {
	URL      string // exactly as its tokens have it in iss
	Audience string // exactly as its tokens have it in aud
	// PersonClaim is the claim that is the same for a person in every client of the provider: "sub", or "oid" for Entra.
	PersonClaim string
	// GroupsClaim is the claim whose values are roles. A token whose roles are not all known is refused.
	GroupsClaim string
	// ScopePrefix is what stands before the names of scopes when clients ask for them, and may in tokens.
	ScopePrefix string
}

const (
	maxJWT      = 12 << 10 // bytes
	leeway      = time.Minute
	issuerWait  = 5 * time.Second // for an answer of the identity provider
	maxSubject  = 255
	maxRoles    = 200
	maxRoleText = 128
)

// algorithms are those that a token may be signed by: asymmetric ones alone.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256,
	oidc.ES384,
	oidc.ES512, oidc.EdDSA}

// Issuer admits the bearers of an identity provider's access tokens. It is safe for concurrent use.
//
// https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization
type Issuer struct {
	config   IssuerConfig
	client   *http.Client
	keys     *keySet
	verifier *oidc.IDTokenVerifier
	now      func() time.Time
}

// NewIssuer returns an issuer that asks the provider when the first token comes, so that a server starts without it.
// client may be nil.
func NewIssuer(config IssuerConfig, client *http.Client) (*Issuer, error) {
	if err := checkIssuer(config); err != nil {
		return nil, err
	}
	if client == nil {
		client = &http.Client{Timeout: issuerWait}
	}
	var known []jose.SignatureAlgorithm
	for _, name := range algorithms {
		known = append(known, jose.SignatureAlgorithm(name))
	}
	keys := newKeySet(client, known, func(ctx context.Context) (string, error) {
		provider, err := oidc.NewProvider(oidc.ClientContext(ctx, bounded(client)), config.URL)
		if err != nil {
			return "", err
		}
		var claims struct {
			JWKS string `json:"jwks_uri"`
		}
		if err := provider.Claims(&claims); err != nil {
			return "", err
		}
		return claims.JWKS, checkURL(claims.JWKS)
	})
	i := &Issuer{config: config, client: client, keys: keys, now: time.Now}
	i.verifier = oidc.NewVerifier(config.URL, keys, &oidc.Config{
		ClientID: config.Audience, SupportedSigningAlgs: algorithms, SkipExpiryCheck: true,
	})
	return i, nil
}

// URL is the identity provider's, as its tokens have it.
func (i *Issuer) URL() string { return i.config.URL }

// checkIssuer refuses what an identity provider cannot be.
func checkIssuer(config IssuerConfig) error {
	if err := checkURL(config.URL); err != nil {
		return fmt.Errorf("the issuer: %w", err)
	}
	if config.Audience == "" {
		return errors.New("an issuer needs an audience: without, a token for any other service would do")
	}
	return nil
}

// checkURL refuses an address whose answers somebody on the way could change.
func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && LoopbackHost(u.Host)) {
		return fmt.Errorf("%q is no https address", address)
	}
	return nil
}

// Refusal says why a bearer is not admitted.
type Refusal struct {
	Status int    // of HTTP
	Code   string // of RFC 6750; "" for none
	Text   string
	// Principal is who brings a token that is genuine, for the log; "" where it is not known to be.
	Principal string
	// Cause is why the identity provider cannot be asked, for the log; nil for any other refusal.
	Cause error
}

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

func invalidToken(format string, args ...any) *Refusal {
	return &Refusal{Status: http.StatusUnauthorized, Code: "invalid_token", Text: fmt.Sprintf(format, args...)}
}

// claims are what is read of a token.
type claims struct {
	Subject       string    `json:"sub"`
	Expires       *unixTime `json:"exp"`
	NotBefore     *unixTime `json:"nbf"`
	Scope         words     `json:"scope"`
	SCP           words     `json:"scp"` // Entra's and Okta's
	Name          string    `json:"name"`
	Preferred     string    `json:"preferred_username"`
	Email         string    `json:"email"`
	EmailVerified any       `json:"email_verified"`
	Nonce         string    `json:"nonce"`
	AtHash        string    `json:"at_hash"`
	Type          string    `json:"typ"` // Keycloak's
}

// person is who the token is of, by the claim of an issuer's by which it compares people.
func (c *claims) person(issuer, id string) policy.Person {
	return policy.Person{ID: issuer + "#" + id, Name: clip(cmp.Or(c.Name, c.Preferred)), Email: clip(c.Email),
		Unverified: c.Email != "" && !truth(c.EmailVerified)}
}

// Admit finds the principal of an access token. The error is a [*Refusal].
func (i *Issuer) Admit(ctx context.Context, raw string) (Principal, error) {
	if err := checkForm(raw); err != nil {
		return Principal{}, err
	}
	var noKeys error // which the library words, and does not wrap
	token, err := i.verifier.Verify(context.WithValue(ctx, noKeysKey{}, &noKeys), raw)
	switch {
	case noKeys != nil, err != nil && ctx.Err() != nil:
		return Principal{}, &Refusal{Status: http.StatusServiceUnavailable,
			Text: errNoKeys.Error() + "; try again in a moment", Cause: noKeys}
	case err != nil:
		return Principal{}, invalidToken("%s", plainly(err))
	}
	var c claims
	all := make(map[string]json.RawMessage)
	if err := errors.Join(token.Claims(&c), token.Claims(&all)); err != nil {
		return Principal{}, invalidToken("its claims cannot be read")
	}
	who, refused := i.principal(&c, all)
	if refused != nil {
		if subject(c.Subject) {
			refused.Principal = i.config.URL + "#" + c.Subject
		}
		return Principal{}, refused
	}
	return who, nil
}

// principal is who the claims of a genuine token name.
func (i *Issuer) principal(c *claims, all map[string]json.RawMessage) (Principal, *Refusal) {
	if refused := i.checkClaims(c); refused != nil {
		return Principal{}, refused
	}
	mode, granted := modeOf(append(c.Scope, c.SCP...), i.config.ScopePrefix)
	if !granted {
		return Principal{}, &Refusal{Status: http.StatusForbidden, Code: "insufficient_scope",
			Text: "the token has none of the scopes " + strings.Join(Scopes(policy.ModeFull), ", ")}
	}
	id, refused := personID(all, i.config.PersonClaim)
	if refused != nil {
		return Principal{}, refused
	}
	roles, refused := roles(all, i.config.GroupsClaim)
	if refused != nil {
		return Principal{}, refused
	}
	return Principal{
		Name: i.config.URL + "#" + c.Subject, Mode: mode, expires: c.Expires.Time().Add(leeway),
		Person: c.person(i.config.URL, id),
		Roles:  slices.DeleteFunc(roles, policy.IsApprover),
	}, nil
}

// checkForm refuses what is no signed JWT, or one of another kind, before anything is verified.
func checkForm(raw string) error {
	if len(raw) > maxJWT {
		return invalidToken("the token is longer than %d KiB", maxJWT>>10)
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return invalidToken("the token is opaque, and the server reads JWTs alone: have the identity provider issue JWTs " +
			"for this audience, or put one in front that does (as for Google)")
	}
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	var head struct{ Alg, Typ string }
	if err != nil || json.Unmarshal(header, &head) != nil {
		return invalidToken("the token is no JWT")
	}
	if !slices.Contains(algorithms, head.Alg) {
		return invalidToken("the token is signed by %.20q, which is not taken", head.Alg)
	}
	switch strings.TrimPrefix(strings.ToLower(head.Typ), "application/") {
	case "", "jwt", "at+jwt":
		return nil
	}
	return invalidToken("the token is a %.30q and no access token", head.Typ)
}

// checkClaims holds the claims that the library leaves to us.
func (i *Issuer) checkClaims(c *claims) *Refusal {
	now := i.now()
	switch {
	case c.Nonce != "", c.AtHash != "", strings.EqualFold(c.Type, "ID"):
		return invalidToken("it is an ID token; send the access token")
	case c.Expires == nil:
		return invalidToken("the token never expires")
	case now.After(c.Expires.Time().Add(leeway)):
		return invalidToken("the token expired at %s", c.Expires.Time().UTC().Format(time.RFC3339))
	case c.NotBefore != nil && now.Add(leeway).Before(c.NotBefore.Time()):
		return invalidToken("the token is not valid before %s", c.NotBefore.Time().UTC().Format(time.RFC3339))
	case !subject(c.Subject):
		return invalidToken("the token names no subject")
	}
	return nil
}

// plainly words an error of the library without what the token holds.
func plainly(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "issued by a different provider"):
		return "the token is of another issuer"
	case strings.Contains(text, "expected audience"):
		return "the token is for another audience"
	case strings.Contains(text, "is none of the identity provider's"):
		return "the token is signed by a key that the identity provider does not have"
	case strings.Contains(text, "verify signature"):
		return "the token's signature is not right"
	}
	return "the token is not a valid one"
}

// ModeOfScopes is the widest mode that scopes allow, and whether they allow any.
func ModeOfScopes(scopes []string) (mode policy.Mode, granted bool) { return modeOf(scopes, "") }

// modeOf is the widest mode that scopes allow.
func modeOf(scopes []string, prefix string) (mode policy.Mode, granted bool) {
	has := func(scope string) bool {
		return slices.Contains(scopes, scope) || slices.Contains(scopes, prefix+scope)
	}
	switch {
	case has(ScopeDestroy):
		return policy.ModeFull, true
	case has(ScopeWrite):
		return policy.ModeWrite, true
	}
	return policy.ModeRead, has(ScopeRead)
}

// personID reads the claim by which people are compared.
func personID(all map[string]json.RawMessage, claim string) (string, *Refusal) {
	var id string
	if err := json.Unmarshal(all[claim], &id); err != nil || !subject(id) {
		return "", invalidToken("the token lacks the claim %q, by which people are told apart (--person-claim)", claim)
	}
	return id, nil
}

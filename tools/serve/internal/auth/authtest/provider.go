// Package authtest is an identity provider for tests: discovery, keys that can be rotated, tokens of any claims, and
// for clients the authorization code flow with PKCE and dynamic registration, in which everybody agrees at once.
//
// What may live here: what tests need of an identity provider. Nothing here is for a program that serves people.
package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Provider is an identity provider. It is safe for concurrent use, once its fields are set.
type Provider struct {
	URL      string          // of the provider, where its handler is served
	Audience string          // of its tokens, where a client names no resource
	Key      jose.JSONWebKey // that signs
	// Broken answers in the place of the keys, and reports whether it did; nil: never.
	Broken func(w http.ResponseWriter, r *http.Request) bool
	// Scope is what is granted, whatever a client asks for; "": what it asks for.
	Scope string
	// People are the claims of those who can sign in, by what the page calls them, where somebody signs in with a
	// browser: "scope=openid" is asked for. Nil: there is no page, and everybody agrees at once.
	People map[string]map[string]any
	// IDClaims are claims that are other in every ID token; a nil one is left out.
	IDClaims map[string]any
	// Secret is what clients send with a code; "": they need none.
	Secret string

	keys  atomic.Pointer[[]any]
	asked atomic.Int64

	mu    sync.Mutex
	codes map[string]url.Values // that were given, with the requests they are for
}

// firstKey is the key that all providers of a process begin with, since making one of RSA takes long.
var firstKey = sync.OnceValues(func() (jose.JSONWebKey, error) { return NewKey("first", jose.RS256) })

// New returns a provider that signs by RSA, with the key that each other one has at first.
func New(audience string) (*Provider, error) {
	key, err := firstKey()
	if err != nil {
		return nil, err
	}
	p := &Provider{Audience: audience, Key: key, codes: make(map[string]url.Values)}
	p.Publish(key.Public())
	return p, nil
}

// rsaBits is the length of keys of RSA: no shorter ones are taken, and longer ones take long to make.
const rsaBits = 1024

// NewKey makes a key for RS256 or ES256, for tests alone: it is too short to be safe.
func NewKey(id string, algorithm jose.SignatureAlgorithm) (jose.JSONWebKey, error) {
	var key crypto.Signer
	var err error
	if algorithm == jose.ES256 {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, rsaBits)
	}
	return jose.JSONWebKey{Key: key, KeyID: id, Algorithm: string(algorithm), Use: "sig"}, err
}

// Publish has the provider show keys.
func (p *Provider) Publish(keys ...any) { p.keys.Store(&keys) }

// Asked is how often somebody asked for the keys.
func (p *Provider) Asked() int { return int(p.asked.Load()) }

// Claims are those of a token that is in order, with some of them other, and without those that are nil.
func (p *Provider) Claims(other map[string]any) map[string]any {
	claims := map[string]any{
		"iss": p.URL, "aud": p.Audience, "sub": "u1", "exp": time.Now().Add(time.Hour).Unix(),
		"scope": "openid contacts:read contacts:write", "name": "Ann Lee", "email": "ann@x.example", "email_verified": true,
		"groups": []string{"ops", "approver"},
	}
	maps.Copy(claims, other)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// Sign signs claims as a token of a type; "" leaves the type out.
func Sign(key jose.JSONWebKey, typ string, claims map[string]any) (string, error) {
	options := &jose.SignerOptions{}
	if typ != "" {
		options = options.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, options)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(body)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// Token is a token that is in order, with some claims other.
func (p *Provider) Token(other map[string]any) (string, error) {
	return Sign(p.Key, "at+jwt", p.Claims(other))
}

// Handler serves the provider.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, map[string]any{
			"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/authorize",
			"token_endpoint": p.URL + "/token", "registration_endpoint": p.URL + "/register",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
			"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"},
			"grant_types_supported":                 []string{"authorization_code"},
			"token_endpoint_auth_methods_supported": []string{"none", "client_secret_basic", "client_secret_post"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if p.Broken == nil || !p.Broken(w, r) {
			write(w, http.StatusOK, map[string]any{"keys": *p.keys.Load()})
		}
	})
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, r *http.Request) {
		var client map[string]any
		if err := json.NewDecoder(r.Body).Decode(&client); err != nil {
			refuse(w, "invalid_client_metadata", err)
			return
		}
		client["client_id"] = "client-" + rand.Text()
		write(w, http.StatusCreated, client)
	})
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	return mux
}

// authorize gives a code to whoever asks, bound to what they asked for. Where there are people, a page asks who it is.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	back, err := url.Parse(asked.Get("redirect_uri"))
	if err != nil || asked.Get("code_challenge") == "" || asked.Get("code_challenge_method") != "S256" {
		refuse(w, "invalid_request", errors.New("a redirect and a challenge by S256 are needed"))
		return
	}
	if isOpenID(asked) && p.People != nil && p.People[asked.Get("person")] == nil {
		p.choose(w, asked)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = asked
	p.mu.Unlock()
	answer := back.Query()
	answer.Set("code", code)
	answer.Set("state", asked.Get("state"))
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// isOpenID reports whether a client asks who somebody is.
func isOpenID(asked url.Values) bool {
	return slices.Contains(strings.Fields(asked.Get("scope")), "openid")
}

// choose asks in a browser who signs in.
func (p *Provider) choose(w http.ResponseWriter, asked url.Values) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintln(w, "<!doctype html><title>Sign in</title><h1>Who are you?</h1>")
	for _, name := range slices.Sorted(maps.Keys(p.People)) {
		asked.Set("person", name)
		fmt.Fprintf(w, "<p><a href=\"/authorize?%s\">%s</a>\n", html.EscapeString(asked.Encode()), html.EscapeString(name))
	}
}

// token changes a code into a token, once, for who can answer the challenge, and into an ID token where it was asked
// for.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	asked, known := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") ||
		r.FormValue("redirect_uri") != asked.Get("redirect_uri") {
		refuse(w, "invalid_grant", errors.New("the code is not good"))
		return
	}
	_, secret, _ := r.BasicAuth()
	if p.Secret != "" && secret != p.Secret && r.FormValue("client_secret") != p.Secret {
		write(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	other := maps.Clone(p.People[asked.Get("person")])
	if other == nil {
		other = make(map[string]any)
	}
	answer, err := p.tokens(asked, other)
	if err != nil {
		refuse(w, "server_error", err)
		return
	}
	write(w, http.StatusOK, answer)
}

// tokens are those of somebody with some claims other.
func (p *Provider) tokens(asked url.Values, other map[string]any) (map[string]any, error) {
	answer := map[string]any{"token_type": "Bearer", "expires_in": 3600}
	if isOpenID(asked) {
		of := maps.Clone(other)
		of["aud"], of["nonce"], of["scope"] = asked.Get("client_id"), asked.Get("nonce"), nil
		maps.Copy(of, p.IDClaims)
		id, err := Sign(p.Key, "JWT", p.Claims(of))
		if err != nil {
			return nil, err
		}
		answer["id_token"] = id
	}
	other["scope"] = asked.Get("scope")
	if p.Scope != "" {
		other["scope"] = p.Scope
	}
	if resource := asked.Get("resource"); resource != "" {
		other["aud"] = resource
	}
	token, err := p.Token(other)
	if err != nil {
		return nil, err
	}
	answer["access_token"], answer["scope"] = token, fmt.Sprint(other["scope"])
	return answer, nil
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone if it fails
}

func refuse(w http.ResponseWriter, code string, err error) {
	write(w, http.StatusBadRequest, map[string]string{"error": code, "error_description": err.Error()})
}

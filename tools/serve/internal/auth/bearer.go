package auth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Bearer admits those who send a bearer token, from either of two sources. One of them may be nil.
type Bearer struct {
	Tokens *Tokens // a file
	Issuer *Issuer // an identity provider
	// Challenge is what a client needs to sign in at the identity provider, as parameters of a challenge: where the
	// metadata of the resource are, and all scopes that it may want.
	Challenge string
}

// Admit finds the principal of the request's bearer token, or answers with the challenge of RFC 6750.
func (b *Bearer) Admit(w http.ResponseWriter, r *http.Request) (Principal, error) {
	who, err := b.find(r)
	var refused *Refusal
	if err == nil || !errors.As(err, &refused) {
		return who, err
	}
	if refused.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", fmt.Sprint(int(retryEvery.Seconds())))
	} else {
		w.Header().Set("WWW-Authenticate", refused.Challenge(b.Challenge))
	}
	http.Error(w, refused.Text, refused.Status)
	return Principal{}, err
}

// find finds the principal. A token of the file is told by its beginning, where both sources are on.
func (b *Bearer) find(r *http.Request) (Principal, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return Principal{}, &Refusal{Status: http.StatusUnauthorized, Text: "a bearer token is needed"}
	}
	if b.Issuer != nil && (b.Tokens == nil || !strings.HasPrefix(token, tokenPrefix)) {
		return b.Issuer.Admit(r.Context(), token)
	}
	who, ok := b.Tokens.Find(token)
	switch {
	case ok:
		return who, nil
	case who.Name != "":
		refused := invalidToken("the token has expired")
		refused.Principal = who.Name
		return Principal{}, refused
	}
	return Principal{}, invalidToken("the token is unknown or was withdrawn")
}

// Challenge is the value of WWW-Authenticate, with further parameters.
// https://www.rfc-editor.org/rfc/rfc6750#section-3
func (r *Refusal) Challenge(further string) string {
	challenge := `Bearer realm="intercom-mcp"`
	if r.Code != "" {
		challenge += fmt.Sprintf(`, error=%q, error_description="%s"`, r.Code, quotable(r.Text))
	}
	if further != "" {
		challenge += ", " + further
	}
	return challenge
}

// quotable is a text as a quoted string of a header takes it.
func quotable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || r < ' ' || r > '~' {
			return '\''
		}
		return r
	}, text)
}

package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// The scopes that operations ask for. See
// https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/oauth-scopes
const (
	scopeNone       = ""
	scopeReadUsers  = "read_users_companies"
	scopeWriteUsers = "write_users_companies"
	scopeReadTags   = "read_tags"
	scopeWriteTags  = "write_tags"
	scopeReadAdmins = "read_admins"
)

// authenticate finds the token that a request carries.
func (o *Options) authenticate(h http.Header) (Token, *apiError) {
	given := h.Get("Authorization")
	if given == "" {
		return Token{}, fail(http.StatusUnauthorized, "missing_authorization", "The Authorization header is missing")
	}
	scheme, value, _ := strings.Cut(given, " ")
	value = strings.TrimSpace(value)
	invalid := fail(http.StatusUnauthorized, "unauthorized", "Access Token Invalid")
	if !strings.EqualFold(scheme, "Bearer") || value == "" {
		return Token{}, invalid
	}
	if o.Tokens == nil {
		return Token{Value: value}, nil
	}
	i := slices.IndexFunc(o.Tokens, func(t Token) bool { return t.Value == value })
	switch {
	case i < 0:
		return Token{}, invalid
	case o.Tokens[i].Revoked:
		return Token{}, fail(http.StatusUnauthorized, "token_revoked", "Access Token Revoked")
	case o.Tokens[i].Region != "" && !strings.EqualFold(o.Tokens[i].Region, o.Region):
		return Token{}, invalid
	}
	return o.Tokens[i], nil
}

// permits checks that the token was granted the scope.
func (t Token) permits(scope string) *apiError {
	if scope == scopeNone || t.Scopes == nil || slices.Contains(t.Scopes, scope) {
		return nil
	}
	return fail(http.StatusForbidden, "forbidden", "You do not have the required scope (%s) to access this resource",
		scope)
}

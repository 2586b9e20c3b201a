package auth

import (
	"context"
	"time"

	"intercom-mcp/policy"
)

// Principal is who sends a request, and how much of the catalogue they see.
type Principal struct {
	Name   string // its id in records; of an identity provider's token its issuer and subject
	Mode   policy.Mode
	Person policy.Person
	Roles  []string

	token   *token    // of the file that the request came with; nil: it needs none
	expires time.Time // of the identity provider's token that it came with; zero: never
}

// Local is the principal of a client on this machine that needs no authentication. The catalogue's own mode is the
// limit.
var Local = Principal{Name: policy.LocalPrincipal, Mode: policy.ModeFull}

// Now returns the principal as the file of tokens has it now, or reports that the token was withdrawn or has expired.
func (p Principal) Now() (now Principal, ok bool) {
	if p.token == nil {
		return p, p.expires.IsZero() || time.Now().Before(p.expires)
	}
	return p.token.principal()
}

// SignedIn reports whether the principal brings a token of an identity provider.
func (p Principal) SignedIn() bool { return p.token == nil && !p.expires.IsZero() }

// Expired reports whether the token's time is over.
func (p Principal) Expired() bool {
	if p.token == nil {
		return !p.expires.IsZero() && !time.Now().Before(p.expires)
	}
	return p.token.line.Load().expired(time.Now())
}

// Withdrawn is done once the token is withdrawn, and never where it is none of a file. Its expiry does not count.
func (p Principal) Withdrawn() context.Context {
	if p.token == nil {
		return context.Background()
	}
	return p.token.withdrawn
}

// OnWithdrawal calls end once the token is withdrawn or has expired, by the expiry that the file of tokens gives it
// then, unless forget is called before.
func (p Principal) OnWithdrawal(end func()) (forget func() bool) {
	switch {
	case p.token != nil:
		return p.token.onEnd(end)
	case p.expires.IsZero():
		return func() bool { return false }
	}
	return time.AfterFunc(time.Until(p.expires), end).Stop
}

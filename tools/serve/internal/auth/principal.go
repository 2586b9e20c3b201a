package auth

import (
	"context"

	"intercom-mcp/policy"
)

// Principal is who sends a request, and how much of the catalogue they see.
type Principal struct {
	Name  string
	Mode  policy.Mode
	token *token // that the request came with; nil: it needs none
}

// Local is the principal of a client on this machine that needs no authentication. The catalogue's own mode is the
// limit.
var Local = Principal{Name: "local", Mode: policy.ModeFull}

// Now returns the principal as the file of tokens has it now, or reports that the token was withdrawn.
func (p Principal) Now() (now Principal, ok bool) {
	if p.token == nil {
		return p, true
	}
	p.Mode = *p.token.mode.Load()
	return p, p.token.withdrawn.Err() == nil
}

// OnWithdrawal calls end once the token is withdrawn, unless forget is called before.
func (p Principal) OnWithdrawal(end func()) (forget func() bool) {
	if p.token == nil {
		return func() bool { return false }
	}
	return context.AfterFunc(p.token.withdrawn, end)
}

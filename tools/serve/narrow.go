package serve

import (
	"fmt"
	"net/http"
	"strings"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// narrowCall is a call of a tool that the server offers, and that the token which came with it does not allow.
type narrowCall struct {
	tool string
	mode policy.Mode // the narrowest that would do
}

// notOffered is the error for a tool that the principal is not offered. The exchange keeps it as a [narrowCall] where
// another token would do.
func (c *core) notOffered(e *exchange, who auth.Principal, name string) *jsonrpc.Error {
	for _, tool := range c.caller.Tools() {
		if tool.Name == name && !who.Mode.Allows(tool.Effect) {
			e.mu.Lock()
			e.narrow = &narrowCall{name, widest([]tools.Tool{tool})}
			e.mu.Unlock()
		}
	}
	return c.unknownTool(who, name)
}

// tooNarrow returns the call whose token does not allow it, or nil.
func (e *exchange) tooNarrow() *narrowCall {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.narrow
}

// refuseNarrow answers such a call, and tells of it in log, metrics and audit trail. Who signed in is told the scopes
// to ask the identity provider for: all that the tool needs, since a token has no others than those it was asked with.
func (g *guard) refuseNarrow(out *stream, r *http.Request, m jsonrpc.Message) {
	e := exchangeFrom(r.Context())
	narrow, failed, status := e.tooNarrow(), e.failed(), errorStatus(e.sessionless)
	reason, why, challenge := refusedMode, "the token's line is too narrow for the tool", ""
	if e.principal.SignedIn() && g.resource != nil {
		scopes := strings.Join(g.resource.issuer.Scopes(narrow.mode), ", ")
		refused := &auth.Refusal{Status: http.StatusForbidden, Code: refusedScope,
			Text: fmt.Sprintf("%s needs a token with the scopes %s", narrow.tool, scopes)}
		reason, why, status = refusedScope, refused.Text, refused.Status
		challenge, failed = refused.Challenge(g.resource.challenge(narrow.mode)), jsonrpc.InvalidRequest(refused.Text)
	}
	g.server.refused.request(r, reason, why, "principal", e.principal.Name, "tool", narrow.tool)
	call := callerOf(r.Context())
	call.Tool = narrow.tool
	g.server.core.caller.Refused(r.Context(), call, reason)
	out.replace(status, jsonrpc.ErrorResponse(m.ID, failed))
	if challenge != "" {
		out.Header().Set("WWW-Authenticate", challenge)
	}
}

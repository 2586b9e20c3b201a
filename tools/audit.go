package tools

import (
	"context"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/toolerr"
)

// ChangeOf returns the handle of the change that a request to Intercom is made for, or "": for who observes requests
// and keeps the audit trail.
func ChangeOf(ctx context.Context) string { return engine.ChangeOf(ctx) }

// How long the answer to a refused call waits for the refusal to be recorded, and
// that of a call which was cut off: whoever waits for it does not wait for long.
const (
	refusalWithin = 2 * time.Second
	refusalAtEnd  = 100 * time.Millisecond
)

// Refused implements [Caller].
func (p *Pipeline) Refused(ctx context.Context, call Call, reason string) {
	if tool, ok := p.tool(call.Tool); ok {
		auditRefusal(ctx, p.newSession(call, tool), (&toolerr.Error{Code: toolerr.PolicyDenied}).With("rule", reason))
	}
}

// auditRefusal records that a write was refused. What came of a call that led
// to a change is told by the events of the change.
func auditRefusal(ctx context.Context, s *session, refused *toolerr.Error) {
	if refused == nil || s.tool.Effect == policy.Read || s.changeID != "" || refused.Data["change"] != nil {
		return
	}
	facts := map[string]string{"tool": s.tool.Name, "code": string(refused.Code)}
	if rule, ok := refused.Data["rule"].(string); ok {
		facts["rule"] = rule
	}
	patience := refusalWithin
	if ctx.Err() != nil {
		patience = refusalAtEnd
	}
	recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := s.store.Append(recording, change.Event{Kind: change.KindRefused, Principal: s.call.Principal, Facts: facts})
	if err != nil {
		s.log.WarnContext(ctx, "recording a refusal", "tool", s.tool.Name, "err", err)
	}
}

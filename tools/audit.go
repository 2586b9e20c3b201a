package tools

import (
	"context"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

type changeKey struct{}

// ChangeOf returns the handle of the change that a request to Intercom is made
// for, or "": for who observes requests and keeps the audit trail.
func ChangeOf(ctx context.Context) string {
	id, _ := ctx.Value(changeKey{}).(string)
	return id
}

// forChange marks the requests made for a change.
func forChange(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, changeKey{}, id)
}

// auditRefusal records that a write was refused before there was a change.
func (p *Pipeline) auditRefusal(ctx context.Context, call Call, tool *Tool, refused *Error) {
	if refused == nil || tool.Effect == policy.Read || refused.Data["change"] != nil {
		return
	}
	facts := map[string]string{"tool": tool.Name, "code": string(refused.Code)}
	if rule, ok := refused.Data["rule"].(string); ok {
		facts["rule"] = rule
	}
	err := p.store.Append(context.WithoutCancel(ctx), change.Event{Kind: change.KindRefused, Principal: call.Principal, Facts: facts})
	if err != nil {
		p.log.WarnContext(ctx, "recording a refusal", "tool", tool.Name, "err", err)
	}
}

package tools

import (
	"context"
	"fmt"
	"time"

	"intercom-mcp/policy"
)

// Explain works out what the policy is asked about a call, without asking it: a write is planned as [Pipeline.Call]
// plans it, and nothing is recorded or written. The error is an [*Error] for what is wrong with the call, or wraps
// [ErrUnknownTool].
func (p *Pipeline) Explain(ctx context.Context, call Call) (policy.Request, error) {
	tool, ok := p.tool(call.Tool)
	if !ok {
		return policy.Request{}, fmt.Errorf("%w %q", ErrUnknownTool, call.Tool)
	}
	s := p.newSession(call, tool)
	request, err := s.planned(ctx)
	if err != nil {
		return request, s.explain(ctx, err)
	}
	return request, nil
}

// planned plans the call and gathers the facts.
func (s *session) planned(ctx context.Context) (policy.Request, error) {
	if err := s.validate(); err != nil {
		return policy.Request{}, err
	}
	d := new(draft) // of what plans nothing itself
	if s.tool.Run.plan != nil {
		var err error
		if d, err = s.tool.Run.plan(ctx, s, s.args); err != nil {
			return policy.Request{}, err
		}
	}
	c := d.change(s)
	s.gather(ctx, &c)
	recent, err := s.store.Recent(ctx, c, time.Now())
	if err != nil {
		return policy.Request{}, err
	}
	return s.request(&c, recent), nil
}

package tools

import (
	"context"
	"fmt"
	"time"

	"intercom-mcp/policy"
)

// Explained is what the policy is asked about a call.
type Explained struct {
	Request policy.Request
	Creates bool // contacts, about which it is asked as if create_contact made them, too
}

// Decide has a policy decide about the call, as [Pipeline.Call] does.
func (e *Explained) Decide(p *policy.Policy) policy.Decision {
	decision := p.Decide(e.Request)
	if !e.Creates {
		return decision
	}
	creating := e.Request
	aboutTool(&creating, createdBy)
	return policy.Both(decision, p.Decide(creating))
}

// Explain works out what the policy is asked about a call, without asking it: a write is planned as [Pipeline.Call]
// plans it, and nothing is recorded or written. The error is a [*toolerr.Error] for what is wrong with the call, or
// wraps [ErrUnknownTool].
func (p *Pipeline) Explain(ctx context.Context, call Call) (Explained, error) {
	tool, ok := p.tool(call.Tool)
	if !ok {
		return Explained{}, fmt.Errorf("%w %q", ErrUnknownTool, call.Tool)
	}
	s := p.newSession(call, tool)
	about, err := explained(ctx, s)
	if err != nil {
		return about, s.explain(ctx, err)
	}
	return about, nil
}

// explained plans the call and gathers the facts.
func explained(ctx context.Context, s *session) (Explained, error) {
	if err := s.validate(); err != nil {
		return Explained{}, err
	}
	d := new(draft) // of what plans nothing itself
	if s.tool.Run.plan != nil {
		var err error
		if d, err = s.tool.Run.plan(ctx, s, s.args); err != nil {
			return Explained{}, err
		}
	}
	c := d.change(s)
	known := gather(ctx, s, &c)
	recent, err := s.store.Recent(ctx, c, time.Now())
	if err != nil {
		return Explained{}, err
	}
	return Explained{s.request(known, &c, recent), createsContacts(&c)}, nil
}

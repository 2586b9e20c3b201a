package tools

import (
	"context"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// beginLeft begins a change that was allowed and recorded by a process that died
// before it began: whoever called it got no answer, and may learn from the record
// that it is done. It is over where the policy would not allow it now, or too
// much time has passed. What Intercom holds meanwhile is checked as for every
// change that is begun a while after its plan.
func (p *Pipeline) beginLeft(ctx context.Context, c change.Change) error {
	tool, listed := p.tool(c.Tool)
	if !listed {
		return nil // for a server that has it
	}
	s := &session{Pipeline: p, tool: tool, policy: p.current(), call: Call{Tool: c.Tool, Principal: c.Principal}}
	over := change.Step{At: time.Now()}
	if over.At.After(c.ExpiresAt) {
		over.To = change.StatusExpired
	} else if allowed, err := s.stillAllowed(ctx, c); err != nil {
		return err
	} else if !allowed {
		over.To, over.Reason = change.StatusCancelled, "the server was stopped before it began, and the policy would not allow it now"
	}
	var err error
	if over.To == "" {
		_, err = s.start(ctx, c, nil)
	} else {
		_, err = p.store.Advance(ctx, c.ID, over)
	}
	if errors.Is(err, change.ErrMoved) {
		return nil // somebody was quicker
	}
	return err
}

// stillAllowed decides anew about a change that the policy allowed unasked. It
// counts among what was written lately itself.
func (s *session) stillAllowed(ctx context.Context, c change.Change) (bool, error) {
	latest, err := s.latest(ctx, c.Effect)
	if err != nil {
		return false, err
	}
	request, err := s.request(ctx, &draft{items: c.Items, undoes: c.Undoes}, latest)
	if err != nil {
		return false, err
	}
	if c.Undoes == "" && request.Contacts > 0 {
		written, err := s.store.Written(ctx, c.Principal, c.CreatedAt.Add(-window))
		if err != nil {
			return false, fmt.Errorf("counting recent writes: %w", err)
		}
		request.Window.Contacts = written
	}
	return s.policy.Decide(request).Verdict == policy.Allow, nil
}

// unbegun answers for a change that was allowed and recorded, and that the store
// failed to go on with. It is taken back; where even that fails, it is not known
// whether somebody goes on with it.
func (s *session) unbegun(ctx context.Context, c change.Change, err error) error {
	step := change.Step{To: change.StatusCancelled, At: time.Now(), Reason: "the server failed before it began"}
	if _, failed := s.store.Advance(context.WithoutCancel(ctx), c.ID, step); failed == nil {
		return err
	}
	s.log.ErrorContext(ctx, "going on with a recorded change", "change", c.ID, "err", err)
	return fail(OutcomeUnknown, "The server recorded the change, and then failed to record more.", "get_change tells whether it was carried out.").with("change", c.ID)
}

package tools

import (
	"context"
	"errors"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
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
	s := p.newSession(Call{Tool: c.Tool, Principal: c.Principal}, tool)
	if c.Overdue(time.Now()) {
		return s.over(ctx, c, change.StatusExpired, "")
	}
	_, err := s.start(ctx, c, change.Step{Decide: func(c *change.Change, recent change.Recent) error {
		return s.grant(c, recent, policy.LevelNone)
	}})
	var refused *toolerr.Error
	switch {
	case errors.Is(err, change.ErrStatusChanged):
		return nil // somebody was quicker
	case errors.As(err, &refused) && refused.Code != toolerr.Busy:
		return s.over(ctx, c, change.StatusCancelled, "the server was stopped before it began, and the policy would not allow it now")
	}
	return err
}

// over ends a change that was not begun.
func (s *session) over(ctx context.Context, c change.Change, to change.Status, why string) error {
	_, err := s.store.Advance(ctx, c.ID, change.Step{To: to, At: time.Now(), Reason: why})
	if errors.Is(err, change.ErrStatusChanged) {
		return nil // somebody was quicker
	}
	return err
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
	return toolerr.New(toolerr.OutcomeUnknown, "The server recorded the change, and then failed to record more.", "get_change tells whether it was carried out.").With("change", c.ID)
}

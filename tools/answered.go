package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// answered goes on with a change after the user answered the question. handle
// is the change that the call names, empty where the call planned it itself.
func answered(ctx context.Context, s *session, answer Answer, handle string) (any, error) {
	binding, err := s.binding()
	if err != nil {
		return nil, err
	}
	mismatch := toolerr.New(toolerr.ChangeMismatch, "The confirmation belongs to a call with other arguments.",
		"Nothing was changed; make the call anew.")
	if answer.Binding != binding {
		return nil, mismatch
	}
	c, err := s.store.Get(ctx, s.call.Principal, answer.Change)
	if errors.Is(err, change.ErrNotFound) {
		return nil, fmt.Errorf("%w: %w", ErrBadAnswer, err)
	}
	if err != nil {
		return nil, err
	}
	if handle != "" && c.ID != handle || handle == "" && c.Binding != binding {
		return nil, mismatch
	}
	switch answer.Action {
	case Accept:
		s.asked.agreed(s.call.Principal, c.ID)
		return confirm(ctx, s, nil, c, s.user(answer))
	case Decline:
		return decline(ctx, s, c, s.user(answer))
	}
	if expired, err := expire(ctx, s, c); expired || err != nil {
		return nil, err // nobody answered in time
	}
	result := s.view.Receipt(c)
	if c.Status == change.StatusAwaiting { // else another answer came first
		s.view.Await(result, &c)
		offerView(s, &c)
		result.AddNote(s.worded(
			"the user has not confirmed, nothing is changed; if they want it, confirm_change asks again until ",
			"not confirmed, nothing is changed; confirm_change asks again until ") + render.ISO(c.ExpiresAt))
	}
	return result, nil
}

// agent is the caller as the actor of a step that its own call takes.
func (s *session) agent() change.Actor {
	return change.Actor{By: s.call.Principal, Level: policy.LevelAgent, Method: s.tool.Name}
}

// user is the caller's user as the actor of a step that an answer takes.
func (s *session) user(answer Answer) change.Actor {
	return change.Actor{By: s.call.Principal, Level: policy.LevelUser, Method: cmp.Or(answer.Via, "elicitation")}
}

// decline records a person's no. It holds for whatever would write some of the same, for [change.DeclineHolds].
func decline(ctx context.Context, s *session, c change.Change, by change.Actor) (any, error) {
	c, err := s.store.Advance(ctx, c.ID, change.Step{To: change.StatusDeclined, At: time.Now(), Actor: by})
	if err != nil {
		return moved(ctx, s, c, err)
	}
	result := s.view.Receipt(c)
	result.AddNote(s.worded("the user declined, nothing was changed; do not try again unless the user asks for it",
		"declined, nothing was changed"))
	return result, nil
}

package tools

import (
	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// startAndWait takes the one step that starts the work on a change, and waits for its end. Of any number of concurrent
// callers one starts it; the others wait with it.
func startAndWait(ctx context.Context, s *session, c change.Change, step change.Step) (any, error) {
	if now, err := s.engine.Start(ctx, c, step); err != nil {
		return moved(ctx, s, now, err)
	}
	c.Items = nil // which may be many, and the engine has its own
	return await(ctx, s, &c)
}

// await waits for the end of a change's work, and tells what became of it.
func await(ctx context.Context, s *session, c *change.Change) (any, error) {
	if err := waitFor(ctx, s, c); err != nil {
		return nil, err
	}
	now, ended := s.joined.Result()
	if !ended {
		var err error
		if now, err = s.store.Get(callersOf(ctx), c.Principal, c.ID); err != nil {
			return nil, err
		}
	}
	return outcome(s, now)
}

// waitFor is await without the answer. A call by hand, whose process may be the only one, takes up what was
// interrupted, and waits for its end, however long it works.
func waitFor(ctx context.Context, s *session, c *change.Change) error {
	s.changeID = c.ID
	if s.call.Patience > 0 {
		var enough context.CancelFunc
		ctx, enough = context.WithTimeoutCause(ctx, s.call.Patience, toolerr.ErrTimeUp)
		defer enough()
	}
	alone := s.call.ByHand != "" && !s.call.Operator
	if alone {
		s.resumer.TakeUp(ctx, c.ID)
	}
	progress := func(done, total int, message string) {
		s.call.Progress(Progress{Done: done, Total: total, Message: message})
	}
	if s.call.Progress == nil {
		progress = nil
	}
	for {
		var err error
		s.joined, err = s.engine.Wait(ctx, c.Principal, c.ID, progress)
		if err != nil || !alone || !s.engine.Works(c.ID) && !s.resumer.TakeUp(ctx, c.ID) {
			return err
		}
	}
}

// settled is a change that was read, after its work was gone on with where a call by hand finds it interrupted.
func settled(ctx context.Context, s *session, c change.Change) (change.Change, error) {
	begun := c.Status == change.StatusApproved || c.Status == change.StatusApplying
	if s.call.ByHand == "" || !begun || !s.resumer.TakeUp(ctx, c.ID) {
		return c, nil
	}
	if err := waitFor(ctx, s, &c); err != nil {
		return c, err
	}
	return s.store.Get(ctx, c.Principal, c.ID)
}

// standing says what will become of a change that was started and has not ended.
func standing(s *session, c *change.Change) string {
	switch {
	case s.call.ByHand == "" || s.engine.Ending():
		return s.engine.Standing(c.ID, s.joined)
	case s.engine.At(c.ID):
		return "left here, since it waits for Intercom: a minute from now get_change or cancel_change takes it up, " +
			"or a server"
	case !s.policy.Mode.Allows(policy.Write):
		return "not at work here: another process applies it; where that has died, get_change takes it up in a mode " +
			"that writes"
	}
	return "not at work here: another process applies it; where that has died, get_change or cancel_change takes it up " +
		"within a minute, as a server does"
}

// outcome reports what became of a change whose work has started, the same to every caller.
func outcome(s *session, c change.Change) (any, error) {
	if c.Status == change.StatusStale {
		return nil, staleError(s, &c)
	}
	if len(c.Items) == 1 && c.Items[0].Failure.Code != "" && c.Items[0].Outcome != change.Partly &&
		c.Status != change.StatusStopped {
		return nil, itemError(s, c)
	}
	result := s.view.Receipt(c)
	if !c.Status.Ended() {
		result.AddNote(standing(s, &c))
	} else if agreed := render.AgreedBy(&c); agreed != "" {
		result.AddNote(agreed)
	}
	return result, nil
}

// itemError is the error of a change whose only item did not go well.
func itemError(s *session, c change.Change) *toolerr.Error {
	item := c.Items[0]
	e := toolerr.New(toolerr.Code(item.Code), s.mask.Redact(item.Reason), "").With("change", c.ID).With("status",
		string(c.Status))
	for name, value := range item.Facts {
		e.With(name, value)
	}
	return e
}

// callOf is the call that a change came of, as far as it counts for what is decided about it later: who made it, and
// the roles that they had.
func callOf(c *change.Change) Call {
	return Call{Tool: c.Tool, Principal: c.Principal, Person: c.Person, Roles: c.Roles, Client: c.Client}
}

// resumable is what [engine.NewResumer] asks: it has the policy in force decide about a change that a process recorded
// and did not begin. A server that does not offer the tool leaves it to one that does.
func (p *Pipeline) resumable(ctx context.Context, c *change.Change) (change.Decide, bool) {
	tool, listed := p.tool(c.Tool)
	if !listed {
		return nil, false
	}
	s := p.newSession(callOf(c), tool)
	known := gather(ctx, s, c)
	return func(c *change.Change, recent change.Recent) error {
		return grant(s, known, c, recent, c.ApprovalLevel())
	}, true
}

// denies implements [engine.Config]: it says why the policy in force denies a change that has begun. The window and
// what was declined since do not count: they held when it began.
func (p *Pipeline) denies(ctx context.Context, c *change.Change) string {
	s := p.newSession(callOf(c), &Tool{Name: c.Tool})
	s.client = s.client.WithPriority(intercom.PriorityBulk) // nobody waits for this
	if s.policy.Reads().Targets() {
		if now, err := s.store.Get(ctx, c.Principal, c.ID); err == nil {
			c = &now // which knows what was written already
		}
	}
	known := gather(ctx, s, c)
	whole := c.Clone()
	for i := range whole.Items {
		if whole.Items[i].Outcome != change.Unchanged {
			whole.Items[i].Outcome = change.Pending
		}
	}
	decision := s.decide(known, &whole, change.Recent{}, func(r *policy.Request) {
		r.Reach = policy.LevelUser
		if c.Approval != nil {
			r.Given = c.Approval.Level
		}
	})
	if decision.Verdict == policy.Deny {
		return denied(s, decision).Message
	}
	return ""
}

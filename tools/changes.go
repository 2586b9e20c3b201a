package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// changeTools are the tools for the course of a change.
func changeTools() []Tool {
	return []Tool{
		{
			Name: "confirm_change", Title: "Confirm a change", Set: changeSet, Effect: policy.Write, Idempotent: true,
			Run: controls(confirmChange),
			Doc: "Carry out a waiting change, once the user agreed to its preview.",
		},
		{
			Name: "cancel_change", Title: "Cancel a change", Set: changeSet, Effect: policy.Write, Idempotent: true,
			Run: controls(cancelChange),
			Doc: "Take back a waiting change, or stop a running one; what was written stays.",
		},
		{
			Name: "undo_change", Title: "Undo a change", Set: changeSet, Effect: policy.Write, Idempotent: true,
			Run: plans(undoChange), BriefWith: []string{"search_contacts"},
			Doc: "Put back what a change wrote, where it is still so: to all, or to some.",
		},
	}
}

// ChangeInput names a change.
type ChangeInput struct {
	// chg_…
	Change string `json:"change"`
}

// confirmChange confirms a waiting change, or has the user asked for it.
func confirmChange(ctx context.Context, s *session, in ChangeInput) (any, error) {
	if s.call.Answer != nil {
		return answered(ctx, s, *s.call.Answer, in.Change)
	}
	c, err := findOwn(ctx, s, in.Change)
	if err != nil {
		return nil, err
	}
	if c.Status != change.StatusAwaiting {
		return confirm(ctx, s, nil, c, s.agent())
	}
	recent, err := s.store.Recent(ctx, c, time.Now())
	if err != nil {
		return nil, err
	}
	known := gather(ctx, s, &c)
	// The policy may have become stricter since the plan, and so may the window.
	decision := s.decide(known, &c, recent, nil)
	needed, by := max(c.Level, decision.Level), confirmer(s, &c)
	switch {
	case decision.Verdict == policy.Deny:
		return nil, denied(s, decision)
	case c.Level == policy.LevelApprover && s.approvers:
		return waits(s, c, s.view.Preview(&c, decision))
	case decision.Unreachable:
		return nil, unreachable(s, needed)
	case needed == policy.LevelApprover && s.approvers:
		return nil,
			toolerr.New(toolerr.ChangeStale, "The policy asks for an approver by now, and did not when this was planned.",
				"Nothing was written; make the plan anew.")
	case needed <= by.Level:
		return confirm(ctx, s, known, c, by)
	case needed == policy.LevelUser && s.call.CanAsk:
		if err := mayAskOnceMore(s, &c, recent); err != nil {
			return nil, err
		}
		return ask(s, c, decision, needed)
	}
	return nil, unreachable(s, needed)
}

// confirm records an actor's yes and carries the change out. For a change
// that was confirmed before, it returns what became of it. known are the facts about the change, nil where they are yet
// to be gathered.
func confirm(ctx context.Context, s *session, known *facts, c change.Change, by change.Actor) (any, error) {
	if expired, err := expire(ctx, s, c); expired || err != nil {
		return nil, err
	}
	switch {
	case c.Unowned(): // which a server begins, this one perhaps
		s.resumer.TakeUp(ctx, c.ID)
		return await(ctx, s, &c)
	case c.Status == change.StatusAwaiting && c.Level == policy.LevelApprover && s.approvers:
		return waits(s, c, s.view.Preview(&c, c.Decision))
	case c.Status == change.StatusAwaiting && c.Level > by.Level:
		return nil, unreachable(s, c.Level)
	}
	for _, note := range s.mask.RedactIfGrew(&c, c.Notes) {
		if !slices.Contains(s.notes, note) {
			s.notes = append(s.notes, note)
		}
	}
	switch {
	case known != nil:
	case c.Status == change.StatusAwaiting:
		known = gather(ctx, s, &c)
	default:
		known = new(facts) // nothing is decided
	}
	approval := &change.Approval{Level: by.Level, By: by.By, Method: by.Method, At: time.Now(),
		Revision: s.policy.Revision}
	answer, err := startAndWait(ctx, s, c,
		change.Step{Approval: approval, Decide: func(c *change.Change, recent change.Recent) error {
			return grant(s, known, c, recent, by.Level)
		}})
	var low *tooLow
	if errors.As(err, &low) && low.decision.Level == policy.LevelUser && s.call.CanAsk && by.Level < policy.LevelUser {
		if err := mayAskOnceMore(s, &c, change.Recent{}); err != nil {
			return nil, err
		}
		return ask(s, c, low.decision, policy.LevelUser) // others were quicker, and the window is full
	}
	return answer, err
}

// tooLow refuses a yes that is weaker than what the policy asks for by now.
type tooLow struct {
	session  *session
	decision policy.Decision
}

// Error implements error.
func (e *tooLow) Error() string { return e.Unwrap().Error() }

// Unwrap returns what it is to the agent.
func (e *tooLow) Unwrap() error { return unreachable(e.session, e.decision.Level) }

// grant holds a yes against the policy in force, and what has happened since the plan: a no to the same, what else was
// written without a user's yes, and another change that puts the same back.
func grant(s *session, known *facts, c *change.Change, recent change.Recent, given policy.Level) error {
	if recent.Undoing != nil && s.isOthers(recent.Undoing) {
		return undoneBy(s, recent.Undoing, false)
	}
	if recent.Undoing != nil {
		return toolerr.New(toolerr.ChangeUsed, "Another change, "+recent.Undoing.ID+", puts the same back.",
			"Nothing was changed; get_change tells how that one ended.").OrByHand(
			"Nothing was changed; " + showCommand(recent.Undoing.ID) + " tells how that one ended.")
	}
	decision := s.decide(known, c, recent, func(r *policy.Request) { r.Reach, r.Given = max(r.Reach, given), given })
	switch {
	case decision.Verdict == policy.Deny:
		return denied(s, decision)
	case !decision.Granted(given):
		return &tooLow{s, decision}
	case len(c.Approvals) > 0:
		if err := stillApproved(s, c, decision); err != nil {
			return err
		}
	}
	return stillWriting(s, recent)
}

// declinedError tells of a person's no, and of their word where they gave one.
func declinedError(s *session, c *change.Change) *toolerr.Error {
	told := "The user declined this change."
	if reason := s.mask.Reason(c); reason != "" {
		told = text.Sentence("The change was " + reason)
	}
	return toolerr.New(toolerr.PolicyDenied, told, "Nothing was changed.").With("rule", "declined")
}

// expire ends a change that waited too long, with the error that tells so.
func expire(ctx context.Context, s *session, c change.Change) (bool, error) {
	if c.Status == change.StatusAwaiting && c.Overdue(time.Now()) {
		_, err := s.store.Advance(ctx, c.ID, change.Step{To: change.StatusExpired, At: time.Now()})
		if err != nil && !errors.Is(err, change.ErrStatusChanged) {
			return false, err
		}
		c.Status = change.StatusExpired
	}
	if c.Status == change.StatusExpired {
		return true, toolerr.New(toolerr.ChangeExpired, "The change waited too long for its confirmation.",
			"Nothing was changed; plan it again.")
	}
	return false, nil
}

// moved says what to make of a change that another step has taken further.
func moved(ctx context.Context, s *session, c change.Change, err error) (any, error) {
	if !errors.Is(err, change.ErrStatusChanged) {
		return nil, err
	}
	switch c.Status {
	case change.StatusApplying:
		return await(ctx, s, &c)
	case change.StatusDeclined:
		return nil, declinedError(s, &c)
	case change.StatusCancelled:
		return nil, toolerr.New(toolerr.ChangeUsed, "The change was cancelled.",
			"Nothing was changed; plan it again if it is still wanted.")
	case change.StatusExpired:
		return nil, toolerr.New(toolerr.ChangeExpired, "The change waited too long for its confirmation.",
			"Nothing was changed; plan it again.")
	}
	return outcome(s, c)
}

func staleError(s *session, c *change.Change) *toolerr.Error {
	return toolerr.New(toolerr.ChangeStale, "Intercom changed since the plan: "+strings.TrimSuffix(s.mask.Reason(c),
		".")+".", "Nothing was written; make the plan anew.")
}

// cancelChange takes back a change that waits, or stops one that is applied.
func cancelChange(ctx context.Context, s *session, in ChangeInput) (any, error) {
	c, err := findOperated(ctx, s, in.Change)
	if err != nil {
		return nil, err
	}
	step := change.Step{To: change.StatusCancelled, At: time.Now(), Actor: s.canceller()}
	if s.call.Operator || s.isOthers(&c) {
		step.Reason = stopReason(s)
	}
	c, err = s.store.Advance(ctx, c.ID, step)
	if errors.Is(err, change.ErrStatusChanged) && c.Status == change.StatusApplying {
		return stopApplying(ctx, s, &c, step)
	}
	if errors.Is(err, change.ErrStatusChanged) {
		return nil, toolerr.New(toolerr.ChangeUsed, fmt.Sprintf("The change ended as %s and cannot be cancelled.", c.Status),
			"get_change shows what it did.").OrByHand(showCommand(c.ID) + " shows what it did.")
	}
	if err != nil {
		return nil, err
	}
	return s.view.Receipt(c), nil
}

// stopReason is the reason on record of what an operator stopped.
func stopReason(s *session) string {
	if name := text.Clip(text.Clean(s.call.Person.Name), render.ShownValue); name != "" {
		return name + " stopped it, as an operator"
	}
	return "an operator stopped it"
}

// canceller is the caller as the actor of a cancellation: an operator, the person on the command line, or the agent.
func (s *session) canceller() change.Actor {
	by := s.agent()
	switch {
	case s.call.Operator:
		by.By = cmp.Or(s.call.Person.Name, by.By)
		by.Level, by.Method = policy.LevelUser, "operator"
	case s.call.ByHand != "":
		by.Level, by.Method = policy.LevelUser, s.call.ByHand
	}
	return by
}

// stopApplying stops the work on a change, here or in another process, as a step would have cancelled it, and tells
// what it came to.
func stopApplying(ctx context.Context, s *session, c *change.Change, step change.Step) (any, error) {
	err := s.engine.StopChange(ctx, c.ID, step.Actor, step.Reason)
	if err != nil && !errors.Is(err, change.ErrStatusChanged) {
		return nil, err
	}
	answer, err := await(ctx, s, c)
	if result, ok := answer.(*render.ChangeResult); ok {
		switch change.Status(result.Status) {
		case change.StatusApplied:
			result.AddNote("too late to cancel: everything had been sent")
		case change.StatusApplying:
			result.Note = stopping(s, c)
		}
	}
	return answer, err
}

// stopping says what will become of a change that is to stop, and has not.
func stopping(s *session, c *change.Change) string {
	switch {
	case s.call.Operator && c.Principal == s.call.Principal:
		return "it is on record that nothing more is sent. Who applies it reads back first what Intercom has got already; " +
			"where that process has died, a server on this state file does, or, with an access token, " +
			`intercom-mcp call get_change '{"change":"` + c.ID + `"}'`
	case s.call.Operator:
		return "it is on record that nothing more is sent. Who applies it reads back first what Intercom has got already; " +
			"where that process has died, a server on this state file does"
	case s.call.ByHand != "":
		return "it is on record that nothing more is sent; " + standing(s, c)
	}
	return "it is to stop, and what Intercom has got already is read back first; get_change tells"
}

package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
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
			Run: plans(undoChange),
			Doc: "Put back what a change wrote, where it is still so.",
		},
	}
}

// ChangeInput names a change.
type ChangeInput struct {
	// chg_…
	Change string `json:"change"`
}

// findChange reads the change of a handle.
func findChange(ctx context.Context, s *session, handle string) (change.Change, error) {
	if !change.IsID(handle) {
		return change.Change{},
			toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no change handle.", text.Clip(text.Clean(handle), 40)),
				"Handles look like chg_ and 26 characters; list_changes shows them.")
	}
	c, err := s.store.Get(ctx, s.call.Principal, handle)
	if s.call.Operator {
		c, err = s.store.Find(ctx, handle)
	}
	if err != nil || !c.Overdue(time.Now()) {
		return c, err
	}
	// Its time is over, which nobody has noticed until now.
	c, err = s.store.Advance(ctx, c.ID, change.Step{To: change.StatusExpired, At: time.Now()})
	if errors.Is(err, change.ErrStatusChanged) {
		err = nil
	}
	return c, err
}

// confirmChange confirms a waiting change, or has the user asked for it.
func confirmChange(ctx context.Context, s *session, in ChangeInput) (any, error) {
	if s.call.Answer != nil {
		return answered(ctx, s, *s.call.Answer, in.Change)
	}
	c, err := findChange(ctx, s, in.Change)
	if err != nil {
		return nil, err
	}
	if c.Status != change.StatusAwaiting {
		return confirm(ctx, s, c, s.agent())
	}
	recent, err := s.store.Recent(ctx, c, time.Now())
	if err != nil {
		return nil, err
	}
	// The policy may have become stricter since the plan, and so may the window.
	decision := s.policy.Decide(s.request(&c, recent))
	needed := max(c.Level, decision.Level)
	switch {
	case decision.Verdict == policy.Deny:
		return nil, denied(decision)
	case decision.Unreachable:
		return nil, unreachable(needed)
	case needed <= policy.LevelAgent:
		return confirm(ctx, s, c, s.agent())
	case needed == policy.LevelUser && s.call.CanAsk:
		return ask(s, c, decision, needed)
	}
	return nil, unreachable(needed)
}

// unreachable says that the caller's client cannot give the confirmation. It does not say which client could.
func unreachable(level policy.Level) *toolerr.Error {
	return toolerr.New(toolerr.ApprovalUnavailable,
		fmt.Sprintf("This needs a confirmation at level %s, which your client cannot give.", level),
		"Nothing was changed; tell the user.").With("level", level.String())
}

// confirm records an actor's yes and carries the change out. For a change
// that was confirmed before, it returns what became of it.
func confirm(ctx context.Context, s *session, c change.Change, by change.Actor) (any, error) {
	if expired, err := expire(ctx, s, c); expired || err != nil {
		return nil, err
	}
	if c.Status == change.StatusAwaiting && c.Level > by.Level {
		return nil, unreachable(c.Level)
	}
	for _, note := range s.view.Mask.RedactIfGrew(&c, c.Notes) {
		if !slices.Contains(s.notes, note) {
			s.notes = append(s.notes, note)
		}
	}
	approval := &change.Approval{Level: by.Level, By: by.By, Method: by.Method, At: time.Now(),
		Revision: s.policy.Revision}
	return startAndWait(ctx, s, c,
		change.Step{Approval: approval, Decide: func(c *change.Change, recent change.Recent) error {
			return grant(s, c, recent, by.Level)
		}})
}

// grant holds a yes against the policy in force, and what has happened since the plan: a no to the same, what else was
// written without a user's yes, and another change that puts the same back.
func grant(s *session, c *change.Change, recent change.Recent, given policy.Level) error {
	if recent.Undoing != nil {
		return toolerr.New(toolerr.ChangeUsed, "Another change, "+recent.Undoing.ID+", puts the same back.",
			"Nothing was changed; get_change tells how that one ended.")
	}
	switch decision := s.decide(c, recent, func(r *policy.Request) { r.Reach, r.Given = given, given }); {
	case decision.Verdict == policy.Deny:
		return denied(decision)
	case !decision.Granted(given):
		return unreachable(decision.Level)
	}
	return nil
}

func declinedError() *toolerr.Error {
	return toolerr.New(toolerr.PolicyDenied, "The user declined this change.", "Nothing was changed.").With("rule",
		"declined")
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
		return nil, declinedError()
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
	return toolerr.New(toolerr.ChangeStale, "Intercom changed since the plan: "+strings.TrimSuffix(s.view.Mask.Reason(c),
		".")+".", "Nothing was written; make the plan anew.")
}

// cancelChange takes back a change that waits, or stops one that is applied.
func cancelChange(ctx context.Context, s *session, in ChangeInput) (any, error) {
	c, err := findChange(ctx, s, in.Change)
	if err != nil {
		return nil, err
	}
	step := change.Step{To: change.StatusCancelled, At: time.Now(), Actor: s.canceller()}
	if s.call.Operator {
		step.Reason = stoppedByOperator
	}
	c, err = s.store.Advance(ctx, c.ID, step)
	if errors.Is(err, change.ErrStatusChanged) && c.Status == change.StatusApplying {
		return stopApplying(ctx, s, &c, step)
	}
	if errors.Is(err, change.ErrStatusChanged) {
		return nil, toolerr.New(toolerr.ChangeUsed, fmt.Sprintf("The change ended as %s and cannot be cancelled.", c.Status),
			"get_change shows what it did.")
	}
	if err != nil {
		return nil, err
	}
	return s.view.Receipt(c), nil
}

// stoppedByOperator is the reason on record of what an operator stopped.
const stoppedByOperator = "an operator stopped it"

// canceller is the caller as the actor of a cancellation: an operator, the person on the command line, or the agent.
func (s *session) canceller() change.Actor {
	by := s.agent()
	switch {
	case s.call.Operator:
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
			result.Note = s.stopping(c)
		}
	}
	return answer, err
}

// stopping says what will become of a change that is to stop, and has not.
func (s *session) stopping(c *change.Change) string {
	switch {
	case s.call.Operator && c.Principal == s.call.Principal:
		return "it is on record that nothing more is sent. Who applies it reads back first what Intercom has got already; " +
			"where that process has died, a server on this state file does, or, with an access token, " +
			`intercom-mcp call get_change '{"change":"` + c.ID + `"}'`
	case s.call.Operator:
		return "it is on record that nothing more is sent. Who applies it reads back first what Intercom has got already; " +
			"where that process has died, a server on this state file does"
	case s.call.ByHand != "":
		return "it is on record that nothing more is sent; " + s.standing(c)
	}
	return "it is to stop, and what Intercom has got already is read back first; get_change tells"
}

// ListChangesInput selects changes.
type ListChangesInput struct {
	// only these
	Status ChangeStatus `json:"status,omitempty"`
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50"`
	// next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// ChangeStatus is where a change stands.
type ChangeStatus string

// Enum lists the statuses.
func (ChangeStatus) Enum() []string {
	var list []string
	for _, status := range change.Statuses() {
		list = append(list, string(status))
	}
	return list
}

// listChanges lists the principal's changes, newest first.
func listChanges(ctx context.Context, s *session, in ListChangesInput) (*render.Table, error) {
	if in.Limit == 0 {
		in.Limit = render.DefaultLimit
	}
	binding := s.listBinding(in.Status)
	from, err := render.DecodeCursor(in.Cursor, binding, in.Limit)
	if err != nil {
		return nil, err
	}
	outcomes := make(map[string]string) // by handle
	got, err := render.Collect(from, in.Limit, func(at render.Position) (intercom.Page[change.Summary], error) {
		list, err := s.store.List(ctx, s.call.Principal, change.Query{Status: change.Status(in.Status), At: time.Now(),
			After: at.Page, Limit: at.Size + 1})
		page := intercom.Page[change.Summary]{Items: list, Total: -1}
		if len(list) > at.Size {
			page.Items, page.Next = list[:at.Size], list[at.Size-1].ID
		}
		return page, err
	}, func(c *change.Summary) (bool, error) {
		told, err := s.view.Outcomes(c, func() (change.Change, error) { return s.store.Get(ctx, c.Principal, c.ID) })
		outcomes[c.ID] = told
		return true, err
	})
	if err != nil {
		return nil, err
	}
	columns := []string{"id", "tool", "what", "status", "created_at", "outcomes"}
	return render.Tabulate(got, binding, columns, func(c *change.Summary) []string {
		return []string{c.ID, c.Tool, s.view.Title(&c.Change, c.Count.Total(), &c.First), string(c.Status),
			render.ISO(c.CreatedAt), outcomes[c.ID]}
	})
}

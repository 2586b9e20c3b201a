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

// ChangeInput names a change.
type ChangeInput struct {
	// handle, chg_…
	Change string `json:"change"`
}

// findChange reads the change of a handle.
func (s *session) findChange(ctx context.Context, handle string) (change.Change, error) {
	if !change.IsID(handle) {
		return change.Change{}, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no change handle.", text.Clip(text.Clean(handle), 40)), "Handles look like chg_ and 26 characters; list_changes shows them.")
	}
	c, err := s.store.Get(ctx, s.call.Principal, handle)
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
		return s.answered(ctx, *s.call.Answer, in.Change)
	}
	c, err := s.findChange(ctx, in.Change)
	if err != nil {
		return nil, err
	}
	if c.Status != change.StatusAwaiting {
		return s.confirm(ctx, c, policy.LevelAgent, "")
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
		return s.confirm(ctx, c, policy.LevelAgent, "")
	case needed == policy.LevelUser && s.call.CanAsk:
		return s.ask(c, decision, needed)
	}
	return nil, unreachable(needed)
}

// unreachable says that the caller's client cannot give the confirmation. It
// does not say which client could.
func unreachable(level policy.Level) *toolerr.Error {
	return toolerr.New(toolerr.ApprovalUnavailable, fmt.Sprintf("This needs a confirmation at level %s, which your client cannot give.", level),
		"Nothing was changed; tell the user.").With("level", level.String())
}

// confirm records a yes at a level and carries the change out. For a change
// that was confirmed before, it returns what became of it.
func (s *session) confirm(ctx context.Context, c change.Change, level policy.Level, via string) (any, error) {
	if expired, err := s.expire(ctx, c); expired || err != nil {
		return nil, err
	}
	if c.Status == change.StatusAwaiting && c.Level > level {
		return nil, unreachable(c.Level)
	}
	for _, note := range s.view.RedactIfMaskGrew(&c, c.Notes) {
		if !slices.Contains(s.notes, note) {
			s.notes = append(s.notes, note)
		}
	}
	approval := &change.Approval{Level: level, By: s.call.Principal, Method: via, At: time.Now(), Revision: s.policy.Revision}
	return s.startAndWait(ctx, c, change.Step{Approval: approval, Decide: func(c *change.Change, recent change.Recent) error {
		return s.grant(c, recent, level)
	}})
}

// grant holds a yes against the policy in force, and what has happened since the
// plan: a no to the same, what else was written without a user's yes, and another
// change that puts the same back.
func (s *session) grant(c *change.Change, recent change.Recent, given policy.Level) error {
	if recent.Undoing != nil {
		return toolerr.New(toolerr.ChangeUsed, "Another change, "+recent.Undoing.ID+", puts the same back.", "Nothing was changed; get_change tells how that one ended.")
	}
	request := s.request(c, recent)
	request.Reach, request.Given = given, given
	switch decision := s.policy.Decide(request); {
	case decision.Verdict == policy.Deny:
		return denied(decision)
	case !decision.Granted(given):
		return unreachable(decision.Level)
	}
	return nil
}

func declinedError() *toolerr.Error {
	return toolerr.New(toolerr.PolicyDenied, "The user declined this change.", "Nothing was changed.").With("rule", "declined")
}

// expire ends a change that waited too long, with the error that tells so.
func (s *session) expire(ctx context.Context, c change.Change) (bool, error) {
	if c.Status == change.StatusAwaiting && c.Overdue(time.Now()) {
		_, err := s.store.Advance(ctx, c.ID, change.Step{To: change.StatusExpired, At: time.Now()})
		if err != nil && !errors.Is(err, change.ErrStatusChanged) {
			return false, err
		}
		c.Status = change.StatusExpired
	}
	if c.Status == change.StatusExpired {
		return true, toolerr.New(toolerr.ChangeExpired, "The change waited too long for its confirmation.", "Nothing was changed; plan it again.")
	}
	return false, nil
}

// moved says what to make of a change that another step has taken further.
func (s *session) moved(ctx context.Context, c change.Change, err error) (any, error) {
	if !errors.Is(err, change.ErrStatusChanged) {
		return nil, err
	}
	switch c.Status {
	case change.StatusApplying:
		return s.await(ctx, c.ID)
	case change.StatusDeclined:
		return nil, declinedError()
	case change.StatusCancelled:
		return nil, toolerr.New(toolerr.ChangeUsed, "The change was cancelled.", "Nothing was changed; plan it again if it is still wanted.")
	case change.StatusExpired:
		return nil, toolerr.New(toolerr.ChangeExpired, "The change waited too long for its confirmation.", "Nothing was changed; plan it again.")
	}
	return s.outcome(c)
}

func (s *session) stale(c *change.Change) *toolerr.Error {
	return toolerr.New(toolerr.ChangeStale, "Intercom changed since the plan: "+strings.TrimSuffix(s.view.Reason(c), ".")+".", "Nothing was written; make the plan anew.")
}

// cancelChange takes back a change that waits, or stops one that is applied.
func cancelChange(ctx context.Context, s *session, in ChangeInput) (any, error) {
	c, err := s.findChange(ctx, in.Change)
	if err != nil {
		return nil, err
	}
	c, err = s.store.Advance(ctx, c.ID, change.Step{To: change.StatusCancelled, At: time.Now()})
	if errors.Is(err, change.ErrStatusChanged) && c.Status == change.StatusApplying {
		return s.stopApplying(ctx, c.ID)
	}
	if errors.Is(err, change.ErrStatusChanged) {
		return nil, toolerr.New(toolerr.ChangeUsed, fmt.Sprintf("The change is %s and cannot be cancelled.", c.Status), "get_change shows what it did.")
	}
	if err != nil {
		return nil, err
	}
	return s.view.Receipt(c), nil
}

// stopApplying stops the work on a change, here or in another process, and tells
// what it came to.
func (s *session) stopApplying(ctx context.Context, id string) (any, error) {
	err := s.engine.StopChange(ctx, id, change.StopRequest{By: s.call.Principal})
	if err != nil && !errors.Is(err, change.ErrStatusChanged) {
		return nil, err
	}
	answer, err := s.await(ctx, id)
	if result, ok := answer.(*render.ChangeResult); ok {
		switch change.Status(result.Status) {
		case change.StatusApplied:
			result.AddNote("too late to cancel: everything had been sent")
		case change.StatusApplying:
			result.Note = "it is to stop, and what Intercom has got already is read back first; get_change tells"
		}
	}
	return answer, err
}

// ListChangesInput selects changes.
type ListChangesInput struct {
	// only those that stand so
	Status ChangeStatus `json:"status,omitempty"`
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50"`
	// from next_cursor
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
	got, err := render.Collect(from, in.Limit, func(at render.Position) (intercom.Page[change.Summary], error) {
		list, err := s.store.List(ctx, s.call.Principal, change.Query{Status: change.Status(in.Status), After: at.Page, Limit: at.Size + 1})
		page := intercom.Page[change.Summary]{Items: list, Total: -1}
		if len(list) > at.Size {
			page.Items, page.Next = list[:at.Size], list[at.Size-1].ID
		}
		return page, err
	}, func(*change.Summary) (bool, error) { return true, nil })
	if err != nil {
		return nil, err
	}
	columns := []string{"id", "tool", "what", "status", "created_at", "outcomes"}
	return render.Tabulate(got, binding, columns, func(c *change.Summary) []string {
		return []string{c.ID, c.Tool, s.view.Title(&c.Change, c.Count.Total(), &c.First), string(c.Status), render.ISO(c.CreatedAt), s.view.Outcomes(c)}
	})
}

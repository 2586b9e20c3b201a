package tools

import (
	"context"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// ChangeInput names a change.
type ChangeInput struct {
	// handle, chg_…
	Change string `json:"change"`
}

// findChange reads the change of a handle.
func (s *session) findChange(ctx context.Context, handle string) (change.Change, error) {
	if !change.IsID(handle) {
		return change.Change{}, fail(InvalidArgument, fmt.Sprintf("%q is no change handle.", clip(clean(handle), 40)), "Handles look like chg_ and 26 characters; list_changes shows them.")
	}
	c, err := s.store.Get(ctx, s.call.Principal, handle)
	if err != nil || c.Status != change.StatusAwaiting && c.Status != change.StatusApproved || !time.Now().After(c.ExpiresAt) {
		return c, err
	}
	// Its time is over, which nobody has noticed until now.
	c, err = s.store.Advance(ctx, c.ID, change.Step{To: change.StatusExpired, At: time.Now()})
	if errors.Is(err, change.ErrMoved) {
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
	if c.Status != change.StatusAwaiting || c.Level <= policy.LevelAgent {
		return s.confirm(ctx, c, policy.LevelAgent, "")
	}
	if expired, err := s.expire(ctx, c); expired || err != nil {
		return nil, err
	}
	if c.Level == policy.LevelUser && s.call.CanAsk {
		return s.ask(c)
	}
	return nil, unreachable(c.Level)
}

// unreachable says that the caller's client cannot give the confirmation. It
// does not say which client could.
func unreachable(level policy.Level) *Error {
	return fail(ApprovalUnavailable, fmt.Sprintf("This needs a confirmation at level %s, which your client cannot give.", level),
		"Nothing was changed; tell the user.").with("level", level.String())
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
	by := s.call.Principal
	if via != "" {
		by += " by " + via
	}
	return s.carryOut(ctx, c, &change.Approval{Level: level, By: by, At: time.Now()})
}

// checkApproval holds a yes against what has happened since the plan: a no to
// the same call, and what else was written without a user's confirmation.
func (s *session) checkApproval(ctx context.Context, c change.Change, level policy.Level) error {
	latest, err := s.latest(ctx, c.Effect)
	if err != nil {
		return err
	}
	if declined(latest) {
		return declinedError()
	}
	if level >= policy.LevelUser || c.Undoes != "" {
		return nil
	}
	written, err := s.store.Written(ctx, s.call.Principal, time.Now().Add(-window))
	if err != nil {
		return fmt.Errorf("counting recent writes: %w", err)
	}
	if n, limit := written+change.CountItems(c.Items).Pending, s.policy.Limits.ContactsPer10m; n > limit {
		return fail(PolicyDenied, fmt.Sprintf("The policy forbids this: %d contacts within 10 minutes without a user's confirmation, the limit is %d.", n, limit),
			"Nothing was changed; tell the user.").with("rule", "contacts_per_10m")
	}
	return nil
}

func declinedError() *Error {
	return fail(PolicyDenied, "The user declined this change.", "Nothing was changed.").with("rule", "declined")
}

// expire ends a change that waited too long, with the error that tells so.
func (s *session) expire(ctx context.Context, c change.Change) (bool, error) {
	if c.Status == change.StatusAwaiting && time.Now().After(c.ExpiresAt) {
		_, err := s.store.Advance(ctx, c.ID, change.Step{To: change.StatusExpired, At: time.Now()})
		if err != nil && !errors.Is(err, change.ErrMoved) {
			return false, err
		}
		c.Status = change.StatusExpired
	}
	if c.Status == change.StatusExpired {
		return true, fail(ChangeExpired, "The change waited too long for its confirmation.", "Nothing was changed; plan it again.")
	}
	return false, nil
}

// moved says what to make of a change that another step has taken further.
func (s *session) moved(ctx context.Context, c change.Change, err error) (any, error) {
	if !errors.Is(err, change.ErrMoved) {
		return nil, err
	}
	switch c.Status {
	case change.StatusApplying:
		return s.await(ctx, c.ID)
	case change.StatusDeclined:
		return nil, declinedError()
	case change.StatusCancelled:
		return nil, fail(ChangeUsed, "The change was cancelled.", "Nothing was changed; plan it again if it is still wanted.")
	case change.StatusExpired:
		return nil, fail(ChangeExpired, "The change waited too long for its confirmation.", "Nothing was changed; plan it again.")
	}
	return s.outcome(c)
}

func stale(c change.Change) *Error {
	return fail(ChangeStale, "Intercom changed since the plan: "+c.Reason+".", "Nothing was written; make the plan anew.")
}

// cancelChange takes back a change that waits, or stops one that is applied.
func cancelChange(ctx context.Context, s *session, in ChangeInput) (any, error) {
	c, err := s.findChange(ctx, in.Change)
	if err != nil {
		return nil, err
	}
	c, err = s.store.Advance(ctx, c.ID, change.Step{To: change.StatusCancelled, At: time.Now()})
	if running := s.lookup(c.ID); errors.Is(err, change.ErrMoved) && running != nil {
		running.cancel(errCancelled)
		answer, err := s.await(ctx, c.ID)
		if result, ok := answer.(*ChangeResult); ok && result.Status == string(change.StatusApplied) {
			result.addNote("too late to cancel: everything had been sent")
		}
		return answer, err
	}
	if errors.Is(err, change.ErrMoved) {
		return nil, fail(ChangeUsed, fmt.Sprintf("The change is %s and cannot be cancelled.", c.Status), "get_change shows what it did.")
	}
	if err != nil {
		return nil, err
	}
	return s.receipt(c), nil
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
func listChanges(ctx context.Context, s *session, in ListChangesInput) (*Table, error) {
	if in.Limit == 0 {
		in.Limit = defaultLimit
	}
	binding := s.listBinding(in.Status)
	from, err := decodeCursor(in.Cursor, binding, in.Limit)
	if err != nil {
		return nil, err
	}
	got, err := collect(from, in.Limit, func(at position) (intercom.Page[change.Summary], error) {
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
	columns := []string{"id", "tool", "what", "status", "created_at", "changed", "failed", "unknown"}
	return tabulate(got, binding, columns, func(c *change.Summary) []string {
		return []string{c.ID, c.Tool, c.Title, string(c.Status), isoTime(c.CreatedAt),
			count(c.Count.Changed), count(c.Count.Failed), count(c.Count.Unknown)}
	})
}

// count shows a number in a list: nothing for none.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

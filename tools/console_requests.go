package tools

import (
	"context"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

// ConsoleRequest is what somebody in the console asked of a server that owns the access token, and its answer.
type ConsoleRequest struct {
	Asked    time.Time
	Open     bool      // no server has answered, and one may yet
	Answered time.Time // zero where nobody has
	Stale    bool      // of a check: the targets moved on since the plan
	Moved    []string  // some of those targets, as people know them
	More     int       // others
	Change   string    // of an undo: the change that puts back
	Problem  string    // why it could not be done; "" where it was
}

// movedNamed is how many targets that moved on are named.
const movedNamed = 5

// Servers lists the servers that are there to carry out changes and to answer requests, the latest seen first.
func (c *Console) Servers(ctx context.Context) ([]change.Instance, error) {
	return c.pipeline.store.Shared().Servers.List(ctx, change.SeenWithin)
}

// Check asks a server whether what a change touches is still as it was planned, for a visitor who sees the change.
// Nothing is written to Intercom.
func (c *Console) Check(ctx context.Context, v *Visitor, id string) error {
	s := c.session(v)
	found, err := findForPage(ctx, s, id)
	if err != nil {
		return err
	}
	if found.Status != change.StatusAwaiting {
		return change.ErrStatusChanged
	}
	return c.ask(ctx, v, id, change.RequestCheck)
}

// Undo asks a server to put back what a change wrote: the visitor's own, or as an operator anyone's. The undo is
// planned as the visitor's, and the policy decides about it like about any write.
func (c *Console) Undo(ctx context.Context, v *Visitor, id string) error {
	s := c.session(v)
	found, err := findForPage(ctx, s, id)
	switch {
	case err != nil:
		return err
	case s.isOthers(&found) && !v.Operates():
		return ErrNotAllowed
	case !found.Status.CanBecome(change.StatusUndone):
		return change.ErrStatusChanged
	}
	return c.ask(ctx, v, id, change.RequestUndo)
}

// ask records a request of the visitor's.
func (c *Console) ask(ctx context.Context, v *Visitor, id string, kind change.RequestKind) error {
	by := v.actor()
	by.By = v.Principal
	_, err := c.pipeline.store.Shared().Requests.Ask(ctx,
		change.Request{Change: id, Kind: kind, By: by, Person: v.Person, Roles: countingRoles(v.Roles)})
	return err
}

// Asked returns the latest request of a kind for a change that the visitor sees; nil where there was none.
func (c *Console) Asked(ctx context.Context, v *Visitor, id string, kind change.RequestKind) (*ConsoleRequest, error) {
	request, answer, err := c.pipeline.store.Shared().Requests.Find(ctx, id, kind)
	switch {
	case errors.Is(err, change.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	asked := &ConsoleRequest{Asked: request.AskedAt, Open: answer == nil && request.Open(time.Now())}
	if answer == nil {
		return asked, nil
	}
	s := c.session(v)
	found, err := findForPage(ctx, s, id)
	if err != nil {
		return nil, err
	}
	asked.Answered, asked.Stale, asked.Change = answer.At, answer.Stale, answer.Change
	asked.Problem = text.Clip(text.Clean(s.mask.Redact(answer.Problem)), shownCell)
	for _, at := range answer.Moved {
		if at < 0 || at >= len(found.Items) {
			continue
		}
		if len(asked.Moved) == movedNamed {
			asked.More++
			continue
		}
		asked.Moved = append(asked.Moved, text.Unquote(s.mask.Who(&found.Items[at])))
	}
	return asked, nil
}

// Refused records that something was refused that a visitor wanted of a change, and why. It is bounded in time, and
// ends with the request at the latest after that.
func (c *Console) Refused(ctx context.Context, v *Visitor, id, what string, why error) error {
	if !change.IsID(id) {
		id = ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalWithin)
	defer cancel()
	return c.pipeline.store.Append(ctx, change.Event{Kind: change.KindRefused, Change: id, Principal: v.Principal,
		Facts: map[string]string{"tool": "console " + what, "by": v.Name(), "method": v.Method, "reason": why.Error()}})
}

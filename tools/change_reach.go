package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// The roles that reach beyond a principal's own changes.
const (
	RoleViewer   = "viewer"   // sees the changes of others, masked as everything is for them
	RoleOperator = "operator" // sees, stops and undoes the changes of others
)

// sees reports whether the caller sees the changes of others.
func (c *Call) sees() bool { return c.operates() || slices.Contains(c.Roles, RoleViewer) }

// operates reports whether the caller stops and undoes the changes of others.
func (c *Call) operates() bool { return c.Operator || slices.Contains(c.Roles, RoleOperator) }

// findSeen reads the change of a handle, of the caller or of anyone whose changes the caller sees. For all others it
// does not exist.
func findSeen(ctx context.Context, s *session, handle string) (change.Change, error) {
	if !change.IsID(handle) {
		return change.Change{},
			toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no change handle.", text.Clip(text.Clean(handle), 40)),
				"Handles look like chg_ and 26 characters; list_changes shows them.").OrByHand(listCommand)
	}
	find := func() (change.Change, error) { return s.store.Get(ctx, s.call.Principal, handle) }
	if s.call.sees() {
		find = func() (change.Change, error) { return s.store.Find(ctx, handle) }
	}
	c, err := find()
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

// findOwn reads a change of the caller.
func findOwn(ctx context.Context, s *session, handle string) (change.Change, error) {
	c, err := findSeen(ctx, s, handle)
	if err == nil && s.isOthers(&c) {
		err = toolerr.New(toolerr.PolicyDenied, "The change is another's.", "Who asked for it confirms it.").With("rule",
			"roles")
	}
	return c, err
}

// findOperated reads a change that the caller may stop and undo.
func findOperated(ctx context.Context, s *session, handle string) (change.Change, error) {
	c, err := findSeen(ctx, s, handle)
	if err == nil && s.isOthers(&c) && !s.call.operates() {
		err = toolerr.New(toolerr.PolicyDenied, "The change is another's, which you may see and no more.",
			"An operator may stop or undo it.").With("rule", "roles")
	}
	return c, err
}

// isOthers reports whether another principal asked for a change.
func (s *session) isOthers(c *change.Change) bool { return c.Principal != s.call.Principal }

// countingRoles are the roles that policy and tools see: approver counts in a session that a person opened in the
// console, and nowhere else.
func countingRoles(roles []string) []string {
	return slices.DeleteFunc(slices.Clone(roles), policy.IsApprover)
}

package tools

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

// ErrNoReason: a decline takes a word to whoever asked.
var ErrNoReason = errors.New("a decline takes a reason")

// maxWord is how many columns of a visitor's word are kept.
const maxWord = 500

// word is what a visitor says to whoever asked, on one line.
func word(reason string) string { return text.Clip(strings.TrimSpace(text.Clean(reason)), maxWord) }

// approval is the step by which a visitor approves a plan.
func (c *Console) approval(v *Visitor, plan, reason string) change.Step {
	inForce, now := c.pipeline.current(), time.Now()
	return change.Step{To: change.StatusApproved, At: now, SelfApproval: inForce.Confirm.SelfApproval,
		Approval: &change.Approval{Level: policy.LevelApprover, By: v.Principal, Method: v.Method, At: now,
			Revision: inForce.Revision, Person: v.Person, Roles: slices.Clone(v.Roles), Plan: plan, Reason: word(reason)}}
}

// Approve records the visitor's yes to a change, for the plan that they saw, by [change.PlanHash]: it is carried out
// once enough people have approved it. The errors are those of an approval in [change], [change.ErrStatusChanged] where
// the change is decided already, and a [change.FrozenError].
func (c *Console) Approve(ctx context.Context, v *Visitor, id, plan, reason string) error {
	if !v.Approves() {
		return change.ErrNotApprover
	}
	store := c.pipeline.store
	_, answer, err := store.Shared().Requests.Find(ctx, id, change.RequestCheck)
	switch {
	case err != nil && !errors.Is(err, change.ErrNotFound):
		return err
	case answer != nil && answer.Stale:
		return change.ErrPlanStale
	}
	_, err = store.Advance(ctx, id, c.approval(v, plan, reason))
	if errors.Is(err, change.ErrOverdue) {
		_, failed := store.Advance(ctx, id, change.Step{To: change.StatusExpired, At: time.Now()})
		if failed != nil && !errors.Is(failed, change.ErrStatusChanged) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// Decline ends a change that waits for approvers by the visitor's no, with a word to whoever asked. It takes the role
// approver. The errors are [ErrNotAllowed], [ErrNoReason], and [change.ErrStatusChanged] where the change is decided
// already.
func (c *Console) Decline(ctx context.Context, v *Visitor, id, reason string) error {
	if !v.Approves() {
		return ErrNotAllowed
	}
	if reason = word(reason); reason == "" {
		return ErrNoReason
	}
	_, err := c.pipeline.store.Advance(ctx, id, change.Step{To: change.StatusDeclined, At: time.Now(),
		Actor:  change.Actor{By: v.Principal, Level: policy.LevelApprover, Method: v.Method},
		Reason: "declined by " + v.Name() + ": " + text.Quote(reason),
		Decide: func(waits *change.Change, _ change.Recent) error {
			switch {
			case waits.Level != policy.LevelApprover:
				return ErrNotAllowed // it waits for who asked
			case waits.Overdue(time.Now()):
				return change.ErrOverdue
			}
			return nil
		}})
	return err
}

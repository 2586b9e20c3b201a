package tools

import (
	"context"
	"fmt"
	"slices"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// undoChange plans to put back what a change wrote, or what it wrote to some. A part is put back only where it still
// holds what was written; the rest is a conflict, and so is whom the call leaves out: the change stands for them. The
// plan is a change like any other, and can be undone itself.
func undoChange(ctx context.Context, s *session, in UndoInput) (*draft, error) {
	c, err := findOperated(ctx, s, in.Change)
	if err != nil {
		return nil, err
	}
	if c, err = settled(ctx, s, c); err != nil {
		return nil, err
	}
	if err := undoable(&c); err != nil {
		return nil, err
	}
	left, err := in.narrow(ctx, s, &c)
	if err != nil {
		return nil, err
	}
	undo, err := engine.PlanUndo(ctx, s.planner(), s.words(), &c)
	if err != nil {
		return nil, err
	}
	if len(undo.Items) > 0 {
		if left != "" {
			undo.Conflicts = append(undo.Conflicts, left)
		}
		return &draft{verb: "put back", noun: undo.Noun, undoes: c.ID, items: undo.Items, sideEffects: undo.SideEffects,
			conflicts: undo.Conflicts, part: left != ""}, nil
	}
	if len(undo.Conflicts) == 0 {
		recent, err := s.store.Recent(ctx, change.Change{Principal: s.call.Principal, Undoes: c.ID}, time.Now())
		if err != nil {
			return nil, err
		}
		if recent.Undoing != nil { // another call was quicker
			return nil, undoneBy(s, recent.Undoing, left != "")
		}
		undo.Conflicts = []string{"nothing that it wrote is there any more"}
	}
	return nil, toolerr.New(toolerr.ChangeUsed, "Nothing can be put back: "+text.ListFew(undo.Conflicts, 1)+".",
		"Nothing was changed.")
}

// undoneBy is the error of an undo where a change puts the same back already: the caller's own is what the call led to,
// unless it was asked for a part, which may be another one.
func undoneBy(s *session, c *change.Change, part bool) error {
	if part {
		return toolerr.New(toolerr.Busy, "Another call is putting some of the change back, or all of it.",
			"Nothing was changed by this call; make it again in a minute.")
	}
	if !s.isOthers(c) {
		return &sameAs{c}
	}
	return toolerr.New(toolerr.ChangeUsed, "Somebody else is putting it back, or has done so.",
		"Nothing was changed by this call; get_change tells how the change stands.").OrByHand(
		"Nothing was changed; 'intercom-mcp changes show' tells how the change stands.")
}

// undoable refuses to undo what wrote nothing, or may still write.
func undoable(c *change.Change) *toolerr.Error {
	switch c.Status {
	case change.StatusApplied, change.StatusPartial, change.StatusUnknown, change.StatusStopped, change.StatusFailed:
	case change.StatusUndone:
		return toolerr.New(toolerr.ChangeUsed, "The change was undone before.",
			"list_changes shows the change that did; undo that one to get back.").OrByHand(
			"'intercom-mcp changes list' shows the change that did; undo that one to get back.")
	case change.StatusAwaiting:
		return toolerr.New(toolerr.ChangeUsed,
			"The change waits for its confirmation: it wrote nothing that could be put back.",
			"cancel_change takes it back.").OrByHand("'intercom-mcp changes stop " + c.ID + "' takes it back.")
	case change.StatusApplying, change.StatusApproved:
		return toolerr.New(toolerr.ChangeUsed, "The change is still being applied.",
			"Wait for its end, or cancel_change it; then undo it.").OrByHand(
			"Wait for its end, or stop it by 'intercom-mcp changes stop " + c.ID + "'; then undo it.")
	default:
		return wroteNothing(c)
	}
	switch {
	case c.Purged:
		return toolerr.New(toolerr.ChangeUsed, "The change is too old: what it wrote is on record no more.",
			"Nothing was changed.")
	case engine.MayBeWritten(c):
		return nil
	case slices.ContainsFunc(c.Items, func(item change.Item) bool { return item.Erased }):
		return toolerr.New(toolerr.ChangeUsed, "The contact was erased: what was written to it is on record no more.",
			"Nothing was changed.")
	}
	return wroteNothing(c)
}

// wroteNothing refuses to undo a change that has ended, and of which nothing is in Intercom.
func wroteNothing(c *change.Change) *toolerr.Error {
	return toolerr.New(toolerr.ChangeUsed, fmt.Sprintf("The change ended as %s: it wrote nothing that could be put back.",
		c.Status), "")
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// Undo is the plan to put back what a change wrote.
type Undo struct {
	Items       []change.Item
	Conflicts   []string // what is not put back, and why, for a person
	SideEffects []string
	Noun        string // what the targets are, where they are no contacts
}

// undoing plans the reverse of a change. A part is put back only where it still holds what was written, whatever the
// outcome of its item was called, and was not proven missing when it was read back; the rest is a conflict.
type undoing struct {
	client   *intercom.Client
	words    Words
	planner  *Planner
	ended    time.Time // when the change was over
	now      map[string]*intercom.Contact
	searched bool
	plan     Undo
}

// PlanUndo plans the reverse of a change that has ended. The plan is a change like any other, and can be undone itself.
func PlanUndo(ctx context.Context, planner *Planner, words Words, c *change.Change) (Undo, error) {
	planner.exact = true
	u := &undoing{client: planner.Client, words: words, planner: planner, ended: c.EndedAt}
	var ids []string
	for i := range c.Items {
		if item := &c.Items[i]; mayBeWritten(item) && operationOf(item.Patch).reads().undo {
			ids = append(ids, item.TargetID)
		}
	}
	var err error
	if u.now, u.searched, err = directory.ReadFresh(ctx, u.client, ids, nil); err != nil {
		return Undo{}, err
	}
	if u.searched {
		u.plan.SideEffects = append(u.plan.SideEffects, fmt.Sprintf(
			"More than %d contacts are compared by Intercom's search: what was written to them in the last minutes may be "+
				"written over.", directory.FreshContacts))
	}
	for i := range c.Items {
		if item := &c.Items[i]; item.Erased && item.Outcome.Wrote() {
			u.conflict(item, "erased, so that nobody knows what was written and what was there before")
		}
		if item := &c.Items[i]; mayBeWritten(item) {
			if err := operationOf(item.Patch).undo(ctx, u, item); err != nil {
				return Undo{}, err
			}
		}
	}
	u.plan.Items = planner.Items
	return u.plan, nil
}

// mayBeWritten reports whether some of an item may hold what it was to write: it was sent, and not proven to
// have had no effect. Older records of what failed do not say which parts are missing.
func mayBeWritten(item *change.Item) bool {
	return item.Outcome != change.Unchanged && item.Outcome != change.NotSent && item.Outcome != change.Pending &&
		!item.Erased && item.TargetID != "" && (item.Outcome != change.Failed || item.Missing == nil)
}

// MayBeWritten reports whether something of a change may hold what it was to write, so that an undo makes sense.
func MayBeWritten(c *change.Change) bool {
	return slices.ContainsFunc(c.Items, func(item change.Item) bool { return mayBeWritten(&item) })
}

// conflict notes what of an item is not put back.
func (u *undoing) conflict(item *change.Item, what string) {
	u.plan.Conflicts = append(u.plan.Conflicts, u.words.Who(item)+": "+what)
}

// restore plans an operation on the whole record of an item.
func (u *undoing) restore(item *change.Item, op change.Operation) {
	u.planner.Items = append(u.planner.Items, change.Item{TargetID: item.TargetID, Label: item.Label,
		LabelField: item.LabelField, Patch: change.Patch{Op: op}})
}

// cannotTell is the conflict of what cannot be compared with what was written.
func cannotTell(err error) string {
	var odd *intercom.UnreadableError
	errors.As(err, &odd)
	return "is left as it is, since it cannot be read (" + text.Clip(text.Clean(odd.Error()), 120) + ")"
}

// contact is an item's contact as it is now; nil where it is gone, or cannot be read. That is a conflict, unless the
// item failed, and so wrote nothing that could be missed. Whom a search does not show may be there.
func (u *undoing) contact(ctx context.Context, item *change.Item) (*intercom.Contact, error) {
	if c := u.now[item.TargetID]; c != nil {
		return c, nil
	}
	c, err := u.client.Contacts.Get(ctx, item.TargetID)
	switch {
	case err == nil:
		return &c, nil
	case isUnreadable(err):
		u.conflict(item, cannotTell(err))
	case !directory.Gone(err):
		return nil, err
	case item.Outcome != change.Failed:
		what := whereGone(err)
		if what == isHidden {
			what += "; if archived, bring them back first: unarchive_contacts " + item.TargetID
		}
		u.conflict(item, what)
	}
	return nil, nil
}

// maybeWritten is what of an item's patch may have been written: what is proven not to be is not ours to put back.
func maybeWritten(item *change.Item) change.Patch {
	if item.Code == string(toolerr.OutcomeUnknown) {
		return item.Patch // what did not show may have come about since
	}
	return item.Patch.Without(item.Missing)
}

// reverse makes the patch that puts an item back, given how its target looks now; what no longer holds what was written
// is a conflict.
func (u *undoing) reverse(item *change.Item, now change.Image) (change.Patch, []string) {
	patch := change.Patch{Op: item.Patch.Op, Set: make(map[string]any), Dates: item.Patch.Dates}
	sent := maybeWritten(item)
	var conflicts []string
	for _, field := range slices.Sorted(maps.Keys(sent.Set)) {
		written, before := sent.Set[field], item.Before.Value(field)
		switch {
		case field == "role" && written == "user" && now.Set[field] == "user":
			conflicts = append(conflicts, "a user cannot become a lead again")
		case u.hides(item, field): // whatever it holds: see [masking.blind]
			if item.Outcome != change.Failed {
				patch.Set[field] = before
			}
		case record.Exactly(field, now.Set[field], before): // it never was written, or was put back
		case record.Shows(field, isTime(item, field), before, written, now.Set[field]):
			patch.Set[field] = before
		case !record.Same(field, now.Set[field], before):
			conflicts = append(conflicts, fmt.Sprintf("%s was changed to %s since", field,
				u.words.Value(item, field, now.Set[field])))
		}
	}
	// What was added is removed if it is still there, and the other way round.
	patch.RemoveTags = within(sent.AddTags, now.Tags)
	patch.AddTags = without(sent.RemoveTags, now.Tags)
	patch.RemoveCompanies = within(sent.AddCompanies, now.Companies)
	patch.AddCompanies = without(sent.RemoveCompanies, now.Companies)
	return patch, conflicts
}

// leave marks the item that was planned last with what a patch does not put back of the one that it undoes, given how
// its target looks now, since another client wrote there; and with the zeros that it puts something in the place of,
// where Intercom shows these as nothing.
func (u *undoing) leave(item *change.Item, put change.Patch, now change.Image) {
	planned := &u.planner.Items[len(u.planner.Items)-1]
	sent := maybeWritten(item)
	for _, field := range slices.Sorted(maps.Keys(sent.Set)) {
		_, back := put.Set[field]
		if back && !u.hides(item, field) && record.Empty(now.Set[field]) && !record.Empty(sent.Set[field]) {
			if planned.Before.Hidden == nil {
				planned.Before.Hidden = make(map[string]any)
			}
			planned.Before.Hidden[field] = sent.Set[field]
		}
		if !back && !u.hides(item, field) && !record.Same(field, now.Set[field], item.Before.Set[field]) {
			planned.LeftAlone = append(planned.LeftAlone, field)
		}
	}
}

// hides reports whether nothing may be told of what a field of an item holds, or held.
func (u *undoing) hides(item *change.Item, field string) bool {
	return guessable(u.words.Masks, item, change.Part{Field: field})
}

// ownWrites is how long after the end of a change Intercom's clock may date what the change wrote. Where the clocks
// differ by more, an own write is reported as another client's.
const ownWrites = 2 * time.Second

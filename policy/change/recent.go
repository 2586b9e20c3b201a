package change

import (
	"fmt"
	"slices"
	"time"
)

const (
	// Window is the sliding interval in which written targets count toward the limits of a policy.
	Window = 10 * time.Minute
	// DeclineHolds is how long a decline blocks the same write.
	DeclineHolds = 30 * time.Minute
)

// Recent is what a decision about one change depends on besides the change: what the principal's other changes wrote
// lately, or are about to, and what a person declined.
type Recent struct {
	// Unconfirmed counts the different targets that were written within [Window], or are about to be, unconfirmed at
	// any level, the agent's included. The targets of the change that is decided about count as well.
	Unconfirmed int
	// Written counts the different targets of all changes within [Window] likewise, whoever confirmed them.
	Written int
	// Notes counts, for a change that adds notes, the different targets that got some within [Window], or are about to,
	// unconfirmed, its own included; 0 for others.
	Notes int
	// Latest is the principal's newest change of the same fingerprint that has written something that stands, or may
	// yet, without its items; nil where there is none.
	Latest *Change
	// Undoing is the newest change, of any principal, that undoes the same change as this one, and is about to write it,
	// or has undone it completely; nil where there is none, and for changes that undo nothing.
	Undoing *Change
	// Writing is the newest change, of any principal, that is being applied, by a process that lives or that has died, and
	// may yet write a part that this one is about to write; nil where there is none.
	Writing *Change
	// Declined reports that a person declined, within [DeclineHolds], all that the change would write: the same, or
	// more than that.
	Declined bool
	// Waiting counts the principal's other changes that wait for a confirmation, and are not overdue; WaitingBytes is how
	// large those are as they are stored.
	Waiting      int
	WaitingBytes int64
	// Unanswered counts the principal's other changes for which a user was to be asked within [Window], and said no, or
	// has not said yes.
	Unanswered int
	// Contested reports that a person declined a part of it only, or other values for the same fields of the same targets.
	Contested bool
}

// Decide completes a change by what is known of the recent past: it may set everything but the items. Its error becomes
// that of the call which the decision is part of, and nothing is recorded then. It must not call the store.
type Decide func(c *Change, recent Recent) error

// MayHaveEffect reports whether an item with this outcome counts as written, or is about to be.
func (o Outcome) MayHaveEffect() bool { return o == Pending || o.Wrote() }

// Target names what the item at index of a change writes to. A target that is yet to be created is like no other.
func (i *Item) Target(changeID string, index int) string {
	if i.TargetID != "" {
		return i.TargetID
	}
	return fmt.Sprintf("%s#%d", changeID, index)
}

// WrittenTargets lists the targets of the items that may have an effect, item by item.
func (c *Change) WrittenTargets() []string {
	var targets []string
	for i := range c.Items {
		if c.Items[i].Outcome.MayHaveEffect() {
			targets = append(targets, c.Items[i].Target(c.ID, i))
		}
	}
	return targets
}

// AddsNotes reports whether the change adds notes.
func (c *Change) AddsNotes() bool {
	return slices.ContainsFunc(c.Items, func(i Item) bool { return i.Patch.Note != nil })
}

package change

import (
	"fmt"
	"slices"
	"time"
)

// codeUnknown is the [Failure] code of what may or may not have happened.
const codeUnknown = "outcome_unknown"

// CheckNew reports why a change cannot be recorded as a new one.
func (c *Change) CheckNew() error {
	if c.Status != StatusAwaiting && c.Status != StatusApproved {
		return fmt.Errorf("a new change is awaiting or approved, not %s", c.Status)
	}
	return nil
}

// Decide has decide complete the change, or refuse what is about to be done.
func (c *Change) Decide(decide Decide, recent func() (Recent, error)) error {
	if decide == nil {
		return nil
	}
	lately, err := recent()
	if err != nil {
		return err
	}
	return decide(c, lately)
}

// Take makes a step where the table of transitions allows it. What waits for a
// confirmation starts with one at its level, or not at all.
func (c *Change) Take(step Step) error {
	if !c.Status.CanBecome(step.To) {
		return ErrStatusChanged
	}
	if c.Status == StatusAwaiting && step.To == StatusApplying && (step.Approval == nil || step.Approval.Level < c.Level) {
		return ErrUnapproved
	}
	c.Status = step.To
	c.Reason = step.Reason
	switch {
	case step.To == StatusApplying:
		c.Approval, c.AppliedAt = step.Approval.clone(), step.At
	case step.To.Ended():
		c.EndedAt = step.At
	}
	return nil
}

// Unresolved are the outcomes that a step brings to items which have none: work
// whose outcome nobody knows leaves none of them pending.
func (c *Change) Unresolved(step Step) []Recorded {
	if c.Status != StatusApplying || step.To != StatusUnknown {
		return nil
	}
	var outcomes []Recorded
	for i := range c.Items {
		if c.Items[i].Outcome == Pending {
			outcomes = append(outcomes, Recorded{Index: i, Outcome: Unknown, Failure: Failure{Code: codeUnknown, Reason: step.Reason}})
		}
	}
	return outcomes
}

// Record stores outcomes in their items.
func (c *Change) Record(outcomes []Recorded) {
	for _, r := range outcomes {
		c.Items[r.Index].Record(r)
	}
}

// CheckRecord reports why outcomes of the items at these indexes cannot be
// recorded.
func (c *Change) CheckRecord(items int, outcomes []Recorded) error {
	if c.Status != StatusApplying {
		return ErrStatusChanged
	}
	for _, r := range outcomes {
		if r.Index < 0 || r.Index >= items {
			return fmt.Errorf("the change has %d items, there is none at %d", items, r.Index)
		}
	}
	return nil
}

// Record stores an outcome in its item.
func (i *Item) Record(r Recorded) {
	i.Outcome, i.Missing, i.Failure = r.Outcome, r.Missing, r.Failure
	if r.TargetID != "" {
		i.TargetID = r.TargetID
	}
	if r.Created != "" {
		i.Created = r.Created
	}
}

// Overdue reports whether a change waits still, and may not be begun any more.
func (c *Change) Overdue(now time.Time) bool {
	waiting := c.Status == StatusAwaiting || c.Status == StatusApproved
	return waiting && !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt)
}

// over reports whether a change has ended, or nobody said yes in time.
func (c *Change) over(now time.Time) bool { return c.Status.Ended() || c.Overdue(now) }

// PurgeValues drops the values of a change; what became of it stays.
func (c *Change) PurgeValues() {
	c.Purged, c.SideEffects, c.Conflicts, c.Notes = true, nil, nil, nil
	if c.Status == StatusStale {
		c.Reason = "" // tells who it was
	}
	for i := range c.Items {
		item := &c.Items[i]
		*item = Item{TargetID: item.TargetID, Patch: Patch{Op: item.Patch.Op}, Outcome: item.Outcome, Failure: Failure{Code: item.Code}, Created: item.Created}
	}
}

// StartedAt is when the change was approved unasked or started to be applied;
// zero for one that wrote nothing and will not.
func (c *Change) StartedAt() time.Time {
	switch c.Status {
	case StatusApproved:
		return c.CreatedAt
	case StatusApplying, StatusApplied, StatusPartial, StatusFailed, StatusUnknown, StatusStopped, StatusUndone:
		return c.AppliedAt
	}
	return time.Time{}
}

// Clone copies what a holder may change: the slices and the approval. Patches
// and images are shared, since nobody modifies them once planned.
func (c *Change) Clone() Change {
	copied := *c
	copied.Items = slices.Clone(c.Items)
	copied.SideEffects, copied.Conflicts = slices.Clone(c.SideEffects), slices.Clone(c.Conflicts)
	copied.Notes, copied.Masked = slices.Clone(c.Notes), slices.Clone(c.Masked)
	copied.Approval = c.Approval.clone()
	return copied
}

func (a *Approval) clone() *Approval {
	if a == nil {
		return nil
	}
	copied := *a
	return &copied
}

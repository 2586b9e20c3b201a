package change

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"intercom-mcp/policy"
)

// codeUnknown is the [Failure] code of what may or may not have happened.
const codeUnknown = "outcome_unknown"

// defaultExecuteWithin is how long an approval holds of a change that does not say.
const defaultExecuteWithin = time.Hour

// DecideNew completes a new change by a decision, unless that is nil, and returns an error where it cannot be recorded
// then.
func (c *Change) DecideNew(decide Decide, recent func() (Recent, error)) error {
	if err := decide.about(c, recent); err != nil {
		return err
	}
	switch {
	case c.Status == StatusApplying && (c.AppliedAt.IsZero() || c.Approval != nil):
		return errors.New("a new change that is applying has started, and nobody confirmed it")
	case c.Status != StatusAwaiting && c.Status != StatusApproved && c.Status != StatusApplying:
		return fmt.Errorf("a new change is awaiting, approved or applying, not %s", c.Status)
	}
	return nil
}

// about completes a change by the decision, unless that is nil, which is told what a store knows of the recent past.
func (d Decide) about(c *Change, recent func() (Recent, error)) error {
	if d == nil {
		return nil
	}
	lately, err := recent()
	if err != nil {
		return err
	}
	return d(c, lately)
}

// Advance takes a step of a change as a store has it, with what belongs to the step: it records the outcomes that the
// step brings, and decides, before it takes it. It returns the outcomes that the step leaves unresolved, which are to
// be recorded after it. Where it returns an error, the change may be half way. owned tells whether the store is the
// owner of the change; frozen returns the freeze in force, as an error; recent is what a decision about the change
// depends on.
func (c *Change) Advance(
	step Step, owned bool, frozen func() error, recent func() (Recent, error),
) (unresolved []Recorded, err error) {
	switch {
	case !c.Status.CanBecome(step.To):
		return nil, ErrStatusChanged
	case c.Status == StatusApplying && !owned:
		return nil, ErrFenced
	}
	if step.To.Starts() {
		if err := frozen(); err != nil {
			return nil, err
		}
	}
	if len(step.Outcomes) > 0 {
		if err := c.CheckRecord(len(c.Items), step.Outcomes); err != nil {
			return nil, err
		}
		c.Record(step.Outcomes)
	}
	unresolved = c.unresolved(step)
	if err := step.Decide.about(c, recent); err != nil {
		return nil, err
	}
	return unresolved, c.Take(step)
}

// NeedsItems reports whether taking the step goes by the items of the change, or whoever takes it wants them.
func (s *Step) NeedsItems() bool {
	if !s.KnowsItems || s.Decide != nil || len(s.Outcomes) > 0 {
		return true
	}
	return s.To == StatusUnknown || s.To == StatusDeclined || s.To == StatusApproved
}

// Take takes a step that the table of transitions allows, else it returns [ErrStatusChanged]. A change that awaits
// confirmation starts with an approval at its level, else it returns [ErrUnapproved]; at LevelApprover it starts from
// approved alone, which it becomes once enough people have approved it, each by a step to approved.
func (c *Change) Take(step Step) error {
	if !c.Status.CanBecome(step.To) {
		return ErrStatusChanged
	}
	if c.Status == StatusAwaiting && step.To == StatusApproved {
		return approve(c, step)
	}
	if c.Status == StatusAwaiting && step.To == StatusApplying && (step.Approval == nil ||
		step.Approval.Level < c.Level || c.Level == policy.LevelApprover) {
		return ErrUnapproved
	}
	c.Status = step.To
	c.Reason = step.Reason
	switch {
	case step.To == StatusApplying:
		if len(c.Approvals) == 0 {
			c.Approval = step.Approval.clone()
		}
		c.AppliedAt, c.JobsOnRecord = step.At, true
	case step.To.Ended():
		c.EndedAt = step.At
	}
	return nil
}

// unresolved returns the outcomes that a step brings to pending items: those of a run that ends as unknown are unknown.
// It must be called before the step is taken.
func (c *Change) unresolved(step Step) []Recorded {
	if c.Status != StatusApplying || step.To != StatusUnknown {
		return nil
	}
	var outcomes []Recorded
	for i := range c.Items {
		if c.Items[i].Outcome == Pending {
			failure := Failure{Code: codeUnknown, Reason: step.Reason}
			outcomes = append(outcomes, Recorded{Index: i, Outcome: Unknown, Failure: failure})
		}
	}
	return outcomes
}

// CheckRecord returns an error where outcomes cannot be recorded for a change of so many items.
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

// Record stores outcomes in their items.
func (c *Change) Record(outcomes []Recorded) {
	for _, r := range outcomes {
		c.Items[r.Index].Record(r)
	}
}

// Record stores an outcome in its item, and returns it as it stands there: a target or a creation that was recorded
// before stays. The item of Index must be the one of r.
func (i *Item) Record(r Recorded) Recorded {
	i.Outcome, i.Failure, i.Missing = r.Outcome, r.Failure, r.Missing
	if r.TargetID != "" {
		i.TargetID = r.TargetID
	}
	if r.Created != "" {
		i.Created = r.Created
	}
	return i.recorded(r.Index)
}

// recorded is what was recorded of the item at index.
func (i *Item) recorded(index int) Recorded {
	return Recorded{
		Index: index, Outcome: i.Outcome, Failure: i.Failure, TargetID: i.TargetID, Created: i.Created, Missing: i.Missing,
	}
}

// UnchangedAsPlanned reports whether the item was so when planned, and was neither sent nor read since. What makes or
// brings back its target is changed once it is sent.
func (i *Item) UnchangedAsPlanned() bool {
	traits := i.Patch.Traits()
	return i.Outcome == Unchanged && !i.Erased && (i.Patch.Empty() || traits.LateID || traits.Leaves == LeavesShown)
}

// Overdue reports whether a change still waits, and may not be started any more.
func (c *Change) Overdue(now time.Time) bool {
	waiting := c.Status == StatusAwaiting || c.Status == StatusApproved
	return waiting && !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt)
}

// StatusAt is the status that a change has at a time, whether or not it is on record already that it has expired; at
// the zero time it is the one on record.
func (c *Change) StatusAt(at time.Time) Status {
	if c.Overdue(at) {
		return StatusExpired
	}
	return c.Status
}

// PurgeValues drops the values of a change. Ids and outcomes stay.
func (c *Change) PurgeValues() {
	c.Purged, c.SideEffects, c.Conflicts, c.Notes = true, nil, nil, nil
	if c.Status == StatusStale {
		c.Reason = "" // names the contact
	}
	for i := range c.Items {
		item := &c.Items[i]
		*item = Item{
			TargetID: item.TargetID, Patch: Patch{Op: item.Patch.Op},
			Outcome: item.Outcome, Failure: Failure{Code: item.Code}, Created: item.Created, Erased: item.Erased,
		}
	}
}

// StartedAt is when the change was approved, or started to be applied; zero for a change that
// wrote nothing and will not.
func (c *Change) StartedAt() time.Time {
	switch c.Status {
	case StatusApproved:
		if c.Approval != nil {
			return c.Approval.At
		}
		return c.CreatedAt
	case StatusApplying, StatusApplied, StatusPartial, StatusFailed, StatusUnknown, StatusStopped, StatusUndone:
		return c.AppliedAt
	}
	return time.Time{}
}

// ApprovalLevel is the level at which the change was confirmed; LevelNone where nobody confirmed it.
func (c *Change) ApprovalLevel() policy.Level {
	if c.Approval == nil {
		return policy.LevelNone
	}
	return c.Approval.Level
}

// CountedLevel is the level at which the change counts for windows: that of its confirmation, but none where an agent
// confirmed what no rule asked a confirmation for, so that a preview asked for keeps nothing out of a window.
func (c *Change) CountedLevel() policy.Level {
	if level := c.ApprovalLevel(); level != policy.LevelAgent || c.Decision.Verdict != policy.Allow {
		return level
	}
	return policy.LevelNone
}

// Clone copies what a holder may change: the slices and the approval. Patches and images are shared, since nobody
// modifies them once planned.
func (c *Change) Clone() Change {
	copied := *c
	copied.Items = slices.Clone(c.Items)
	copied.SideEffects, copied.Conflicts = slices.Clone(c.SideEffects), slices.Clone(c.Conflicts)
	copied.Notes, copied.Masked = slices.Clone(c.Notes), slices.Clone(c.Masked)
	copied.Jobs, copied.Roles = slices.Clone(c.Jobs), slices.Clone(c.Roles)
	copied.Approval, copied.Approvals = c.Approval.clone(), slices.Clone(c.Approvals)
	return copied
}

func (a *Approval) clone() *Approval {
	if a == nil {
		return nil
	}
	copied := *a
	return &copied
}

package stored

import "intercom-mcp/policy/change"

// NeedsItems reports whether taking a step goes by the items of the change, or whoever takes it wants them.
func NeedsItems(step change.Step) bool {
	if !step.KnowsItems || step.Decide != nil || len(step.Outcomes) > 0 {
		return true
	}
	return step.To == change.StatusUnknown || step.To == change.StatusDeclined || step.To == change.StatusApproved
}

// Advance takes a step of a change as it is kept, and returns the outcomes that the step leaves unresolved, which are
// to be recorded after it. The change may be another one where it returns an error. owned tells whether the store owns
// the change; frozen returns the freeze in force, as an error; recent is what a decision about the change depends on.
func Advance(
	c *change.Change, step change.Step, owned bool, frozen func() error, recent func() (change.Recent, error),
) (unresolved []change.Recorded, err error) {
	switch {
	case !c.Status.CanBecome(step.To):
		return nil, change.ErrStatusChanged
	case c.Status == change.StatusApplying && !owned:
		return nil, change.ErrFenced
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
	unresolved = c.Unresolved(step)
	if err := c.Decide(step.Decide, recent); err != nil {
		return nil, err
	}
	return unresolved, c.Take(step)
}

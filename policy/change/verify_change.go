package change

import (
	"slices"
	"time"
)

// Change compares a change, with its items, with the trail; stop is the zero StopRequest where nobody requested one. Of
// a purged change only the outcomes are left to compare.
func (v *Verifier) Change(c *Change, stop StopRequest) error {
	if known, err := v.compare(c, stop); !known || err != nil || c.Status != StatusDeclined {
		return err
	}
	return v.declines.expect(c)
}

// compare compares a change with the trail, and reports whether that knows it.
func (v *Verifier) compare(c *Change, stop StopRequest) (known bool, err error) {
	x, problems, err := v.changes.take(c.ID)
	if err != nil {
		return false, err
	}
	for _, problem := range problems {
		v.problem("%v", problem)
	}
	if x == nil {
		v.problem("change %s is not in the trail", c.ID)
		return false, nil
	}
	if err := v.checkHead(c, stop, x); err != nil {
		return true, err
	}
	return true, v.checkItems(c, x)
}

// checkHead compares a change without its items.
func (v *Verifier) checkHead(c *Change, stop StopRequest, x *expectedState) error {
	if c.Status != x.status {
		v.problem("change %s is %s, the trail tells %q", c.ID, c.Status, x.status)
	}
	by := ""
	if c.Approval != nil {
		by = c.Approval.By
	}
	if level := c.ApprovalLevel().String(); level != x.approval || by != x.by {
		v.problem("change %s is confirmed at level %s by %q, the trail tells %s by %q", c.ID, level, by, x.approval, x.by)
	}
	if !sameJobs(c.Jobs, x.jobs) {
		v.problem("the bulk jobs of change %s are not those that the trail tells", c.ID)
	}
	if c.Purged != x.purged || stop != x.stop {
		v.Misplaced(c.ID)
	}
	plan, err := hashPlan(c)
	if err != nil {
		return err
	}
	state, err := hashState(c)
	switch {
	case err != nil:
		return err
	case x.purged:
	case plan != x.plan:
		v.problem("change %s is not the one that was planned", c.ID)
	case state != x.state:
		v.problem("change %s did not come to where it stands as the trail tells", c.ID)
	}
	return nil
}

// Misplaced reports a change that the store finds by other facts than the change's own.
func (v *Verifier) Misplaced(id string) {
	v.problem("change %s is found by other facts than its own", id)
}

// MisplacedEvent reports an event that the store finds by other facts than the event's own.
func (v *Verifier) MisplacedEvent(seq int64) {
	v.problem("event %d is found by other facts than its own", seq)
}

// checkItems compares the items of a change.
func (v *Verifier) checkItems(c *Change, x *expectedState) error {
	if len(c.Items) != len(x.outcomes) {
		v.problem("change %s has %d items, the trail tells %d", c.ID, len(c.Items), len(x.outcomes))
		return nil
	}
	planned, err := hashItems(c)
	if err != nil {
		return err
	}
	if !x.purged && planned != x.items {
		v.problem("the items of change %s are not those that were planned", c.ID)
		return nil
	}
	matches, err := x.outcomesMatch(c)
	if err == nil && !matches {
		v.MisplacedItems(c.ID)
	}
	return err
}

// MisplacedItems reports a change whose items have other outcomes, or stand in other places, than the trail records.
func (v *Verifier) MisplacedItems(id string) {
	v.problem("items of change %s did not come to what the trail tells", id)
}

// outcomesMatch reports whether the outcomes of items, what was created for them, and the reasons unless they were
// purged, are those that were recorded. Only the latest record of an item counts.
func (x *expectedState) outcomesMatch(c *Change) (bool, error) {
	items := c.Items
	latest := make([]int, len(items)) // the batch that recorded an item last, from 1; 0 for none
	for n, b := range x.batches {
		for _, i := range b.items {
			latest[i] = n + 1
		}
	}
	for i := range items {
		item := &items[i]
		blank := item.Code == "" && item.Reason == "" && len(item.Facts) == 0 && item.Created == "" && len(item.Missing) == 0
		if item.Outcome != outcomeCodes[x.outcomes[i]] || latest[i] == 0 && !blank {
			return false, nil
		}
	}
	for n, b := range x.batches {
		hashes, stands := newRecordHashes(c), true
		for _, i := range slices.Sorted(slices.Values(b.items)) {
			stands = stands && latest[i] == n+1
			if err := hashes.add(items[i].recorded(i)); err != nil {
				return false, err
			}
		}
		if digest, reasons := hashes.sums(); stands && (digest != b.digest || !x.purged && reasons != b.reasons) {
			return false, nil
		}
	}
	return true, nil
}

// Decline compares a key that the store keeps of a decline with the changes. All changes come before.
func (v *Verifier) Decline(principal string, at time.Time, key DeclineKey) {
	v.declines.keep(principal, at, key)
}

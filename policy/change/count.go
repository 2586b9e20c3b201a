package change

// Count sums up the items' outcomes.
type Count struct{ Pending, Changed, Unchanged, Failed, Unknown int }

// Total is the number of items counted.
func (n Count) Total() int { return n.Pending + n.Changed + n.Unchanged + n.Failed + n.Unknown }

// CountItems sums up the outcomes of items.
func CountItems(items []Item) Count {
	var n Count
	for i := range items {
		n.Add(items[i].Outcome, 1)
	}
	return n
}

// Add counts items more of an outcome.
func (n *Count) Add(outcome Outcome, items int) {
	switch outcome {
	case Changed:
		n.Changed += items
	case Unchanged:
		n.Unchanged += items
	case Failed:
		n.Failed += items
	case Unknown:
		n.Unknown += items
	default:
		n.Pending += items
	}
}

// Final returns the status that follows from the items' outcomes once
// applying has ended: any unknown item makes it Unknown, since nobody can say
// what Intercom holds; a mixture of failed and others is Partial.
func (n Count) Final() Status {
	switch {
	case n.Unknown+n.Pending > 0:
		return StatusUnknown
	case n.Failed == 0:
		return StatusApplied
	case n.Changed+n.Unchanged == 0:
		return StatusFailed
	}
	return StatusPartial
}

package change

// Count sums up the items' outcomes.
type Count struct{ Pending, Changed, Unchanged, Partly, Failed, NotSent, Unknown int }

// Total is the number of items counted.
func (n Count) Total() int {
	return n.Pending + n.Changed + n.Unchanged + n.Partly + n.Failed + n.NotSent + n.Unknown
}

// CountItems sums up the outcomes of items.
func CountItems(items []Item) Count {
	var n Count
	for i := range items {
		n.Add(items[i].Outcome, 1)
	}
	return n
}

// Add counts more items of an outcome.
func (n *Count) Add(outcome Outcome, items int) {
	switch outcome {
	case Changed:
		n.Changed += items
	case Unchanged:
		n.Unchanged += items
	case Partly:
		n.Partly += items
	case Failed:
		n.Failed += items
	case NotSent:
		n.NotSent += items
	case Unknown:
		n.Unknown += items
	default:
		n.Pending += items
	}
}

// Final returns the status that follows from the items' outcomes once applying has ended. A run that left something
// unsent was stopped; any item that could not be read back makes the change unknown, since nobody can say what
// Intercom holds. Where something failed, it is partial if anything was written, and failed if not.
func (n Count) Final() Status {
	switch {
	case n.NotSent > 0:
		return StatusStopped
	case n.Unknown+n.Pending > 0:
		return StatusUnknown
	case n.Failed+n.Partly == 0:
		return StatusApplied
	case n.Changed+n.Partly == 0:
		return StatusFailed
	}
	return StatusPartial
}

package change

// add counts items more of an outcome.
func (n *Count) add(outcome Outcome, items int) {
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

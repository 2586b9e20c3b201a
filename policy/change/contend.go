package change

import "slices"

// contends reports whether two patches of one target write the same part, so that the one that is sent later writes
// over the other. Putting a tag on twice does not, nor does another note.
func (p Patch) contends(with Patch) bool {
	parts := p.Parts()
	return slices.ContainsFunc(with.Parts(), func(other Part) bool {
		return slices.ContainsFunc(parts, func(own Part) bool {
			switch own.Kind {
			case PartNote:
				return false
			case PartTag, PartCompany:
				return own.Key == other.Key && own.Label[0] != other.Label[0] // put on, and taken off
			}
			return own.Key == other.Key
		})
	})
}

// Contenders are the patches of a change that are yet to be written, by the targets that there are.
type Contenders map[string][]Patch

// ContendersOf returns those of a change.
func ContendersOf(c *Change) Contenders {
	pending := make(Contenders)
	for i := range c.Items {
		if item := &c.Items[i]; item.Outcome == Pending && item.TargetID != "" {
			pending[item.TargetID] = append(pending[item.TargetID], item.Patch)
		}
	}
	return pending
}

// Targets lists the targets, sorted.
func (c Contenders) Targets() []string {
	targets := make([]string, 0, len(c))
	for target := range c {
		targets = append(targets, target)
	}
	slices.Sort(targets)
	return targets
}

// Meet reports whether an item of another change is yet to be written, and writes a part that one of these does.
func (c Contenders) Meet(item *Item) bool {
	return item.Outcome == Pending && slices.ContainsFunc(c[item.TargetID], item.Patch.contends)
}

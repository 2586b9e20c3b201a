package policy

import "slices"

// factSet is the facts of a request under a policy: those of the whole change, and those of each of its targets.
type factSet struct {
	facts   map[string]any // as they are of no target
	targets []map[string]any
}

func newFactSet(r *Request, p *Policy) *factSet {
	s := &factSet{facts: activation(r, p, &Target{})}
	if r.Targets == nil {
		s.targets = []map[string]any{s.facts}
	}
	for i := range r.Targets {
		source := factSource{Request: r, policy: p, target: &r.Targets[i]}
		own := make(map[string]any, len(targetFacts))
		for at := range facts {
			if slices.Contains(targetFacts, facts[at].name) {
				own[facts[at].name] = facts[at].value(&source)
			}
		}
		s.targets = append(s.targets, own)
	}
	return s
}

// holds reports whether a condition holds: of one that names what each target has its own of, for any of them. Where it
// fails for one and holds for none it fails.
func (s *factSet) holds(c *Condition) (bool, error) {
	names, err := c.names()
	if err != nil {
		return false, err
	}
	if !slices.ContainsFunc(targetFacts, func(name string) bool { return names[name] }) {
		return c.holds(s.facts)
	}
	var failure error
	for _, own := range s.targets {
		for _, name := range targetFacts {
			s.facts[name] = own[name]
		}
		holds, err := c.holds(s.facts)
		if holds {
			return true, nil
		}
		if err != nil && failure == nil {
			failure = err
		}
	}
	return false, failure
}

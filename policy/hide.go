package policy

import "cel.dev/cel-go/common/types"

// Hides reports whether the policy denies every call of a tool by a caller, whatever its arguments and the time: by its
// mode, by its toolsets, or by a rule. Of the request counts what is known before a call: tool, effect, toolset and who
// asks.
func (p *Policy) Hides(r Request) bool {
	if !p.Mode.Allows(r.Effect) || r.Toolset != "" && !p.Offers(r.Toolset) {
		return true
	}
	if r.Effect == Read {
		return false
	}
	var before map[string]any
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.Then != Deny || !rule.about(r.Effect, r.Tool) {
			continue
		}
		if rule.When == nil {
			return true
		}
		if before == nil {
			before = knownBefore(&r, p)
		}
		if rule.When.always(before) {
			return true
		}
	}
	return false
}

// knownBefore are the facts that are known before a call is made.
func knownBefore(r *Request, p *Policy) map[string]any {
	source := factSource{Request: r, policy: p}
	values := make(map[string]any)
	for i := range facts {
		if facts[i].known {
			values[facts[i].name] = facts[i].value(&source)
		}
	}
	if r.Effect == Destroy {
		values["reversible"] = false
	}
	return values
}

// always reports whether the condition holds, or fails, whatever the facts that are not known.
func (c *Condition) always(known map[string]any) bool {
	program, err := c.partial()
	if err != nil {
		return true // it fails, and that denies
	}
	var unknown []string
	for i := range facts {
		if _, ok := known[facts[i].name]; !ok {
			unknown = append(unknown, facts[i].name)
		}
	}
	value, err := program.Eval(known, unknown...)
	switch {
	case types.IsUnknown(value):
		return false
	case err != nil:
		return true
	}
	return value.Value() == true
}

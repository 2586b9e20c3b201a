package policy

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
)

// Attribute is a custom attribute that a policy names, and the first place where it does. Whether there is one of that
// name only the workspace knows.
type Attribute struct {
	Name      string // as Intercom names it
	OfCompany bool   // of companies; else of contacts
	Where     string // masked, protected, or the rule whose condition it is
}

// Attributes returns the custom attributes that the policy names, each once: in masked, in protected, and in conditions
// that compare fields with it.
func (p *Policy) Attributes() []Attribute {
	var all []Attribute
	add := func(field, where string) {
		name, ofCompany := strings.CutPrefix(field, companyPrefix)
		name, custom := strings.CutPrefix(name, customPrefix)
		same := func(a Attribute) bool { return a.Name == name && a.OfCompany == ofCompany }
		if custom && !slices.ContainsFunc(all, same) {
			all = append(all, Attribute{name, ofCompany, where})
		}
	}
	for _, field := range p.Masked {
		add(field, "masked")
	}
	for _, field := range p.Protected {
		add(field, "protected")
	}
	for i := range p.Rules {
		rule := &p.Rules[i]
		for _, field := range rule.When.attributes() {
			add(field, fmt.Sprintf("rule %q, line %d", rule.Name, rule.Line))
		}
	}
	return all
}

// attributes returns the texts that the condition compares fields with, those of custom attributes at least; none of a
// condition that does not compile. One that has neither the prefix nor an escape that may spell it is not compiled for
// this: a server would spend a tenth of its start and 3 MB on it.
func (c *Condition) attributes() (names []string) {
	if c == nil || !strings.Contains(c.source, customPrefix) && !strings.Contains(c.source, `\`) {
		return nil
	}
	checked, err := c.checked()
	if err != nil {
		return nil
	}
	walkLiterals(checked, func(k kind, text ast.Expr, op string) {
		if k == fieldName && partFunctions[op] == "" {
			names = append(names, wording(text))
		}
	})
	return names
}

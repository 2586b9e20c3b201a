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
			add(field, rule.where())
		}
	}
	return all
}

// Tag is a tag that a policy names, and the first place where it does. Whether there is one of that name only the
// workspace knows.
type Tag struct{ Name, Where string }

// Tags returns the tags that conditions compare those of targets, or those put on, with, each once.
func (p *Policy) Tags() []Tag {
	var all []Tag
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.When == nil || !strings.Contains(rule.When.source, "tags") { // not to be compiled for this
			continue
		}
		for _, name := range rule.When.compared(tagName) {
			if !slices.ContainsFunc(all, func(t Tag) bool { return t.Name == name }) {
				all = append(all, Tag{name, rule.where()})
			}
		}
	}
	return all
}

// where is where a rule stands in its policy's file.
func (rule *Rule) where() string { return fmt.Sprintf("rule %q, line %d", rule.Name, rule.Line) }

// attributes returns the texts that the condition compares fields with, those of custom attributes at least; none of a
// condition that does not compile. One that has neither the prefix nor an escape or a + that may spell it is not
// compiled for this: a server would spend a tenth of its start and 3 MB on it.
func (c *Condition) attributes() (names []string) {
	if c == nil || !strings.Contains(c.source, customPrefix) && !strings.ContainsAny(c.source, `\+`) {
		return nil
	}
	return c.compared(fieldName)
}

// compared returns the texts that the condition compares names of a kind with, as a whole; none of a condition that
// does not compile.
func (c *Condition) compared(of kind) (names []string) {
	checked, err := c.checked()
	if err != nil {
		return nil
	}
	walkLiterals(checked, func(k kind, text ast.Expr, op string) {
		if k == of && partFunctions[op] == "" {
			names = append(names, wording(text))
		}
	})
	return names
}

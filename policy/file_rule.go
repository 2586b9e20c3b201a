package policy

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

const (
	maxName = 80  // characters of a rule's name
	maxWhy  = 200 // characters of a rule's reason
)

// rules reads the list of rules, whose names differ.
func (r *reader) rules(node ast.Node) []Rule {
	rules := []Rule{}
	lines := make(map[string]int) // by name
	for _, item := range r.sequence(node, "rules", true) {
		rule := r.rule(item)
		first, taken := lines[rule.Name]
		switch {
		case rule.Name == "":
		case taken:
			r.fail(item, "a rule named %q is in line %d already", rule.Name, first)
		case slices.Contains(limitNames, rule.Name):
			r.fail(item, "the name %q is that of a limit", rule.Name)
		default:
			lines[rule.Name] = rule.Line
		}
		rules = append(rules, rule)
	}
	return rules
}

// rule reads one rule.
func (r *reader) rule(node ast.Node) Rule {
	rule := Rule{Line: node.GetToken().Position.Line}
	decides := false
	tools := make(map[string]ast.Node)
	has := r.mapping(node, "a rule", entries{
		"name":    func(n ast.Node) { rule.Name = r.line(n, "name", maxName) },
		"effects": func(n ast.Node) { rule.Effects = words(r, n, "effects", false, r.effect) },
		"tools": func(n ast.Node) {
			rule.Tools = words(r, n, "tools", false, func(item ast.Node, name string) (string, bool) {
				tools[name] = item
				return r.tool(item, name)
			})
		},
		"when": func(n ast.Node) { rule.When = r.condition(n) },
		"then": func(n ast.Node) { rule.Then, decides = oneOf(r, n, "then", Allow, Deny, Confirm) },
		"by":   func(n ast.Node) { rule.By, _ = oneOf(r, n, "by", LevelAgent, LevelUser, LevelApprover) },
		"why":  func(n ast.Node) { rule.Why = r.line(n, "why", maxWhy) },
	})
	if has == nil {
		return rule
	}
	first := firstKey(node)
	for _, key := range []string{"name", "then"} {
		if has[key] == nil {
			r.fail(first, "the rule has no %s", key)
		}
	}
	switch {
	case !decides:
	case rule.Then == Confirm && has["by"] == nil:
		r.fail(has["then"], "confirm needs by: agent, user or approver")
	case rule.Then != Confirm && has["by"] != nil:
		r.fail(has["by"], "by goes with then: confirm only")
	}
	for _, name := range rule.Tools {
		effect, ok := r.known.Tools[name]
		if ok && len(rule.Effects) > 0 && !slices.Contains(rule.Effects, effect) {
			r.fail(tools[name], "%s is of effect %s, which effects leaves out", name, effect)
		}
	}
	return rule
}

// firstKey returns the node of a mapping's first key, the mapping where it has
// none.
func firstKey(node ast.Node) ast.Node {
	if mapping, ok := node.(ast.MapNode); ok {
		if entry := mapping.MapRange(); entry.Next() {
			return entry.Key()
		}
	}
	return node
}

func (r *reader) effect(node ast.Node, name string) (Effect, bool) {
	return Effect(name), r.isName(node, effectName, name)
}

func (r *reader) tool(node ast.Node, name string) (string, bool) {
	return name, r.isName(node, toolName, name)
}

// isName records a problem with what is to be a name of a kind, and returns false, where it is none.
func (r *reader) isName(node ast.Node, k kind, name string) bool {
	wrong := r.known.mistaken(k, name, false)
	if wrong != "" {
		r.fail(node, "%s", wrong)
	}
	return wrong == ""
}

// condition reads a condition, and places what is wrong with it in the file.
func (r *reader) condition(node ast.Node) *Condition {
	text, ok := r.text(node, "when")
	if !ok {
		return nil
	}
	c := newCondition(text)
	if !r.verify {
		return c
	}
	err := c.verify(&r.known)
	var found mistakes
	switch {
	case errors.As(err, &found):
		for _, m := range found {
			at := r.place(node, m)
			r.problems = append(r.problems, Problem{r.file, at.Line, at.Column, "when: " + m.text})
		}
	case err != nil:
		r.fail(node, "when: %v", err)
	}
	return c
}

// place finds where in the file a mistake of a condition is: to the column on
// a single line, to the line in a block that keeps its lines, and to the
// condition's beginning otherwise.
func (r *reader) place(node ast.Node, m mistake) token.Position {
	at := *node.GetToken().Position
	switch node := node.(type) {
	case *ast.StringNode:
		if m.line == 1 && node.Token.Type == token.StringType {
			at.Column += m.column
		}
	case *ast.LiteralNode:
		below := node.Start.Position.Line + m.line - 1
		if node.Start.Type == token.LiteralType && below < len(r.lines) {
			line := r.lines[below]
			at.Line, at.Column = below+1, len(line)-len(strings.TrimLeft(line, " "))+m.column+1
		}
	}
	return at
}

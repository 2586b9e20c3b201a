package policy

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

const (
	maxName = 80  // characters of a rule's name
	maxWhy  = 200 // characters of a rule's reason

	maxNeeded   = 10  // people who approve
	maxRoleName = 128 // bytes of a role, as tokens have them
)

// rules reads the list of rules, whose names differ.
func (r *reader) rules(node ast.Node) []Rule {
	rules := []Rule{}
	lines := make(map[string]int) // by name
	for _, item := range r.sequence(node, "rules", mayBeEmpty) {
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
	decides, swallows := false, false
	tools := make(map[string]ast.Node)
	has := r.mapping(node, "a rule", entries{
		"name":    func(n ast.Node) { rule.Name = r.line(n, "name", maxName) },
		"effects": func(n ast.Node) { rule.Effects = words(r, n, "effects", notEmpty, named[Effect](r, effectName)) },
		"tools": func(n ast.Node) {
			rule.Tools = words(r, n, "tools", notEmpty, func(item ast.Node, name string) (string, bool) {
				tools[name] = item
				return name, r.isName(item, toolName, name)
			})
		},
		"when": func(n ast.Node) {
			rule.When = r.condition(n)
			_, swallows = n.(*ast.TagNode) // a ! takes the keys after it along
		},
		"then": func(n ast.Node) { rule.Then, decides = oneOf(r, n, "then", Allow, Deny, Confirm) },
		"by":   func(n ast.Node) { rule.By, _ = oneOf(r, n, "by", LevelAgent, LevelUser, LevelApprover) },
		"approvers": func(n ast.Node) {
			rule.Approvers = words(r, n, "approvers", notEmpty, func(item ast.Node, name string) (string, bool) {
				return name, approverRole(r, item, name)
			})
		},
		"needed": func(n ast.Node) { rule.Needed = r.number(n, "needed", 1, maxNeeded) },
		"why":    func(n ast.Node) { rule.Why = r.line(n, "why", maxWhy) },
	})
	if has == nil {
		return rule
	}
	first := firstKey(node)
	for _, key := range []string{"name", "then"} {
		if has[key] == nil && !swallows {
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
	for _, key := range []string{"approvers", "needed"} {
		if has[key] != nil && rule.By != LevelApprover {
			r.fail(has[key], "%s goes with by: approver only", key)
		}
	}
	if rule.By == LevelApprover {
		rule.Needed = max(1, rule.Needed)
	}
	for _, name := range rule.Tools {
		effect, ok := r.known.Tools[name]
		if ok && len(rule.Effects) > 0 && !slices.Contains(rule.Effects, effect) {
			r.fail(tools[name], "%s is of effect %s, which effects leaves out", name, effect)
		}
	}
	return rule
}

// firstKey returns the node of a mapping's first key, the mapping where it has none.
func firstKey(node ast.Node) ast.Node {
	if mapping, ok := node.(ast.MapNode); ok {
		if entry := mapping.MapRange(); entry.Next() {
			return entry.Key()
		}
	}
	return node
}

// approverRole records a problem with a role that no approver could have by it, and returns false.
func approverRole(r *reader, node ast.Node, name string) bool {
	switch {
	case IsApprover(name):
		r.fail(node, "who approves has the role %q in any case; approvers lists others, of which they have one",
			RoleApprover)
	case strings.TrimSpace(name) != name || len(name) > maxRoleName:
		r.fail(node, "nobody has the role %q: a role is at most %d bytes, without blanks around it", name, maxRoleName)
	default:
		return true
	}
	return false
}

// named reads the names of a kind.
func named[T ~string](r *reader, k kind) func(ast.Node, string) (T, bool) {
	return func(node ast.Node, name string) (T, bool) { return T(name), r.isName(node, k, name) }
}

// isName records a problem with what is to be a name of a kind, and returns false, where it is none.
func (r *reader) isName(node ast.Node, k kind, name string) bool {
	wrong := r.known.mistaken(k, name, false)
	if wrong != "" {
		r.fail(node, "%s", wrong)
	}
	return wrong == ""
}

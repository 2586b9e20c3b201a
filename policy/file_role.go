package policy

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// roles reads what the policy says of roles, by their names.
func (r *reader) roles(node ast.Node) []Role {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		r.fail(node, "roles is roles with what they leave, not %s", kindOf(node))
		return nil
	}
	var roles []Role
	lines := make(map[string]int) // by name
	for entry := mapping.MapRange(); entry.Next(); {
		key := ast.Node(entry.Key())
		name, ok := key.(*ast.StringNode)
		switch {
		case !ok:
			r.fail(key, "the name of a role is text, not %s; put it in quotes", kindOf(key))
			continue
		case lines[name.Value] > 0:
			r.fail(key, "the role %q is there twice, first in line %d", name.Value, lines[name.Value])
			continue
		case strings.TrimSpace(name.Value) == "":
			r.fail(key, "the name of a role is empty")
			continue
		}
		r.isName(key, roleName, name.Value)
		lines[name.Value] = key.GetToken().Position.Line
		roles = append(roles, readRole(r, name.Value, lines[name.Value], entry.Value()))
	}
	return roles
}

// readRole reads what a policy says of one role.
func readRole(r *reader, name string, line int, node ast.Node) Role {
	role := Role{Name: name, Line: line, Limits: Limits{BulkContacts: maxBulk, InlineUpdates: maxInline,
		ContactsPer10m: maxWindow}}
	r.mapping(node, "a role", entries{
		"mode": func(n ast.Node) { role.Mode, _ = oneOf(r, n, "mode", ModeRead, ModeWrite, ModeFull) },
		"toolsets": func(n ast.Node) {
			role.Toolsets = words(r, n, "toolsets", notEmpty, named[string](r, toolsetName))
		},
		"masked": func(n ast.Node) { role.Masked = words(r, n, "masked", mayBeEmpty, r.field(r.known.Masked)) },
		"limits": func(n ast.Node) {
			all := limitEntries(r, &role.Limits)
			delete(all, "stop_after")
			r.mapping(n, "limits of a role", all)
		},
	})
	return role
}

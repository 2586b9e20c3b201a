package policy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
)

// RoleApprover is the role of who may approve the changes of others. It counts in a session that a person opened in the
// console, and nowhere else: no policy sees it.
const RoleApprover = "approver"

// IsApprover reports whether a role is that one, in any case: such a role is given to nobody but the people who sign in
// at the console. To approve takes it as it is written there.
func IsApprover(role string) bool { return strings.EqualFold(role, RoleApprover) }

// Role is what a policy takes from those who have a role. It never gives anything.
type Role struct {
	Name string
	Line int // where the policy's file begins it
	// Mode is the widest effect that the role leaves; "" leaves all.
	Mode Mode
	// Toolsets are the sets of tools that the role leaves; nil leaves all.
	Toolsets []string
	Masked   []string // besides those of the policy
	// Limits are bounds of which the policy's own hold where they are narrower. Of StopAfter a role has none.
	Limits Limits
}

// Who is what a policy binds a principal by.
type Who struct {
	Roles []string
	Mode  Mode // the widest effect of their token; "" where they have none that bounds it
}

// For returns the policy as it binds somebody: p itself where nothing in it, and not their mode, narrows it for them.
// The narrowest counts of each: the smallest of the modes and of the limits, the toolsets that all roles leave, and
// every mask of any role. Its revision is that of p: roles are on record with each change.
func (p *Policy) For(who Who) *Policy {
	roles := p.RolesOf(who.Roles)
	byToken := who.Mode != "" && who.Mode.width() < p.Mode.width()
	if len(roles) == 0 && !byToken {
		return p
	}
	bound := *p
	if byToken {
		bound.Mode, bound.ModeBy = who.Mode, "of the token"
	}
	bound.Masked = slices.Clone(p.Masked)
	for _, role := range roles {
		if role.Mode != "" && role.Mode.width() < bound.Mode.width() {
			bound.Mode, bound.ModeBy = role.Mode, "of role "+role.Name
		}
		if role.Toolsets != nil {
			taken := func(set string) bool { return !bound.Offers(set) }
			bound.Toolsets = slices.DeleteFunc(slices.Clone(role.Toolsets), taken)
		}
		for _, field := range role.Masked {
			if !slices.Contains(bound.Masked, field) {
				bound.Masked = append(bound.Masked, field)
			}
		}
		bound.Limits.BulkContacts = min(bound.Limits.BulkContacts, role.Limits.BulkContacts)
		bound.Limits.InlineUpdates = min(bound.Limits.InlineUpdates, role.Limits.InlineUpdates)
		bound.Limits.ContactsPer10m = min(bound.Limits.ContactsPer10m, role.Limits.ContactsPer10m)
		bound.Limits.WaitingChanges = narrower(bound.Limits.WaitingChanges, role.Limits.WaitingChanges)
		bound.Limits.WaitingMegabytes = narrower(bound.Limits.WaitingMegabytes, role.Limits.WaitingMegabytes)
		bound.Limits.UnansweredPer10m = narrower(bound.Limits.UnansweredPer10m, role.Limits.UnansweredPer10m)
	}
	return &bound
}

// narrower is the lower of two bounds; 0 is none.
func narrower(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// RolesOf returns what the policy says of some roles, in the order of its file.
func (p *Policy) RolesOf(names []string) []Role {
	var roles []Role
	for _, role := range p.Roles {
		if slices.Contains(names, role.Name) {
			roles = append(roles, role)
		}
	}
	return roles
}

// Offers reports whether the policy leaves the tools of a set.
func (p *Policy) Offers(toolset string) bool {
	return p.Toolsets == nil || slices.Contains(p.Toolsets, toolset)
}

// onlyToolsets says which sets of tools a policy leaves that does not leave all.
func (p *Policy) onlyToolsets() string {
	if len(p.Toolsets) == 0 {
		return "the caller's roles leave no set of tools in common"
	}
	return "the caller's roles leave only tools of " + strings.Join(p.Toolsets, ", ")
}

// Names reports whether the policy says anything of a role: in its roles, or in a condition.
func (p *Policy) Names(role string) bool {
	if len(p.RolesOf([]string{role})) > 0 {
		return true
	}
	for i := range p.Rules {
		when := p.Rules[i].When
		if when == nil || !strings.Contains(when.source, "roles") { // not to be compiled for this
			continue
		}
		checked, err := when.checked()
		if err != nil {
			continue
		}
		named := false
		walkLiterals(checked, func(k kind, e ast.Expr, op string) {
			if k == roleName {
				text := wording(e)
				named = named || text == role || partFunctions[op] != "" && mayHave(role, op, text)
			}
		})
		if named {
			return true
		}
	}
	return false
}

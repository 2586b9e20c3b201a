package tools

import (
	"fmt"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// identities are what the users of one plan are known by: Intercom keeps an e-mail and an external_id to one user
// each, and writes a plan in no order that is known beforehand. Leads may share both.
type identities struct {
	after  map[identity]holder // who has it once all is written
	before map[identity]string // the label of who has it now, and gives it up
	kept   bool                // none is written: see keep
}

// keep spares the record of many who all get one patch, where that writes no identity.
func (ids *identities) keep(patch change.Patch) {
	ids.kept = true
	for _, field := range []string{"email", "external_id", "role"} {
		if _, written := patch.Set[field]; written {
			ids.kept = false
		}
	}
}

// holder is who has an identity.
type holder struct {
	label string
	given bool // by the plan: two users who share it already may stay so
}

// identity is a value of one of the fields that tell users apart.
type identity struct{ field, value string }

// add adds a contact that is to receive a patch, or says with whom of the others it cannot come true. What the policy
// hides counts only where it is to be written: an answer must not tell who has it.
func (ids *identities) add(s *session, c *intercom.Contact, patch change.Patch) error {
	if ids.kept || c.Role != "user" && patch.Set["role"] != "user" {
		return nil
	}
	if ids.after == nil {
		ids.after, ids.before = make(map[identity]holder), make(map[identity]string)
	}
	label := s.mask.Label(c)
	for _, one := range []struct{ field, now string }{{"email", strings.ToLower(c.Email)}, {"external_id", c.ExternalID}} {
		now, next := identity{one.field, one.now}, identity{one.field, one.now}
		given, written := patch.Set[one.field]
		if s.policy.Masks(one.field) {
			now.value, next.value = "", ""
		}
		if written {
			next.value, _ = given.(string)
		}
		if next.value != "" {
			if other, taken := ids.after[next]; taken && (other.given || now != next) {
				return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%s and %s would both have %s.", other.label, label, next),
					"Intercom keeps it to one user; write it to that one alone.")
			}
			ids.after[next] = holder{label, now != next}
		}
		if other, held := ids.before[next]; held {
			return handedOn(next, other, label)
		}
		if now != next && now.value != "" {
			if other, wanted := ids.after[now]; wanted {
				return handedOn(now, label, other.label)
			}
			ids.before[now] = label
		}
	}
	return nil
}

// String names an identity as one that the caller gave.
func (id identity) String() string {
	return "the " + id.field + " " + text.Quote(text.Clip(text.Clean(id.value), 60))
}

// handedOn refuses to give one user what another one gives up in the same plan.
func handedOn(id identity, from, to string) error {
	return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf(
		"%s gives up %s, which %s is to have: which of the two is written first is not known.", from, id, to),
		"Free it in a call of its own, then write it to the other.")
}

package tools

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/toolerr"
)

// opsPolicy lets ops write, by day.
const opsPolicy = `
timezone: Europe/Dublin
confirm: {fallback: agent}
rules:
  - name: ops
    when: "!('ops' in roles)"
    then: deny
  - name: ann
    when: person.email != 'ann@example.com'
    then: deny
  - name: nights
    when: now.hour >= 18
    then: deny
  - name: tagged
    when: "'Board' in targets.tags"
    then: deny
  - name: ask
    when: contacts > 1
    then: confirm
    by: agent
`

// ann has some roles.
func ann(roles ...string) func(*Call) {
	return func(c *Call) { c.Person, c.Roles = policy.Person{Email: "Ann@example.com"}, roles }
}

// TestConfirmedLater decides on a change that waited with the roles of who made it, those that they have now, and the
// clock of now.
func TestConfirmedLater(t *testing.T) {
	noon := time.Date(2026, 7, 24, 11, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		later time.Duration
		roles []string
		tag   bool
		rule  string // that refuses it; empty: it is carried out
	}{
		"as it was":         {roles: []string{"ops"}},
		"another role":      {roles: []string{"ops", "support"}},
		"no role any more":  {rule: "ops"},
		"in the evening":    {later: 6 * time.Hour, roles: []string{"ops"}, rule: "nights"},
		"tagged since then": {roles: []string{"ops"}, tag: true, rule: "tagged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var now atomic.Pointer[time.Time]
			now.Store(&noon)
			w := newWorld(t, underPolicy(t, opsPolicy), func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
				c.Now = func() time.Time { return *now.Load() }
			})
			people := w.people(0, 2)
			planned := w.do("bulk_update_contacts", object{"contacts": people, "set": object{"name": "N"}}, ann("ops"))
			if planned["status"] != "awaiting" {
				t.Fatalf("%v", planned)
			}
			later := noon.Add(test.later)
			if now.Store(&later); test.tag {
				w.do("create_tag", object{"name": "Board"}, ann("ops"))
				w.do("tag_contacts", object{"contacts": people[1:], "tag": "Board"}, ann("ops"))
			}
			result := w.try("confirm_change", object{"change": planned["change"]}, ann(test.roles...))
			switch {
			case test.rule == "" && result.Err != nil:
				t.Error(result.Err)
			case test.rule != "" && (result.Err == nil || result.Err.Data["rule"] != test.rule):
				t.Errorf("%s %v, want it refused by %s", result.JSON, result.Err, test.rule)
			}
		})
	}
}

// TestGainedRole refuses to whom has got a role what they planned without it.
func TestGainedRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, underPolicy(t, `
rules:
  - {name: contractors, when: "'contractors' in roles && contacts > 1", then: deny}
  - {name: ask, when: contacts > 1, then: confirm, by: agent}
`))
	planned := w.do("bulk_update_contacts", object{"contacts": w.people(0, 2), "set": object{"name": "N"}})
	w.refused(toolerr.PolicyDenied, "confirm_change", object{"change": planned["change"]}, withRoles("contractors"))
	w.do("confirm_change", object{"change": planned["change"]})
}

// TestResumedAs decides on what a process left with the roles and the person of whoever made it.
func TestResumedAs(t *testing.T) {
	for name, test := range map[string]struct {
		who    func(*change.Change)
		begun  bool
		status change.Status
	}{
		"ops":             {asOps, false, change.StatusApplied},
		"ops, begun":      {asOps, true, change.StatusApplied},
		"no roles":        {func(c *change.Change) { c.Person.Email = "ann@example.com" }, false, change.StatusCancelled},
		"no roles, begun": {func(c *change.Change) { c.Person.Email = "ann@example.com" }, true, change.StatusStopped},
		"another person":  {func(c *change.Change) { c.Roles = []string{"ops"} }, true, change.StatusStopped},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := stateFile(t)
				store, err := sqlite.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer store.Close()
				w := newWorld(t, underPolicy(t, opsPolicy), func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
					c.Store, c.Now = store, func() time.Time { return time.Date(2026, 7, 24, 11, 0, 0, 0, time.UTC) }
				})
				left := leaveAs(t, path, func(c *change.Change) {
					c.CreatedAt = time.Now()
					test.who(c)
				}, test.begun, renaming(w.user(0)))
				time.Sleep(2 * time.Second)
				if c := w.resumed(left.ID); c.Status != test.status {
					t.Errorf("%s: %s", c.Status, c.Reason)
				}
			})
		})
	}
}

func asOps(c *change.Change) { c.Roles, c.Person.Email = []string{"support", "ops"}, "ann@example.com" }

package tools

import (
	"slices"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// rolesPolicy gives roles less than others have, and lets ops alone update many.
const rolesPolicy = `
mode: full
roles:
  support:
    toolsets: [contacts, tags, notes, bulk, changes]
    masked: [phone]
    limits: {bulk_contacts: 2, inline_updates: 3}
  readers: {mode: read}
rules:
  - name: ops update many
    tools: [bulk_update_contacts]
    when: "!('ops' in roles)"
    then: deny
  - name: ask
    when: contacts > 1
    then: confirm
    by: agent
`

// TestOffered lists for each caller what the policy leaves to them, whatever the arguments, and refuses what it leaves
// out to those who call it all the same.
func TestOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, underPolicy(t, rolesPolicy))
	for _, test := range []struct {
		call   Call
		offers map[string]bool
	}{
		{Call{}, map[string]bool{"bulk_update_contacts": false, "update_contact": true, "find_companies": true,
			"delete_contacts": true, "confirm_change": true}},
		{Call{Roles: []string{"ops"}}, map[string]bool{"bulk_update_contacts": true, "delete_contacts": true}},
		{Call{Roles: []string{"ops", "support"}}, map[string]bool{"bulk_update_contacts": true, "find_companies": false,
			"save_company": false, "add_note": true, "confirm_change": true}},
		{Call{Roles: []string{"support"}}, map[string]bool{"bulk_update_contacts": false, "update_contact": true}},
		{Call{Roles: []string{"readers", "ops"}}, map[string]bool{"bulk_update_contacts": false, "get_contact": true,
			"update_contact": false, "confirm_change": false}},
		{Call{Roles: []string{"ops"}, Mode: policy.ModeWrite}, map[string]bool{"bulk_update_contacts": true,
			"delete_contacts": false, "confirm_change": true}},
	} {
		var names []string
		for _, tool := range w.Offered(test.call) {
			names = append(names, tool.Name)
		}
		for name, want := range test.offers {
			if slices.Contains(names, name) != want {
				t.Errorf("to %v in mode %s %s is offered: %t", test.call.Roles, test.call.Mode, name, !want)
			}
		}
	}
	bulk := object{"contacts": w.people(0, 2), "set": object{"name": "N"}}
	rename := object{"contact": w.user(0).ID, "set": object{"name": "N"}}
	for _, test := range []struct {
		tool   string
		args   object
		adjust func(*Call)
		rule   string
		text   string
	}{
		{"bulk_update_contacts", bulk, withRoles("support"), "ops update many", "rule ops update many"},
		{"find_companies", object{}, withRoles("support"), "toolsets", "leave only tools of contacts, tags, notes, bulk"},
		{"attach_company", object{"contacts": w.people(0, 1), "company": "company_id:acme"}, withRoles("support"),
			"toolsets", "leave only tools of"},
		{"update_contact", rename, withRoles("readers", "ops"), "mode", "mode read of role readers offers no write tools"},
		{"update_contact", rename, func(c *Call) { c.Mode = policy.ModeRead }, "mode", "mode read of the token"},
	} {
		refused := w.refused(toolerr.PolicyDenied, test.tool, test.args, test.adjust)
		if refused.Data["rule"] != test.rule || !strings.Contains(refused.Error(), test.text) {
			t.Errorf("%s: %v: %v", test.tool, refused.Data, refused)
		}
	}
	if len(w.writes()) > 0 {
		t.Errorf("written: %v", w.writes())
	}
}

// TestRoleLimits holds those who have a role to its limits, when they plan and when they confirm.
func TestRoleLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, underPolicy(t, rolesPolicy))
	tag := func(n int) object { return object{"contacts": w.people(0, n), "tag": "VIP"} }
	if rule := w.refused(toolerr.PolicyDenied, "tag_contacts", tag(3), withRoles("support")).Data["rule"]; rule !=
		"bulk_contacts" {
		t.Errorf("refused by %v", rule)
	}
	planned := w.do("tag_contacts", tag(3))
	if refused := w.refused(toolerr.PolicyDenied, "confirm_change", object{"change": planned["change"]},
		withRoles("support")); refused.Data["rule"] != "bulk_contacts" {
		t.Errorf("%v", refused)
	}
	w.do("confirm_change", object{"change": planned["change"]})
	four := object{"contacts": w.people(0, 4), "set": object{"name": "N"}}
	if text := w.refused(toolerr.InvalidArgument, "bulk_update_contacts", four,
		withRoles("support", "ops")).Error(); !strings.
		Contains(text, "the limit is 3") {
		t.Error(text)
	}
}

// TestRoleMasks hides from those who have a role what it masks, and from nobody else.
func TestRoleMasks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, underPolicy(t, rolesPolicy))
	id := w.user(0).ID
	phone := "+353155501"
	w.do("update_contact", object{"contact": id, "set": object{"phone": phone + "00"}}, withRoles("ops"))
	for role, shown := range map[string]bool{"support": false, "ops": true} {
		result := w.try("get_contact", object{"contact": id}, withRoles(role))
		if result.Err != nil || strings.Contains(string(result.JSON), phone) != shown {
			t.Errorf("%s: %s %v", role, result.JSON, result.Err)
		}
	}
	changes := w.do("update_contact", object{"contact": id, "set": object{"phone": "+353155502" + "00"}},
		withRoles("ops"))["change"]
	if got := w.try("get_change", object{"change": changes}, withRoles("support")); strings.Contains(string(got.JSON),
		phone) {
		t.Errorf("%s", got.JSON)
	}
}

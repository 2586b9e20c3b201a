package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// underPolicy has the policy of a file.
func underPolicy(t testing.TB, text string) worldOption {
	t.Helper()
	p, err := policy.Parse("team.yaml", []byte(text), PolicyVocabulary())
	if err != nil {
		t.Fatal(err)
	}
	return func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Policy = policy.Always(p) }
}

// widened offers what destroys, too.
func widened(_ *sandbox.Options, _ *intercom.Config, c *Config) {
	p := *c.Policy()
	p.Mode = policy.ModeFull
	c.Policy = policy.Always(&p)
}

// withRoles makes a call of somebody with roles.
func withRoles(roles ...string) func(*Call) { return func(c *Call) { c.Roles = roles } }

// boardPolicy keeps those tagged Board for leads.
const boardPolicy = `
limits: {contacts_per_10m: 100000}
rules:
  - name: board
    when: "!('leads' in roles) && ('Board' in targets.tags || has(set.tags) && 'Board' in set.tags)"
    then: deny
    why: contacts tagged Board are for leads
`

// putOnBoard tags a contact.
func (w *world) putOnBoard(id string) {
	w.do("create_tag", object{"name": "Board"}, withRoles("leads"))
	w.do("tag_contacts", object{"contacts": []string{id}, "tag": "Board"}, withRoles("leads"))
}

// TestTargetTagsAtAnySize sees the tag of the last of however many targets.
func TestTargetTagsAtAnySize(t *testing.T) {
	t.Parallel()
	sizes := []int{1, 500, 501, 10_000}
	if testing.Short() {
		sizes = []int{1, 501}
	}
	for _, size := range sizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, underPolicy(t, boardPolicy), withSandbox(func(o *sandbox.Options) { o.Contacts = size }))
			everyone := `{"where": [{"field": "created_at", "operator": ">", "value": "2000-01-01"}],
				"set": {"language_override": "fr"}}`
			decided := func(want string, roles ...string) {
				t.Helper()
				explained, err := w.Explain(t.Context(), Call{Tool: "bulk_update_contacts", Args: []byte(everyone),
					Principal: "local", CanAsk: true, Roles: roles})
				if err != nil {
					t.Fatal(err)
				}
				if d := explained.Decide(w.current()); explained.Request.Contacts != size || d.Rule() != want {
					t.Errorf("of %d contacts decided by %q, want %q: %+v", explained.Request.Contacts, d.Rule(), want, d)
				}
			}
			var last string
			for _, c := range w.sandbox.Contacts() {
				if !c.Archived && !c.Blocked && c.MergedInto == "" {
					last = c.ID
				}
			}
			w.putOnBoard(last)
			decided("board")
			decided("", "support", "leads")
		})
	}
}

// TestTargetFacts has the policy know what targets are and become, by every way to them.
func TestTargetFacts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, underPolicy(t, boardPolicy+`
  - name: rare
    when: "'Rare Ltd' in targets.companies && !('leads' in roles)"
    then: deny
  - name: gold
    when: "'custom_attributes.tier' in set && set['custom_attributes.tier'] == 'gold'"
    then: deny
  - name: notes
    when: has(set.notes) && set.notes.contains('password')
    then: deny
  - name: another workspace
    when: workspace != 'sandbox01'
    then: deny
`), widened)
	lead, user := w.twins()
	ann, board, member := w.user(0).ID, w.user(1).ID, w.user(2).ID
	w.putOnBoard(board)
	w.do("save_company", object{"company": "company_id:rare", "set": object{"name": "Rare Ltd"}}, withRoles("leads"))
	w.do("attach_company", object{"contacts": []string{member}, "company": "company_id:rare"}, withRoles("leads"))
	w.do("tag_contacts", object{"contacts": []string{user}, "tag": "Board"}, withRoles("leads"))
	for i := range 11 { // a contact carries ten along
		name := fmt.Sprint("Extra ", i)
		w.do("create_tag", object{"name": name})
		w.do("tag_contacts", object{"contacts": []string{board}, "tag": name}, withRoles("leads"))
	}
	for _, test := range []struct {
		tool string
		args object
		rule string // that refuses it; empty: none does
	}{
		{"update_contact", object{"contact": ann, "set": object{"name": "N"}}, ""},
		{"update_contact", object{"contact": board, "set": object{"name": "N"}}, "board"},
		{"bulk_update_contacts", object{"contacts": []string{ann, board}, "set": object{"name": "M"}}, "board"},
		{"tag_contacts", object{"contacts": []string{ann}, "tag": "Board"}, "board"},
		{"untag_contacts", object{"contacts": []string{board}, "tag": "Board"}, "board"},
		{"archive_contacts", object{"contacts": []string{board}}, "board"},
		{"add_note", object{"contact": board, "body": "Called."}, "board"},
		{"add_note", object{"contact": ann, "body": "Called."}, ""},
		{"add_note", object{"contact": ann, "body": "The password is 1234."}, "notes"},
		{"merge_contacts", object{"contact": lead, "into": user}, "board"},
		{"delete_tag", object{"tag": "Board"}, "board"},
		{"create_contact", object{"set": object{"email": "a@example.com", "add_tags": []string{"Board"}}}, "board"},
		{"create_contact", object{"set": object{"email": "b@example.com", "custom_attributes": object{"tier": "gold"}}},
			"gold"},
		{"create_contact", object{"set": object{"email": "c@example.com"}}, ""},
		{"update_contact", object{"contact": member, "set": object{"name": "N"}}, "rare"},
		{"detach_company", object{"contacts": []string{member}, "company": "company_id:rare"}, "rare"},
		{"save_company", object{"company": "company_id:rare", "set": object{"name": "Other"}}, "rare"},
		{"delete_company", object{"company": "company_id:rare"}, "rare"},
		{"bulk_update_contacts", object{"updates": []object{
			{"contact": ann, "set": object{"custom_attributes": object{"tier": "silver"}}},
			{"contact": w.user(5).ID, "set": object{"custom_attributes": object{"tier": "gold"}}},
		}}, "gold"},
	} {
		rule := ""
		if got := w.try(test.tool, test.args); got.Err != nil && got.Err.Code == toolerr.PolicyDenied {
			rule = fmt.Sprint(got.Err.Data["rule"])
		} else if got.Err != nil && got.Err.Code != toolerr.ApprovalUnavailable {
			t.Errorf("%s %v: %v", test.tool, test.args, got.Err)
		}
		if rule != test.rule {
			t.Errorf("%s %v is refused by %q, want %q", test.tool, test.args, rule, test.rule)
		}
	}
}

// TestTargetsUnreadable refuses what cannot be told, and says why.
func TestTargetsUnreadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, underPolicy(t, boardPolicy))
	ann := w.user(0).ID
	w.do("update_contact", object{"contact": ann, "set": object{"name": "A"}})
	defer w.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/tags", Status: 403})()
	w.lists.Tags.Expire(t.Context())
	args := object{"contact": ann, "set": object{"name": "B"}}
	refused := w.refused(toolerr.PolicyDenied, "update_contact", args)
	if text := refused.Error(); refused.Data["rule"] != "board" ||
		!strings.Contains(text, "the tags and companies of the targets could not be read") {
		t.Error(text)
	}
	if got := w.do("update_contact", args, withRoles("leads")); got["status"] != "applied" {
		t.Errorf("to whom it makes no difference: %v", got)
	}
}

// TestApproverDropped keeps a role that counts in the console alone from the policy, whatever its case.
func TestApproverDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, underPolicy(t, `
rules:
  - {name: who, when: size(roles) != 1, then: deny}
`))
	args := object{"contact": w.user(0).ID, "set": object{"name": "A"}}
	w.do("update_contact", args, withRoles("Approver", "support", "approver"))
	w.refused(toolerr.PolicyDenied, "update_contact", object{"contact": w.user(1).ID, "set": object{"name": "A"}},
		withRoles("approver"))
}

// TestUnknownTags tells of the tags that a policy names and the workspace does not have.
func TestUnknownTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t, underPolicy(t, `
rules:
  - {name: a, when: "'vip' in targets.tags || targets.tags.exists(t, t == 'VIP')", then: deny}
  - {name: b, when: "has(set.tags) && 'Bord' in set.tags", then: deny}
  - {name: c, when: "targets.tags.exists(t, t.startsWith('Zzz'))", then: deny}
`))
	unknown, err := CompareNames(t.Context(), w.client, w.current())
	got := unknown.Tags
	if err != nil || len(got) != 2 || !strings.Contains(got[0], `rule "a", line 3 names the tag "vip"`) ||
		!strings.Contains(got[0], "VIP") || !strings.Contains(got[1], `"Bord"`) {
		t.Errorf("%q %v", got, err)
	}
	w.sandbox.ResetCalls()
	if got, err := CompareNames(t.Context(), w.client, policy.Default(policy.ModeWrite)); got.Attributes != nil ||
		got.Tags != nil || err != nil || len(w.sandbox.Calls()) > 0 {
		t.Errorf("%v %v, asking %v", got, err, w.sandbox.Calls())
	}
	defer w.sandbox.AddFault(sandbox.Fault{Path: "/tags", Status: 403})()
	if _, err := CompareNames(t.Context(), w.client, w.current()); err == nil {
		t.Error("tags that cannot be read are taken to be there")
	}
}

// TestMembershipsAsPlanned has the tags and companies of a target that a change has begun to write to be as they were
// planned to be found: its own writes are no reason to stop it.
func TestMembershipsAsPlanned(t *testing.T) {
	t.Parallel()
	m := memberships{
		tags:         map[string][]string{"c": {"1", "2"}, "d": {"9"}},
		companies:    map[string][]string{"c": {"5"}},
		tagNames:     map[string]string{"1": "one", "2": "two", "3": "three", "9": "nine"},
		companyNames: map[string]string{"5": "five", "6": "six"},
	}
	tag := func(id string) []change.Ref { return []change.Ref{{ID: id}} }
	for name, test := range map[string]struct {
		item            change.Item
		begun           bool
		tags, companies string
		gone            bool
	}{
		"not begun": {change.Item{TargetID: "c", Patch: change.Patch{AddTags: tag("2")}}, false, "one two", "five",
			false},
		"put on": {change.Item{TargetID: "c", Patch: change.Patch{AddTags: tag("2")}}, true, "one", "five", false},
		"there before": {change.Item{TargetID: "c", Patch: change.Patch{AddTags: tag("2")},
			Before: change.Image{Tags: []string{"2"}}}, true, "one two", "five", false},
		"taken off": {change.Item{TargetID: "c", Patch: change.Patch{RemoveTags: tag("3")},
			Before: change.Image{Tags: []string{"3"}}}, true, "one three two", "five", false},
		"another firm": {change.Item{TargetID: "c", Patch: change.Patch{AddCompanies: tag("5"), RemoveCompanies: tag("6")},
			Before: change.Image{Companies: []string{"6"}}}, true, "one two", "six", false},
		"a merge": {change.Item{TargetID: "c", Patch: change.Patch{Op: change.Merge, Into: &change.Ref{ID: "d"}}},
			true, "nine one two", "five", false},
		"gone":          {change.Item{TargetID: "x"}, true, "", "", true},
		"to be created": {change.Item{Patch: change.Patch{Op: change.Create, AddTags: tag("2")}}, false, "", "", false},
		"a tag itself":  {change.Item{TargetID: "3", Patch: change.Patch{Op: change.DeleteTag}}, false, "three", "", false},
		"a firm itself": {change.Item{TargetID: "6", Patch: change.Patch{Op: change.DeleteCompany}}, false, "", "six",
			false},
		"a new firm":     {change.Item{Patch: change.Patch{Op: change.SaveCompany, Key: "k"}}, false, "", "", false},
		"an unknown tag": {change.Item{TargetID: "7", Patch: change.Patch{Op: change.DeleteTag}}, false, "", "", false},
	} {
		got, there := m.of(&test.item, test.begun)
		if there == test.gone || strings.Join(got.Tags, " ") != test.tags ||
			strings.Join(got.Companies, " ") != test.companies {
			t.Errorf("%s: %+v %t", name, got, there)
		}
	}
}

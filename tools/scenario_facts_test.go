package tools

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// factsOf are calls of every write tool that plans something, and what the policy is told of them.
func factsOf(w *world) map[string][]struct {
	args   object
	fields string // separated by blanks
} {
	ann, archived := w.user(0).ID, w.user(2).ID
	w.do("archive_contacts", object{"contacts": []string{archived}})
	tagged := w.tagged("VIP", 1)
	lead, user := w.twins()
	member := w.user(6).ID
	w.do("attach_company", object{"contacts": []string{member}, "company": "company_id:acme"})
	done := w.do("update_contact", object{"contact": w.user(7).ID,
		"set": object{"name": "X", "add_tags": []string{"Do not contact"}}})["change"]
	everything := object{
		"name": "N", "email": "new@example.com", "phone": "+15550100", "external_id": "new-1",
		"owner":  w.sandbox.Admins()[0].Email,
		"avatar": "https://example.com/a.png", "language_override": "fr", "unsubscribed_from_emails": true, "role": "user",
		"signed_up_at": "2026-01-01", "last_seen_at": "2026-01-02", "custom_attributes": object{"plan": "Y", "tier": "gold"},
		"add_tags": []string{"Do not contact"}, "add_companies": []string{"company_id:acme"},
	}
	const allOfContact = "avatar companies custom_attributes.plan custom_attributes.tier email external_id " +
		"language_override last_seen_at name owner_id phone role signed_up_at tags unsubscribed_from_emails"
	firm := object{"name": "F", "plan": "P", "size": 0, "website": "https://f.example", "industry": "I",
		"monthly_spend": 12345}
	const allOfCompany = "company.industry company.monthly_spend company.name company.plan company.size company.website"
	return map[string][]struct {
		args   object
		fields string
	}{
		"create_contact": {{object{"set": everything}, allOfContact}, {object{"set": object{"email": "n@example.com"}},
			"email role"}},
		"update_contact": {
			{object{"contact": ann, "set": object{"name": "N", "custom_attributes": object{"plan": "Y"},
				"add_tags": []string{"Do not contact"}}}, "custom_attributes.plan name tags"},
			{object{"contact": tagged[0], "set": object{"remove_tags": []string{"VIP"}}}, "tags"},
			{object{"contact": lead, "set": object{"role": "user", "email": "other@example.com"}}, "email role"},
		},
		"bulk_update_contacts": {{object{"updates": []object{
			{"contact": ann, "set": object{"name": "N"}}, {"contact": user, "set": object{"unsubscribed_from_emails": true}},
		}}, "name unsubscribed_from_emails"}},
		"archive_contacts":   {{object{"contacts": []string{ann}}, "archived"}},
		"unarchive_contacts": {{object{"contacts": []string{archived}}, "archived"}},
		"delete_contacts":    {{object{"contacts": []string{ann}}, "deleted"}},
		"block_contact":      {{object{"contact": ann}, "blocked"}},
		"merge_contacts":     {{object{"contact": lead, "into": user}, "merged_into"}},
		"tag_contacts":       {{object{"contacts": []string{ann}, "tag": "Do not contact"}, "tags"}},
		"untag_contacts":     {{object{"contacts": tagged, "tag": "VIP"}, "tags"}},
		"create_tag":         {{object{"name": "Night shift"}, "tag.name"}},
		"delete_tag":         {{object{"tag": "Champion"}, "tag.deleted"}},
		"add_note":           {{object{"contact": ann, "body": "Called back."}, "notes"}},
		"save_company": {
			{object{"company": "company_id:acme", "set": firm}, allOfCompany},
			{object{"company": "company_id:brand-new", "set": object{"name": "New"}}, "company.name"},
		},
		"attach_company": {{object{"contacts": []string{w.loner()}, "company": "company_id:acme"}, "companies"}},
		"detach_company": {{object{"contacts": []string{member}, "company": "company_id:acme"}, "companies"}},
		"delete_company": {{object{"company": "company_id:acme"}, "company.deleted"}},
		"undo_change":    {{object{"change": done}, "name tags"}},
		"confirm_change": nil, // these plan nothing: a decision is made about the change that they name
		"cancel_change":  nil,
	}
}

// loner is a user of no tags, companies and tier, who gets e-mails.
func (w *world) loner() string {
	for _, id := range w.people(0, 300) {
		c, _ := w.sandbox.Contact(id)
		if len(c.TagIDs)+len(c.CompanyIDs) == 0 && c.CustomAttributes["tier"] != "gold" && !c.UnsubscribedFromEmails {
			return id
		}
	}
	w.t.Fatal("everybody has tags or companies")
	return ""
}

// TestFactsOfEveryWrite holds that the policy is told the fields of every write, by names that its author may use.
func TestFactsOfEveryWrite(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	calls := factsOf(w)
	known := PolicyVocabulary()
	seen := make(map[string]bool)
	for _, tool := range w.Tools() {
		if tool.Effect == policy.Read {
			continue
		}
		list, ok := calls[tool.Name]
		if !ok {
			t.Errorf("nothing is said of what %s tells the policy", tool.Name)
		}
		for _, call := range list {
			explained, err := w.Explain(t.Context(), Call{Tool: tool.Name, Args: encoded(t, call.args), Principal: "local"})
			if err != nil {
				t.Errorf("%s: %v", tool.Name, err)
				continue
			}
			if diff := cmp.Diff(strings.Fields(call.fields), explained.Request.Fields); diff != "" ||
				len(explained.Request.Fields) == 0 {
				t.Errorf("%s: fields (-want +got):\n%s", tool.Name, diff)
			}
			for _, field := range explained.Request.Fields {
				seen[field] = true
				if !strings.Contains(field, "custom_attributes.") && !slices.Contains(known.Fields, field) {
					t.Errorf("%s: the policy knows no field %s", tool.Name, field)
				}
			}
		}
	}
	for _, field := range known.Fields {
		if !seen[field] && !strings.Contains(field, "<name>") && field != "tag.name" {
			t.Errorf("no call tells the policy of %s", field)
		}
	}
	w.decidesIrreversible(calls)
}

// decidesIrreversible holds that what cannot be put back is known to the policy, and asked about whatever the client
// can.
func (w *world) decidesIrreversible(calls map[string][]struct {
	args   object
	fields string
}) {
	w.t.Helper()
	before := w.sandbox.Snapshot()
	for tool, want := range map[string]bool{ // whether the tool can be used without elicitation
		"delete_contacts": false, "block_contact": false, "merge_contacts": false, "delete_tag": false,
		"delete_company": false, "save_company": true,
	} {
		call := calls[tool][len(calls[tool])-1]
		explained, err := w.Explain(w.t.Context(), Call{Tool: tool, Args: encoded(w.t, call.args), Principal: "local"})
		if err != nil || explained.Request.Reversible {
			w.t.Errorf("%s: the policy is told that it can be undone (%v)", tool, err)
		}
		ask := w.question(tool, call.args)
		w.try(tool, call.args, answering(ask.Change, ask.Binding, Cancel))
		if detail := w.do("get_change", object{"change": ask.Change}); detail["level"] != "user" {
			w.t.Errorf("%s asks at level %v", tool, detail["level"])
		}
		if !want {
			w.refused(toolerr.ApprovalUnavailable, tool, call.args)
		} else if planned := w.do(tool, call.args); planned["status"] != "awaiting" {
			w.t.Errorf("%s: %v", tool, planned)
		}
	}
	for _, tool := range []string{"update_contact", "create_contact", "archive_contacts", "tag_contacts"} {
		explained, err := w.Explain(w.t.Context(), Call{Tool: tool, Args: encoded(w.t, calls[tool][0].args),
			Principal: "local"})
		if err != nil || !explained.Request.Reversible {
			w.t.Errorf("%s: the policy is told that it cannot be undone (%v)", tool, err)
		}
	}
	w.restored(before)
}

// TestFieldsOfOperations holds that every operation has fields.
func TestFieldsOfOperations(t *testing.T) {
	for _, op := range change.Operations() {
		if len(OperationFields(op)) == 0 || slices.Contains(OperationFields(op), "") {
			t.Errorf("%s writes nothing that a policy knows", op.Name)
		}
		p := change.Patch{Op: op.Operation}
		if op.Record == "" {
			p.Set = map[string]any{"name": "X"}
		}
		if op.Operation == change.AddNote {
			p = change.Patch{Note: &change.Note{Body: "X"}}
		}
		for _, field := range p.Fields() {
			if !slices.Contains(OperationFields(op), field) {
				t.Errorf("%s writes %s, and %q are said", op.Name, field, OperationFields(op))
			}
		}
	}
}

// TestDenyRulesHoldForNew denies fields to everybody by a policy file: a new contact cannot be given them either.
func TestDenyRulesHoldForNew(t *testing.T) {
	const file = `
rules:
  - name: no tags, firms, tiers or opt-outs
    when: fields.exists(f, f in ['tags', 'companies', 'custom_attributes.tier', 'unsubscribed_from_emails'])
    then: deny
  - name: no firm's plan
    when: "'company.plan' in fields"
    then: deny
`
	p, err := policy.Parse("policy.yaml", []byte(file), PolicyVocabulary())
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Policy = policy.Always(p) })
	before := w.sandbox.Snapshot()
	ann := w.loner()
	for field, value := range map[string]any{
		"add_tags": []string{"VIP"}, "add_companies": []string{"company_id:acme"},
		"custom_attributes": object{"tier": "gold"}, "unsubscribed_from_emails": true,
	} {
		set := object{"email": "eve@example.com", "name": "Eve", field: value}
		w.refused(toolerr.PolicyDenied, "create_contact", object{"set": set})
		delete(set, "email")
		w.refused(toolerr.PolicyDenied, "update_contact", object{"contact": ann, "set": set})
		w.refused(toolerr.PolicyDenied, "bulk_update_contacts", object{"updates": []object{{"contact": ann, "set": set}}})
	}
	w.refused(toolerr.PolicyDenied, "attach_company", object{"contacts": []string{ann}, "company": "company_id:acme"})
	w.refused(toolerr.PolicyDenied, "tag_contacts", object{"contacts": []string{ann}, "tag": "Do not contact"})
	for _, company := range []string{"company_id:acme", "company_id:brand-new"} {
		w.refused(toolerr.PolicyDenied, "save_company",
			object{"company": company, "set": object{"name": "N", "plan": "other"}})
	}
	w.idle()
	w.restored(before)
	w.do("create_contact", object{"set": object{"email": "eve@example.com", "name": "Eve"}})
}

package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// TestEveryBadItem names all that is wrong with many items at once, each by its place and with what is nearest.
func TestEveryBadItem(t *testing.T) {
	w := newWorld(t)
	updates := []object{
		{"contact": "nobody@nowhere.example", "set": object{"name": "A"}},
		{"contact": w.user(0).ID, "set": object{"email": "not an address", "custom_attributes": object{"plna": "pro"}}},
		{"contact": "no reference", "set": object{"name": "B"}},
		{"contact": w.user(1).ID, "set": object{"add_tags": []string{"VPI"}}},
		{"contact": w.user(2).ID, "set": object{"name": "C"}},
		{"contact": w.user(3).ID, "set": object{"add_tags": []string{"VPI"}, "custom_attributes": object{"seats": "many"}}},
		{"contact": w.user(2).ID, "set": object{"name": "D"}},
		{"contact": "external_id:gone", "set": object{"owner": "nora@sandbox.exampel"}},
	}
	for len(updates) < 30 { // the same from a search
		updates = append(updates, object{"contact": fmt.Sprintf("gone%d@nowhere.example", len(updates)),
			"set": object{"name": "E"}})
	}
	for _, n := range []int{8, 30} {
		got := w.refused(toolerr.InvalidArgument, "bulk_update_contacts", object{"updates": updates[:n]}).Error()
		for _, says := range []string{
			fmt.Sprintf("%d problems. ", n+2),
			`No contact has the e-mail`, `updates[0].contact`, `"nobody@nowhere.example"`,
			`updates[1]: set.email: "not an address" is no e-mail address`,
			`updates[1]: set.custom_attributes: There is no custom attribute "plna"; nearest: "plan"`,
			`updates[2].contact: "no reference" is no contact reference`,
			`updates[3], [5]: set.add_tags: There is no tag "VPI"; nearest: "VIP"`,
			`updates[5]: set.custom_attributes.seats: `, `updates[4] and updates[6] are the same contact`,
			`updates[7].contact: There is no contact "external_id:gone"`,
			`updates[7]: set.owner: There is no teammate "nora@sandbox.exampel"; nearest: "nora@sandbox.example"`,
			"Nothing was written.",
		} {
			if !strings.Contains(got, says) {
				t.Errorf("%s: it does not say %s", got, says)
			}
		}
		if n == 30 && !strings.Contains(got, `More at updates[26].contact-[29]`) {
			t.Error(got)
		}
	}
	if writes := w.writes(); len(writes) > 0 {
		t.Error(writes)
	}
	for tool, args := range map[string]object{
		"tag_contacts": {"tag": "VPI"}, "attach_company": {"company": "Acmee"}, "archive_contacts": {},
		"unarchive_contacts": {}, "bulk_update_contacts": {"set": object{"email": "x"}},
	} {
		args["contacts"] = []string{"a@nowhere.example", w.user(0).ID, "b@nowhere.example"}
		got := w.try(tool, args)
		if got.Err == nil || !strings.Contains(got.Err.Error(), "contacts[0]") ||
			!strings.Contains(got.Err.Error(), "[2]") || strings.Contains(got.Err.Error(), "[1]") {
			t.Errorf("%s: %v", tool, got.Err)
		}
		if named := tool == "tag_contacts" || tool == "attach_company"; named &&
			!strings.Contains(got.Err.Error(), "There is no ") {
			t.Errorf("%s: %v", tool, got.Err)
		}
	}
}

// TestSkipMissing leaves out who is unknown, and says so in the preview and in the receipt.
func TestSkipMissing(t *testing.T) {
	w := newWorld(t)
	leftOut := "left out 2 unknown contacts: a@nowhere.example; external_id:none"
	contacts := []string{"a@nowhere.example", w.user(0).ID, w.user(1).Email, "external_id:none"}
	got := w.do("tag_contacts", object{"contacts": contacts, "tag": "Champion", "skip_missing": true})
	if got["status"] != "applied" || !strings.Contains(fmt.Sprint(got["note"]), leftOut) {
		t.Error(got)
	}
	waits := w.do("bulk_update_contacts", object{"updates": []object{
		{"contact": "a@nowhere.example", "set": object{"name": "A"}},
		{"contact": w.user(2).ID, "set": object{"phone": "+353 1 555 0199"}},
		{"contact": "external_id:none", "set": object{"name": "B"}}}, "skip_missing": true})
	if waits["status"] != "awaiting" || !strings.Contains(fmt.Sprint(waits["preview"]), "\nL"+leftOut[1:]+".\n") {
		t.Error(waits)
	}
	got = w.do("confirm_change", object{"change": waits["change"]})
	if got["status"] != "applied" || !strings.Contains(fmt.Sprint(got["note"]), leftOut) {
		t.Error(got)
	}
	w.refused(toolerr.NotFound, "tag_contacts",
		object{"contacts": []string{"a@nowhere.example"}, "tag": "Champion", "skip_missing": true})
	bad := w.refused(toolerr.InvalidArgument, "tag_contacts",
		object{"contacts": append(contacts, "no reference"), "tag": "Champion", "skip_missing": true})
	if !strings.HasPrefix(bad.Error(), "contacts[4]: ") {
		t.Error(bad)
	}
}

// TestCreateMissing makes who is unknown, under the policy of create_contact, and undoes it.
func TestCreateMissing(t *testing.T) {
	w := newWorld(t)
	args := object{"updates": []object{
		{"contact": "New.One@nowhere.example", "set": object{"name": "New", "remove_tags": []string{"VIP"}, "phone": ""}},
		{"contact": w.user(0).ID, "set": object{"name": "Old"}},
		{"contact": "external_id:none", "set": object{"name": "Keyed", "add_tags": []string{"VIP"}}},
		{"contact": "new.one@nowhere.example", "set": object{"name": "New", "remove_tags": []string{"VIP"}, "phone": ""}},
	}, "create_missing": true}
	got := w.do("bulk_update_contacts", args)
	if got["status"] == "awaiting" { // a phone is protected
		if !strings.Contains(fmt.Sprint(got["preview"]), "2 contacts of them will be created.") {
			t.Error(got)
		}
		got = w.do("confirm_change", object{"change": got["change"]})
	}
	if got["status"] != "applied" || got["changed"] != 3.0 || !strings.Contains(fmt.Sprint(got["note"]),
		"2 of them were created") {
		t.Error(got)
	}
	made := w.do("get_contact", object{"contact": "external_id:none"})
	if made["name"] != "Keyed" {
		t.Error(made)
	}
	if undone := w.do("undo_change", object{"change": got["change"]}); undone["status"] != "applied" {
		t.Error(undone)
	}
	w.refused(toolerr.NotFound, "bulk_update_contacts", object{"updates": []object{
		{"contact": "ffffffffffffffffffffffff", "set": object{"name": "X"}}}, "create_missing": true})
	w.refused(toolerr.InvalidArgument, "bulk_update_contacts", object{"updates": []object{
		{"contact": "q@nowhere.example", "set": object{"email": "r@nowhere.example"}}}, "create_missing": true})
	w.refused(toolerr.InvalidArgument, "bulk_update_contacts", object{"contacts": []string{"q@nowhere.example"},
		"set": object{"name": "X"}, "create_missing": true, "skip_missing": true})
}

// TestCreateMissingUnderPolicy has a rule about create_contact bind what create_missing would make, when it is planned
// and when it is confirmed.
func TestCreateMissingUnderPolicy(t *testing.T) {
	r := new(reloadable)
	w := newWorld(t, r.option)
	rule := func(then policy.Verdict, by policy.Level) func(*policy.Policy) {
		return func(p *policy.Policy) {
			p.Rules = append(p.Rules[:len(p.Rules):len(p.Rules)],
				policy.Rule{Name: "new ones", Tools: []string{"create_contact"}, Then: then, By: by, Why: "new"})
		}
	}
	args := object{"contacts": []string{"q@nowhere.example"}, "set": object{"name": "X"}, "create_missing": true}
	r.become(rule(policy.Confirm, policy.LevelAgent))
	waits := w.do("bulk_update_contacts", args)
	if waits["status"] != "awaiting" {
		t.Fatal(waits)
	}
	r.become(rule(policy.Deny, policy.LevelNone))
	w.refused(toolerr.PolicyDenied, "confirm_change", object{"change": waits["change"]})
	w.refused(toolerr.PolicyDenied, "bulk_update_contacts", args)
	w.do("bulk_update_contacts", object{"contacts": []string{w.user(0).ID}, "set": object{"name": "X"},
		"create_missing": true})
}

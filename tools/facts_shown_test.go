package tools

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools/toolerr"
)

// secretPolicy keeps those tagged Secret, or in Rare Ltd, and the name R&D from everybody but leads.
const secretPolicy = `
limits: {contacts_per_10m: 100000}
rules:
  - name: secret
    when: "!('leads' in roles) && ('Secret' in targets.tags || has(set.tags) && 'Secret' in set.tags)"
    then: deny
  - name: rare
    when: >-
      !('leads' in roles) && ('Rare Ltd' in targets.companies ||
      has(set.companies) && 'Rare Ltd' in set.companies)
    then: deny
  - name: name
    when: "has(set.name) && set.name == 'R&D'"
    then: deny
  - name: firm
    when: "'company.name' in set && set['company.name'] == 'R&D'"
    then: deny
  - name: note
    when: "has(set.notes) && set.notes.contains('R&D')"
    then: deny
`

// TestTargetsOfShortLists reads the tags and companies that a contact tells of and does not list.
func TestTargetsOfShortLists(t *testing.T) {
	t.Parallel()
	w, rw := withAnswers(t, underPolicy(t, secretPolicy))
	ann, bob := w.user(0).ID, w.user(1).ID
	tag, other := w.madeTag("Secret"), w.madeTag("Harmless")
	w.direct("POST", "/contacts/"+ann+"/tags", fmt.Sprintf(`{"id":%q}`, tag))
	w.direct("POST", "/contacts/"+ann+"/tags", fmt.Sprintf(`{"id":%q}`, other))
	w.do("save_company", object{"company": "company_id:rare", "set": object{"name": "Rare Ltd"}}, withRoles("leads"))
	w.do("attach_company", object{"contacts": []string{bob}, "company": "company_id:rare"}, withRoles("leads"))
	empty := `{"type":"list","data":[],"total_count":0,"has_more":false}`
	for list, total := range map[string]string{"": "1", fmt.Sprintf(`{"type":"tag","id":%q}`, other): "2",
		`{"type":"tag","id":"77"}`: `"2"`, fmt.Sprintf(`{"id":%q}`, other): "1.5"} {
		short := fmt.Sprintf(`{"type":"list","data":[%s],"total_count":%s,"has_more":false}`, list, total)
		for id, test := range map[string]struct{ rule, tags, companies string }{
			ann: {"secret", short, empty}, bob: {"rare", empty, short}} {
			rw.set(for1("GET", "/contacts/"+id, 200, fmt.Sprintf(
				`{"type":"contact","id":%q,"role":"user","name":"N","tags":%s,"companies":%s,"notes":%s}`, id, test.tags,
				test.companies, empty)))
			refused := w.refused(toolerr.PolicyDenied, "update_contact", object{"contact": id, "set": object{"name": "M"}})
			if refused.Data["rule"] != test.rule || strings.Contains(refused.Error(), "failed") {
				t.Errorf("%s: %v", short, refused)
			}
		}
	}
	rw.set(nil)
	for _, path := range []string{"/contacts/" + ann + "/tags", "/contacts/" + bob + "/companies"} {
		id, kind := strings.Split(path, "/")[2], strings.Split(path, "/")[3]
		for status, why := range map[int]string{404: "no such", 500: "status 500"} {
			rw.set(func(method, at string) (int, string) {
				switch {
				case method == "GET" && at == path:
					return status, `{"type":"error.list","errors":[{"code":"not_found","message":"Not found."}]}`
				case method == "GET" && at == "/contacts/"+id:
					return 200, fmt.Sprintf(`{"type":"contact","id":%q,"role":"user","tags":{},"companies":{}}`, id)
				}
				return 0, ""
			})
			refused := w.refused(toolerr.PolicyDenied, "update_contact", object{"contact": id, "set": object{"name": "M"}})
			told := refused.Error()
			if !strings.Contains(told, "the "+kind+" of contact "+id+": ") || !strings.Contains(told, why) ||
				strings.Contains(told, "..") {
				t.Errorf("%s %d: %s", path, status, told)
			}
		}
	}
}

// madeTag makes a tag in Intercom past the tools, and returns its id.
func (w *world) madeTag(name string) string {
	w.t.Helper()
	tag, err := w.client.Tags.Create(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return tag.ID
}

// TestRulesHoldForWhatIsShown has rules hold for names and values that look like those they name.
func TestRulesHoldForWhatIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, underPolicy(t, secretPolicy), widened)
	ann, bob, carl := w.user(0).ID, w.user(1).ID, w.user(2).ID
	tag := w.madeTag("Secret\u200b")
	w.direct("POST", "/contacts/"+ann+"/tags", fmt.Sprintf(`{"id":%q}`, tag))
	w.direct("POST", "/companies", `{"company_id":"rare","name":"Rare\u200b Ltd"}`)
	w.do("attach_company", object{"contacts": []string{bob}, "company": "company_id:rare"}, withRoles("leads"))
	for _, test := range []struct {
		tool string
		args object
		rule string // that refuses it; empty: none does
	}{
		{"update_contact", object{"contact": ann, "set": object{"name": "N"}}, "secret"},
		{"untag_contacts", object{"contacts": []string{ann}, "tag": "Secret"}, "secret"},
		{"tag_contacts", object{"contacts": []string{carl}, "tag": "Secret"}, "secret"},
		{"delete_tag", object{"tag": "Secret"}, "secret"},
		{"update_contact", object{"contact": bob, "set": object{"name": "N"}}, "rare"},
		{"attach_company", object{"contacts": []string{carl}, "company": "company_id:rare"}, "rare"},
		{"save_company", object{"company": "company_id:rare", "set": object{"plan": "N"}}, "rare"},
		{"update_contact", object{"contact": carl, "set": object{"name": "R\u200b&D"}}, "name"},
		{"update_contact", object{"contact": carl, "set": object{"name": "R&D"}}, "name"},
		{"update_contact", object{"contact": carl, "set": object{"name": "R & D"}}, ""},
		{"save_company", object{"company": "company_id:new", "set": object{"name": "R&\u200bD"}}, "firm"},
		{"add_note", object{"contact": carl, "body": "About R\u200b&D."}, "note"},
		{"add_note", object{"contact": carl, "body": "About R&D."}, "note"},
		{"add_note", object{"contact": carl, "body": "About R."}, ""},
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
	if unknown, err := CompareNames(t.Context(), w.client, w.current()); err != nil || len(unknown.Tags) > 0 {
		t.Errorf("%q %v", unknown, err)
	}
}

// TestTagRenamedMeanwhile holds rules against the names that tags have now.
func TestTagRenamedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, underPolicy(t, secretPolicy))
		ann := w.user(0).ID
		tag := w.madeTag("Harmless")
		w.direct("POST", "/contacts/"+ann+"/tags", fmt.Sprintf(`{"id":%q}`, tag))
		w.do("update_contact", object{"contact": ann, "set": object{"name": "A"}})
		w.direct("POST", "/tags", fmt.Sprintf(`{"id":%q,"name":"Secret"}`, tag))
		time.Sleep(6 * time.Second)
		w.refused(toolerr.PolicyDenied, "update_contact", object{"contact": ann, "set": object{"name": "B"}})
	})
}

// TestTagWithoutName names the tag of which nobody can tell whether a rule is about it.
func TestTagWithoutName(t *testing.T) {
	t.Parallel()
	w, rw := withAnswers(t, underPolicy(t, secretPolicy))
	ann := w.loner()
	tag := w.madeTag("Harmless")
	w.direct("POST", "/contacts/"+ann+"/tags", fmt.Sprintf(`{"id":%q}`, tag))
	for list, why := range map[string]string{
		`{"type":"tag","name":"Harmless"}`:                      "the list of tags: Intercom's answer cannot be used",
		`{"type":"tag","id":"77","name":"Other"}`:               "the name of tag " + tag + ": Intercom's list of tags has none",
		fmt.Sprintf(`{"type":"tag","id":%q,"name":null}`, tag):  "the name of tag " + tag + ": Intercom's list of tags has none",
		fmt.Sprintf(`{"type":"tag","id":%q,"name":["a"]}`, tag): "the name of tag " + tag + ": Intercom's list of tags has none",
	} {
		rw.set(for1("GET", "/tags", 200, `{"type":"list","data":[`+list+`]}`))
		w.lists.Tags.Expire(t.Context())
		told := w.refused(toolerr.PolicyDenied, "update_contact", object{"contact": ann, "set": object{"name": "M"}}).Error()
		if !strings.Contains(told, why) || strings.Contains(told, "..") {
			t.Error(told)
		}
	}
}

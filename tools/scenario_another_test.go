package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// A creation that Intercom answers with an existing record of other identifiers is not taken for one that it made: what
// became of it is unknown, and nothing is there to be undone.
func TestCreationAnsweredWithAnother(t *testing.T) {
	t.Parallel()
	w, rw := withAnswers(t)
	there := w.user(0)
	another := fmt.Sprintf(`{"type":"contact","id":%q,"role":"user","email":%q}`, there.ID, there.Email)
	rw.set(for1("POST", "/contacts", 200, another))
	check := func(err *toolerr.Error, tool string) {
		t.Helper()
		if said := fmt.Sprint(err, err.Data); !strings.Contains(said, "another object") ||
			!strings.Contains(said, "Check with "+tool+" before repeating it.") || strings.Contains(said, "created:") {
			t.Errorf("got %s", said)
		}
	}
	check(w.refused(toolerr.OutcomeUnknown, "create_contact", object{"set": object{"email": "new@example.com"}}),
		"search_contacts")

	company := w.sandbox.Companies()[0]
	rw.set(for1("POST", "/companies", 200, fmt.Sprintf(`{"type":"company","id":%q,"company_id":%q}`, company.ID,
		company.CompanyID)))
	args := object{"company": "company_id:new-1", "set": object{"name": "New"}}
	ask := w.question("save_company", args)
	check(w.refused(toolerr.OutcomeUnknown, "save_company", args, answering(ask.Change, ask.Binding, Accept)),
		"get_company")
}

// Of two creations of one change that Intercom answers with one record, no more than one has made it.
func TestCreationsAnsweredAlike(t *testing.T) {
	t.Parallel()
	for answered, want := range map[string]object{
		`"email":%q`: {"unknown": 2.0}, `"name":%q`: {"unknown": 1.0},
	} {
		w, rw := withAnswers(t)
		there := w.user(0)
		rw.set(for1("POST", "/contacts", 200, fmt.Sprintf(`{"type":"contact","id":%q,"role":"user",`+answered+`}`,
			there.ID, there.Email)))
		receipt := w.agreed("bulk_update_contacts", object{"updates": []object{
			{"contact": "a@nowhere.example", "set": object{"name": "A"}},
			{"contact": "b@nowhere.example", "set": object{"name": "B"}},
		}, "create_missing": true})
		if receipt["unknown"] != want["unknown"] || strings.Count(fmt.Sprint(receipt["created"]), there.ID) > 1 {
			t.Errorf("%s: %v", answered, receipt)
		}
	}
}

// The text about a record that is to be corrected is not told of what is no list.
func TestAnswersThatAreNoList(t *testing.T) {
	t.Parallel()
	w, rw := withAnswers(t)
	for _, body := range []string{`null`, `[]`, `{"data":{}}`} {
		rw.set(for1("GET", "/tags", 200, body))
		err := w.refused(toolerr.UpstreamUnavailable, "list_tags", object{})
		if said := err.Error(); !strings.Contains(said, "try again in a minute") || strings.Contains(said, "will not help") {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// No tool shows who is blocked, so that none is named where that is not known.
func TestBlockIsChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, inMode(policy.ModeFull))
	w.sandbox.AddFault(sandbox.Fault{Method: "POST", Path: "/contacts/*/block", ResetAfter: true})
	args := object{"contact": w.user(0).ID}
	ask := w.question("block_contact", args)
	result := w.try("block_contact", args, answering(ask.Change, ask.Binding, Accept))
	if said := fmt.Sprint(string(result.JSON), result.Err); !strings.Contains(said, "Look at the contact in Intercom") ||
		strings.Contains(said, "get_contact") {
		t.Errorf("got %s", said)
	}
}

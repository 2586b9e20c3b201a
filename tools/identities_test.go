package tools

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// What cannot come true is not planned: one e-mail or external_id for two users, or one that another user of the plan
// gives up.
func TestIdentities(t *testing.T) {
	w := newWorld(t)
	contact := func(id string) intercom.Contact {
		c, err := w.client.Contacts.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ids := w.people(0, 3)
	ann, ben := contact(ids[0]), contact(ids[1])
	var leads []string
	const shared = "sam.ito@mail.example" // of two users
	for _, c := range w.sandbox.Contacts() {
		if c.Role == "lead" && !c.Archived && c.MergedInto == "" && !c.Blocked {
			leads = append(leads, c.ID)
		}
	}
	update := func(id string, set object) object { return object{"contact": id, "set": set} }
	for name, test := range map[string]struct {
		args object
		want string // empty: it is planned
	}{
		"one e-mail": {object{"contacts": ids[:2], "set": object{"email": "New@x.example"}}, "would both have the email"},
		"one id":     {object{"contacts": ids[:2], "set": object{"external_id": "new"}}, "would both have the external_id"},
		"one id of many": {object{"where": []object{{"field": "role", "operator": "=", "value": "user"}},
			"set": object{"external_id": "new"}}, "would both have the external_id"},
		"each": {object{"updates": []object{update(ann.ID, object{"email": "new@x.example"}),
			update(ben.ID, object{"email": "NEW@x.example"})}}, "would both have the email"},
		"swap": {object{"updates": []object{update(ann.ID, object{"email": ben.Email}),
			update(ben.ID, object{"email": ann.Email})}}, "gives up the email"},
		"chain": {object{"updates": []object{update(ann.ID, object{"external_id": ben.ExternalID}),
			update(ben.ID, object{"external_id": "new"})}}, "gives up the external_id"},
		"chain, the other way round": {object{"updates": []object{update(ben.ID, object{"external_id": "new"}),
			update(ann.ID, object{"external_id": ben.ExternalID})}}, "gives up the external_id"},
		"kept": {object{"updates": []object{update(ann.ID, object{"external_id": ben.ExternalID}),
			update(ben.ID, object{"name": "Ben"})}}, "would both have the external_id"},
		"shared": {object{"where": []object{{"field": "email", "operator": "=", "value": shared}},
			"set": object{"phone": "+32444123456"}}, ""},
		"leads":    {object{"contacts": leads[:2], "set": object{"email": "new@x.example"}}, ""},
		"one user": {object{"contacts": []string{ann.ID, ann.ID}, "set": object{"external_id": "new"}}, ""},
		"as it is": {object{"updates": []object{update(ann.ID, object{"email": ann.Email}),
			update(ben.ID, object{"email": "other@x.example"})}}, ""},
	} {
		if test.want == "" {
			w.do("bulk_update_contacts", test.args)
			continue
		}
		err := w.refused(toolerr.InvalidArgument, "bulk_update_contacts", test.args)
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if writes := w.writes(); len(writes) > 0 {
		t.Errorf("sent %v", writes)
	}
}

// The refusal does not tell who has a value that the policy hides.
func TestIdentitiesMasked(t *testing.T) {
	w := newWorld(t, masking("email"))
	ids := w.people(0, 2)
	ben, err := w.client.Contacts.Get(t.Context(), ids[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{ben.Email, "somebody@else.example"} {
		w.do("bulk_update_contacts", object{"updates": []object{
			{"contact": ids[0], "set": object{"email": email}}, {"contact": ids[1], "set": object{"name": "Ben"}}}})
	}
}

// Who is named twice is brought back once.
func TestUnarchiveTwice(t *testing.T) {
	w := newWorld(t)
	id := w.people(0, 1)[0]
	w.do("archive_contacts", object{"contacts": []string{id}})
	receipt := w.do("unarchive_contacts", object{"contacts": []string{id, strings.ToUpper(id)}})
	if receipt["changed"] != 1.0 || receipt["note"] != "1 contact named more than once: "+strings.ToUpper(id) {
		t.Errorf("receipt %v", receipt)
	}
	if n := len(slices.DeleteFunc(w.writes(),
		func(route string) bool { return !strings.Contains(route, "unarchive") })); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// A tag that a person would take for another one is told of, in the answer and to who decides.
func TestTagAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for name, alike := range map[string]bool{"V\u0406P": true, "V-IP": true, "eu-Customer": true,
			"Quite another": false} {
			result := w.try("create_tag", object{"name": name}, func(c *Call) { c.CanAsk = true })
			if result.Ask == nil {
				t.Fatalf("%s: %s %v", name, result.JSON, result.Err)
			}
			if got := strings.Contains(result.Ask.Message, "A tag that looks like it is there already: "); got != alike {
				t.Errorf("%s: %s", name, result.Ask.Message)
			}
		}
	})
}

// A phone number that a spreadsheet has spoilt is not written.
func TestPhoneRefused(t *testing.T) {
	w := newWorld(t)
	err := w.refused(toolerr.InvalidArgument, "update_contact",
		object{"contact": w.people(0, 1)[0], "set": object{"phone": "'+32444123456"}})
	const want = `set.phone: "'+32444123456" begins as spreadsheets mark a text or a formula. If that is meant, write "+32444123456".`
	if !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
}

// TestSameEmailApart names somebody twice, in two spellings of the e-mail, among so many that they are looked for by
// two searches.
func TestSameEmailApart(t *testing.T) {
	w := newWorld(t)
	count := make(map[string]int)
	w.sandbox.ContactsWhere(func(c *sandbox.Contact) bool { count[c.Email]++; return false })
	var emails []string
	w.sandbox.ContactsWhere(func(c *sandbox.Contact) bool {
		if c.Email != "" && count[c.Email] == 1 && !c.Archived && !c.Blocked && c.MergedInto == "" {
			emails = append(emails, c.Email)
		}
		return false
	})
	emails = append(emails[:155], strings.ToUpper(emails[0]))
	result := w.try("bulk_update_contacts", rename(emails, "Renamed"))
	if result.Err != nil || !strings.Contains(string(result.JSON), "1 contact named more than once") {
		t.Errorf("%s %v", result.JSON, result.Err)
	}
}

package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// hostile are texts that customers, agents and people may have chosen, with what no page may hold of each.
var hostile = []struct{ text, never string }{
	{`<script>alert("x")</script>`, "<script>alert"},
	{`"><img src=x onerror=alert(1)>`, "<img"},
	{`</td></table><button name="decision" value="approve">Approve`,
		"<button name=\"decision\" value=\"approve\">Approve<"},
	{"\u202egnp.exe\u202c \u200bx", "\u202e"},
	{"{{.Token}} ${x} javascript:alert(1)", ""},
	{strings.Repeat("Ж", 10<<10), strings.Repeat("Ж", 2001)},
	{"می\u200cخواهم", ""},
}

// addHostile has changes on record with a hostile text in every place that a page may show, and returns their handles.
func (w *world) addHostile() (ids []string) {
	w.Helper()
	for i, h := range hostile {
		item := change.Item{TargetID: fmt.Sprintf("68b7206d0000000000000%03d", i), Label: h.text, LabelField: "name",
			Patch: change.Patch{Op: change.Update, Set: map[string]any{"name": h.text, "custom_attributes." + h.text: h.text},
				AddTags: []change.Ref{{ID: "1", Name: h.text}}, Note: &change.Note{Body: h.text, Admin: "1", Author: h.text}},
			Before: change.Image{Set: map[string]any{"name": h.text}}, Failure: change.Failure{Reason: h.text}}
		c := change.Change{ID: change.NewID(), Principal: h.text,
			Person: policy.Person{ID: w.issuer() + "#" + h.text, Name: h.text, Email: h.text + "@x.example"},
			Client: h.text, Tool: "update_contact", Status: change.StatusAwaiting, Level: policy.LevelApprover,
			Decision: policy.Decision{Verdict: policy.Confirm, Level: policy.LevelApprover,
				Reasons: []policy.Reason{{Rule: h.text, Line: 3, Verdict: policy.Confirm, Level: policy.LevelApprover,
					Text: h.text}}},
			Verb: "update", SideEffects: []string{h.text}, Conflicts: []string{h.text}, Notes: []string{h.text},
			CreatedAt: w.clock(), ExpiresAt: w.clock().AddDate(0, 0, 1), ApproveBy: w.clock().AddDate(0, 0, 1),
			Items: []change.Item{item}}
		if _, err := w.store.Create(w.Context(), c, nil); err != nil {
			w.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	return ids
}

// TestHostileTexts shows what customers and agents wrote as text, in its place, and cut.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.addHostile()

	nora := w.signIn("nora")
	_, page := nora.get("/console/freeze")
	nora.submit(page, "/console/freeze", "reason", hostile[0].text)
	paths := []string{"/console", "/console/changes", "/console/trail", "/console/freeze",
		"/console/changes?of=" + hostileQuery, "/console/trail?contact=" + hostileQuery + "&kind=" + hostileQuery,
		"/console/nothing/" + hostileQuery, "/console/sign-in?next=" + hostileQuery, "/console/changes/" + hostileQuery}
	for _, id := range ids {
		paths = append(paths, "/console/changes/"+id, "/console/changes/"+id+"?q="+hostileQuery+"&field="+hostileQuery)
	}
	for _, path := range paths {
		_, page := nora.get(path)
		if len(page) > 200<<10 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
		for _, h := range hostile {
			if h.never != "" && strings.Contains(page, h.never) {
				at := strings.Index(page, h.never)
				t.Errorf("%s holds %.40q: %s", path, h.never, page[max(at-200, 0):at+100])
			}
		}
	}
	for i, id := range ids {
		path := "/console/changes/" + id
		if status, page := nora.get(path); status != http.StatusOK || strings.Count(page, "Approve exactly") != 1 ||
			strings.Count(page, `value="approve"`) != 1 {
			t.Errorf("%d: %d, and the page has other than one button to approve", i, status)
		}
	}
}

// hostileQuery is a text in an address that no page may hold as it is.
const hostileQuery = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"

// TestMaskedPages shows no masked value on any page or in any table.
func TestMaskedPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPolicy(askApprover+"masked: [email, name, phone, custom_attributes.plan]\n"))
	contact := w.sandbox.Contacts()[3]
	result := w.call("tomas", "update_contact", map[string]any{"contact": contact.ID, "set": map[string]any{
		"custom_attributes": map[string]any{"plan": "enterprise", "seats": 7}, "phone": "+4930123456"}})
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	id := w.proposed()
	for _, b := range []*browser{w.signIn("nora"), w.signIn("vera"), w.signIn("tomas")} {
		for _, path := range []string{"/console", "/console/changes", "/console/changes/" + id, "/console/trail",
			"/console/changes/" + id + "/rows.csv", "/console/changes/" + id + "?q=" + contact.Email,
			"/console/changes/" + id + "/progress"} {
			_, page := b.get(path)
			page = strings.ReplaceAll(page, `value="`+contact.Email+`"`, "") // what was asked for
			plan := fmt.Sprint(contact.CustomAttributes["plan"])
			for _, secret := range []string{contact.Email, contact.Name, `<bdi>` + plan, `"` + plan + `"`} {
				if secret != "" && strings.Contains(page, secret) {
					t.Errorf("%s tells %q: %s", path, secret, page)
				}
			}
		}
	}
}

// TestLargeProposal opens and filters a proposal of 10,000 contacts: the page stays small, whatever is planned.
func TestLargeProposal(t *testing.T) {
	if testing.Short() {
		t.Skip("records a large change")
	}
	t.Parallel()
	w := newWorld(t)
	id := w.addLarge(10_000)
	nora := w.signIn("nora")
	for _, query := range []string{"", "?page=399", "?q=customer-9999", "?field=custom_attributes.plan", "?q=nothing"} {
		started := w.clock()
		status, page := nora.get("/console/changes/" + id + query)
		if status != http.StatusOK || len(page) > 200<<10 {
			t.Errorf("%q: %d, %d bytes", query, status, len(page))
		}
		t.Logf("%q: %d bytes in %s", query, len(page), w.clock().Sub(started))
	}
}

// addLarge has a change of so many contacts on record, and returns its handle.
func (w *world) addLarge(contacts int) string {
	w.Helper()
	c := change.Change{ID: change.NewID(), Principal: "local", Tool: "bulk_update_contacts", Verb: "update",
		Status: change.StatusAwaiting, Level: policy.LevelApprover, CreatedAt: w.clock(),
		ExpiresAt: w.clock().AddDate(0, 0, 1),
		ApproveBy: w.clock().AddDate(0, 0, 1), Salt: "x"}
	for i := range contacts {
		c.Items = append(c.Items, change.Item{TargetID: fmt.Sprintf("68b7206d00000000%08d", i), LabelField: "email",
			Label: fmt.Sprintf("customer-%d@acme.example", i), Patch: change.Patch{Op: change.Update, Set: map[string]any{
				"custom_attributes.plan": "free", "custom_attributes.seats": json.Number(fmt.Sprint(i % 50))}},
			Before: change.Image{Set: map[string]any{"custom_attributes.plan": "trial"}}})
	}
	if _, err := w.store.Create(w.Context(), c, nil); err != nil {
		w.Fatal(err)
	}
	return c.ID
}

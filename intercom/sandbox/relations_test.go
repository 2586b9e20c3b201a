package sandbox

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEmbeddedReferences holds that a contact shows ten of each relation and
// tells how many there are.
func TestEmbeddedReferences(t *testing.T) {
	c := newCaller(t, Options{})
	for relation, path := range map[string]string{"tags": "tags", "companies": "companies", "notes": "notes"} {
		found := false
		for _, contact := range c.Contacts() {
			n := map[string]int{"tags": len(contact.TagIDs), "companies": len(contact.CompanyIDs), "notes": len(c.Notes(contact.ID))}[relation]
			if n <= 10 || !contact.reachable() {
				continue
			}
			found = true
			a := c.ok("GET", "/contacts/"+contact.ID, "")
			refs, _ := a.at(relation + ".data").([]any)
			if len(refs) != 10 || a.number(relation+".total_count") != n || a.at(relation+".has_more") != true {
				t.Errorf("%s of %s: %v", relation, contact.ID, a.at(relation))
			}
			if got := c.ok("GET", "/contacts/"+contact.ID+"/"+path, "").ids(); len(got) != n {
				t.Errorf("%d %s listed, want %d", len(got), relation, n)
			}
		}
		if !found {
			t.Errorf("no contact has more than ten %s", relation)
		}
	}
}

// TestContactTags holds tagging, untagging and what they refuse.
func TestContactTags(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	id := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
	c.refused("POST", "/contacts/"+id+"/tags", `{"id":"1"}`, 404, "not_found", "Resource Not Found")
	c.refused("POST", "/contacts/nobody/tags", `{"id":"7522901"}`, 404, "not_found", "User Not Found")
	c.refused("POST", "/contacts/"+id+"/tags", `{}`, 400, "parameter_invalid", "invalid tag parameters")
	for range 2 {
		c.ok("POST", "/contacts/"+id+"/tags", `{"id":7522902}`)
	}
	if got := c.ok("GET", "/contacts/"+id+"/tags", "").ids(); !slices.Equal(got, []string{"7522902"}) {
		t.Errorf("tags %v", got)
	}
	c.ok("DELETE", "/contacts/"+id+"/tags/7522902", "")
	c.refused("DELETE", "/contacts/"+id+"/tags/7522902", "", 404, "not_found", "Resource Not Found")
}

// TestTags holds creation by name, renaming, targets by version and deletion.
func TestTags(t *testing.T) {
	c := newCaller(t, Options{})
	id := c.ok("POST", "/tags", `{"name":"Fresh"}`).text("id")
	if got := c.ok("POST", "/tags", `{"name":"FRESH"}`).text("id"); got != id {
		t.Errorf("the same name made tag %s", got)
	}
	c.ok("POST", "/tags", `{"id":"`+id+`","name":"Fresher"}`)
	if got := c.ok("GET", "/tags/"+id, "").text("name"); got != "Fresher" {
		t.Errorf("renamed to %q", got)
	}
	person, firm := c.Contacts()[0].ID, c.Companies()[0].ID
	body := `{"name":"Fresher","users":[{"id":"` + person + `"},{"id":"nobody"}],"companies":[{"id":"` + firm + `"},{"company_id":"nothing"}]}`
	c.in("2.15").refused("POST", "/tags", body, 404, "not_found", "User Not Found")
	a := c.ok("POST", "/tags", body)
	if diff := cmp.Diff([]any{map[string]any{"id": person, "tagged": true}}, a.at("users")); diff != "" {
		t.Errorf("tagged users (-want +got):\n%s", diff)
	}
	if got, _ := c.Contact(person); !slices.Contains(got.TagIDs, id) {
		t.Error("the contact is not tagged")
	}
	c.ok("POST", "/tags", `{"name":"Fresher","companies":[{"id":"`+firm+`","untag":true}]}`)
	if got := c.Companies()[0].TagIDs; slices.Contains(got, id) {
		t.Error("the company is still tagged")
	}
	if a := c.ok("DELETE", "/tags/"+id, ""); len(a.body) != 0 {
		t.Errorf("deletion answers %s", a.body)
	}
	if got, _ := c.Contact(person); slices.Contains(got.TagIDs, id) {
		t.Error("the contact still has the deleted tag")
	}
	c.refused("DELETE", "/tags/7522901", "", 400, "tag_has_dependent_objects", "Unable to delete Tag with dependent objects. Segments: VIP customers.")
	c.refused("POST", "/tags", `{}`, 400, "parameter_invalid", "invalid tag parameters")
	calls := len(c.Calls())
	if c.DeleteTag("VIP") || c.DeleteTag("nothing") || !c.DeleteTag("do not contact") || len(c.Calls()) != calls {
		t.Error("a tag that a segment asks for, or none, is deleted; or the other is not, or not past the journal")
	}
	c.refused("POST", "/contacts/"+person+"/tags", `{"id":"7522913"}`, 404, "not_found", "Resource Not Found")
}

// TestNotes holds authors, order and the form of bodies.
func TestNotes(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	id := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
	for given, want := range map[string]string{
		"Hello": "<p>Hello</p>", "a < b & c": "<p>a &lt; b &amp; c</p>", "<p>Done</p>": "<p>Done</p>",
		"one <b>two</b>": "<p>one <b>two</b></p>", "one\ntwo": "<p>one<br>\ntwo</p>",
	} {
		if got := c.ok("POST", "/contacts/"+id+"/notes", fmt.Sprintf(`{"body":%q}`, given)).text("body"); got != want {
			t.Errorf("%q is stored as %q, want %q", given, got, want)
		}
	}
	last := c.ok("POST", "/contacts/"+id+"/notes", `{"body":"By Tomas","admin_id":991267464}`)
	if got := last.text("author.name"); got != "Tomas Okafor" {
		t.Errorf("the author is %q", got)
	}
	c.refused("POST", "/contacts/"+id+"/notes", `{"body":"x","admin_id":"1"}`, 404, "not_found", "Resource Not Found")
	c.refused("POST", "/contacts/"+id+"/notes", `{}`, 400, "parameter_not_found", "body not specified")
	a := c.ok("GET", "/contacts/"+id+"/notes?per_page=4", "")
	if a.ids()[0] != last.text("id") || a.number("total_count") != 6 ||
		a.text("pages.next") != "https://api.intercom.io/contacts/"+id+"/notes?page=2&per_page=4" {
		t.Errorf("listed %s", a.body)
	}
	c.ok("GET", "/notes/"+last.text("id"), "")
}

// TestSubscriptions holds that only decisions are listed.
func TestSubscriptions(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	id := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
	c.ok("POST", "/contacts/"+id+"/subscriptions", `{"id":"106","consent_type":"opt_out"}`)
	c.ok("POST", "/contacts/"+id+"/subscriptions", `{"id":107,"consent_type":"opt_in"}`)
	a := c.ok("GET", "/contacts/"+id, "")
	if a.text("opted_out_subscription_types.data.0.id") != "106" || a.text("opted_in_subscription_types.data.0.id") != "107" {
		t.Errorf("embedded: %s", a.body)
	}
	c.ok("DELETE", "/contacts/"+id+"/subscriptions/106", "")
	if got := c.ok("GET", "/contacts/"+id+"/subscriptions", "").ids(); !slices.Equal(got, []string{"107"}) {
		t.Errorf("listed %v", got)
	}
	c.refused("POST", "/contacts/"+id+"/subscriptions", `{"id":"1","consent_type":"opt_in"}`, 404, "not_found", "Resource Not Found")
}

// TestSegments holds that membership follows from the contact.
func TestSegments(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1, Companies: -1})
	id := c.ok("POST", "/contacts", `{"external_id":"s","custom_attributes":{"plan":"trial"}}`).text("id")
	segment := c.ok("GET", "/contacts/"+id+"/segments", "")
	if segment.text("data.0.name") != "On trial" {
		t.Fatalf("segments: %s", segment.body)
	}
	query := `{"field":"segment_id","operator":"=","value":"` + segment.text("data.0.id") + `"}`
	if got := c.search(query); !slices.Equal(got, []string{id}) {
		t.Errorf("found %v", got)
	}
	if got := c.ok("GET", "/segments/"+segment.text("data.0.id")+"?include_count=true", "").number("count"); got != 1 {
		t.Errorf("counted %d", got)
	}
	c.ok("PUT", "/contacts/"+id, `{"custom_attributes":{"plan":"pro"}}`)
	if got := c.search(query); len(got) != 0 {
		t.Errorf("found %v", got)
	}
	lead := c.ok("POST", "/contacts", `{"role":"lead","email":"l@mail.example","custom_attributes":{"plan":"trial"}}`).text("id")
	if got := c.ok("GET", "/contacts/"+lead+"/segments", ""); got.text("data.0.name") != "Leads with an e-mail" || len(got.ids()) != 1 {
		t.Errorf("a lead's segments: %s", got.body)
	}
	c.refused("GET", "/segments/x", "", 404, "not_found", "Resource Not Found")
}

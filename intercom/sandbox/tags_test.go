package sandbox

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
	body := `{"name":"Fresher","users":[{"id":"` + person + `"},{"id":"nobody"}],` +
		`"companies":[{"id":"` + firm + `"},{"company_id":"nothing"}]}`
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
	c.refused("DELETE", "/tags/7522901", "", 400, "tag_has_dependent_objects",
		"Unable to delete Tag with dependent objects. Segments: VIP customers.")
	c.refused("POST", "/tags", `{}`, 400, "parameter_invalid", "invalid tag parameters")
	calls := len(c.Calls())
	if c.DeleteTag("VIP") || c.DeleteTag("nothing") || !c.DeleteTag("do not contact") || len(c.Calls()) != calls {
		t.Error("a tag that a segment asks for, or none, is deleted; or the other is not, or not past the journal")
	}
	c.refused("POST", "/contacts/"+person+"/tags", `{"id":"7522913"}`, 404, "not_found", "Resource Not Found")
}

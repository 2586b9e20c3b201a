package sandbox

import (
	"slices"
	"testing"
)

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
	made := `{"role":"lead","email":"l@mail.example","custom_attributes":{"plan":"trial"}}`
	lead := c.ok("POST", "/contacts", made).text("id")
	if got := c.ok("GET", "/contacts/"+lead+"/segments", ""); got.text("data.0.name") != "Leads with an e-mail" ||
		len(got.ids()) != 1 {
		t.Errorf("a lead's segments: %s", got.body)
	}
	c.refused("GET", "/segments/x", "", 404, "not_found", "Resource Not Found")
}

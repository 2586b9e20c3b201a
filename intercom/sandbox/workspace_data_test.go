package sandbox

import (
	"slices"
	"testing"
)

// TestDataAttributes holds which attributes are listed, and that archived ones
// cannot be written.
func TestDataAttributes(t *testing.T) {
	c := newCaller(t, Options{})
	active, _ := c.ok("GET", "/data_attributes?model=contact", "").at("data").([]any)
	all, _ := c.ok("GET", "/data_attributes?model=contact&include_archived=true", "").at("data").([]any)
	if len(all)-len(active) != 1 {
		t.Errorf("%d attributes and %d with the archived ones", len(active), len(all))
	}
	c.refused("PUT", "/contacts/"+c.Contacts()[0].ID, `{"custom_attributes":{"legacy_code":"S"}}`, 400, "parameter_invalid", "Custom attribute 'legacy_code' does not exist")
	c.AddAttribute("contact", "shirt size", "string", "S", "M")
	person := c.ok("POST", "/contacts", `{"role":"lead","custom_attributes":{"shirt size":"M"}}`).text("id")
	if got := c.search(`{"field":"custom_attributes.shirt size","operator":"=","value":"M"}`); !slices.Equal(got, []string{person}) {
		t.Errorf("found %v by the added attribute", got)
	}
}

// TestAdmins holds what differs between versions, and being away.
func TestAdmins(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1, Region: "EU", Timezone: "Europe/Dublin"})
	id, name, email := c.Admin()
	me := c.ok("GET", "/me", "")
	if me.text("id") != id || me.text("name") != name || me.text("email") != email ||
		me.text("app.region") != "EU" || me.text("app.timezone") != "Europe/Dublin" {
		t.Errorf("me: %s", me.body)
	}
	for version, keys := range map[string][2]bool{"2.10": {false, false}, "2.14": {true, false}, "2.16": {true, true}} {
		admin, _ := c.in(version).ok("GET", "/admins", "").at("admins.0").(map[string]any)
		_, reason := admin["away_status_reason_id"]
		_, role := admin["role"]
		if keys != [2]bool{reason, role} {
			t.Errorf("in %s: away reason %v, role %v", version, reason, role)
		}
	}
	if got := c.ok("PUT", "/admins/"+id+"/away", `{"away_mode_enabled":true,"away_mode_reassign":true}`); got.at("away_mode_reassign") != true {
		t.Errorf("away: %s", got.body)
	}
	c.refused("PUT", "/admins/1/away", `{}`, 404, "admin_not_found", "Admin for admin_id not found")
	c.refused("GET", "/admins/1", "", 404, "admin_not_found", "Admin not found")
}

// TestCompanyNotes holds the notes of companies and where versions show them.
func TestCompanyNotes(t *testing.T) {
	c := newCaller(t, Options{})
	firm := c.Companies()[0].ID
	note := c.ok("POST", "/companies/"+firm+"/notes", `{"body":"Hello"}`).text("id")
	if got := c.ok("GET", "/companies/"+firm+"/notes", "").ids(); !slices.Equal(got, []string{note}) {
		t.Errorf("listed %v", got)
	}
	for version, path := range map[string]string{"2.16": "notes.notes.0.id", "Preview": "notes.data.0.id"} {
		if got := c.in(version).ok("GET", "/companies/"+firm, "").text(path); got != note {
			t.Errorf("%s in %s: %q", path, version, got)
		}
	}
	if got := c.in("2.15").ok("GET", "/companies/"+firm, "").at("notes"); got != nil {
		t.Errorf("notes in 2.15: %v", got)
	}
	c.ok("GET", "/notes/"+note, "")
	c.in("2.15").refused("GET", "/notes/"+note, "", 404, "not_found", "Resource Not Found")
}

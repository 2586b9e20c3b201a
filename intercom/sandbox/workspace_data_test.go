package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestDataAttributes holds how attributes are made, changed and listed.
func TestDataAttributes(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	create := func(body, message string) {
		t.Helper()
		c.refused("POST", "/data_attributes", body, 400, "parameter_invalid", message)
	}
	create(`{"name":"plan","model":"company","data_type":"string"}`, "You already have 'plan' in your people data. To save this as new company data, use a different name.")
	create(`{"name":"arr","model":"contact","data_type":"float"}`, "You already have 'arr' in your company data. To save this as new people data, use a different name.")
	create(`{"name":"a<b","model":"contact","data_type":"string"}`, "Your name for this attribute must only contain alphanumeric characters, currency symbols, and hyphens")
	create(`{"name":"a","model":"contact","data_type":"colour"}`, "Data Type isn't an option")
	create(`{"name":"a","model":"ticket","data_type":"string"}`, "The Data Attribute model field must be either contact or company")
	create(`{"name":"a","model":"contact","data_type":"string","options":"x"}`, "Options isn't an array")
	create(`{"name":"a","model":"contact","data_type":"string","options":[{"value":"x"}]}`, "options is invalid")
	c.in("2.13").refused("POST", "/data_attributes", `{"name":"a","model":"contact","data_type":"options"}`, 400, "parameter_invalid", "Data Type isn't an option")

	a := c.ok("POST", "/data_attributes", `{"name":"shirt size","model":"contact","data_type":"options","options":[{"value":"S"},{"value":"M"}]}`)
	id := c.ok("PUT", "/data_attributes/"+strconv.Itoa(a.number("id")), `{"options":[{"value":"S"},{"value":"L"}],"description":"In Europe"}`)
	if id.text("options.1") != "L" || id.text("data_type") != "string" || id.text("description") != "In Europe" {
		t.Errorf("updated %s", id.body)
	}
	person := c.ok("POST", "/contacts", `{"role":"lead","custom_attributes":{"shirt size":"L"}}`).text("id")
	if got := c.search(`{"field":"custom_attributes.shirt size","operator":"=","value":"L"}`); !slices.Equal(got, []string{person}) {
		t.Errorf("found %v", got)
	}
	c.ok("PUT", "/data_attributes/"+strconv.Itoa(a.number("id")), `{"archived":true}`)
	c.refused("PUT", "/contacts/"+person, `{"custom_attributes":{"shirt size":"S"}}`, 400, "parameter_invalid", "Custom attribute 'shirt size' does not exist")
	c.refused("PUT", "/data_attributes/999", `{}`, 404, "field_not_found", "We couldn't find that data attribute to update")
	c.refused("PUT", "/data_attributes/31", `{"archived":true}`, 422, "data_invalid", "The Data Attribute you are trying to archive has a dependant object")
	active, _ := c.ok("GET", "/data_attributes", "").at("data").([]any)
	all, _ := c.ok("GET", "/data_attributes?include_archived=true", "").at("data").([]any)
	if len(all)-len(active) != 2 {
		t.Errorf("%d attributes and %d with the archived ones", len(active), len(all))
	}
}

// TestActivityLogs holds what the log tells of admins, and how it is narrowed.
func TestActivityLogs(t *testing.T) {
	c := newCaller(t, Options{})
	id := c.ok("GET", "/admins", "").text("admins.1.id")
	since := fmt.Sprint(noon.Unix())
	const everything = "/admins/activity_logs?created_at_after=0"
	if got := c.ok("GET", everything, "").number("pages.total_pages"); got != 0 {
		t.Errorf("%d pages before anything happened", got)
	}
	c.Advance(time.Hour)
	c.ok("PUT", "/admins/"+id+"/away", `{"away_mode_enabled":true,"away_mode_reassign":false}`)
	for path, want := range map[string]bool{
		everything: true,
		"/admins/activity_logs?created_at_after=" + since:                     true,
		"/admins/activity_logs?created_at_after=0&created_at_before=" + since: false,
		everything + "&page=2": false,
	} {
		if got := c.ok("GET", path, ""); (got.text("activity_logs.0.activity_type") == "admin_away_mode_change") != want {
			t.Errorf("%s: %s", path, got.body)
		}
	}
	for body, want := range map[string]bool{
		`{"created_at_after":0,"event_types":["admin_away_mode_change"],"per_page":1}`: true,
		`{"created_at_after":0,"event_types":["admin_login_success"]}`:                 false,
	} {
		if got := c.ok("POST", "/admins/activity_logs/search", body); (got.at("activity_logs.0.metadata.away_mode") == true) != want {
			t.Errorf("%s: %s", body, got.body)
		}
	}
	for version, want := range map[string]int{"2.16": 73, "2.17": 73, "Preview": 74} {
		types, _ := c.in(version).ok("GET", "/admins/activity_log_event_types", "").at("event_types").([]any)
		if len(types) != want || !slices.Contains(types, any("admin_away_mode_change")) {
			t.Errorf("%d types of events in %s: %v", len(types), version, types)
		}
	}
	c.refused("GET", "/admins/activity_logs", "", 400, "parameter_not_found", "created_at_after not specified")
	c.refused("POST", "/admins/activity_logs/search", `{"created_at_after":"x"}`, 400, "parameter_invalid", "created_at_after is invalid")
	c.refused("POST", "/admins/activity_logs/search", `{"created_at_after":0,"per_page":251}`, 400, "parameter_invalid", "Per Page must be between 1 and 250")
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

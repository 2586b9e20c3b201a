package sandbox

import (
	"slices"
	"testing"
)

// TestSaveCompany holds that companies are saved by their own id, and that
// updates by Intercom's id cannot change it.
func TestSaveCompany(t *testing.T) {
	c := newCaller(t, Options{})
	firm := c.ok("POST", "/companies", `{"company_id":"x1","name":"X","plan":"Pro","monthly_spend":155.98,`+
		`"custom_attributes":{"licences":4}}`)
	id := firm.text("id")
	if firm.number("monthly_spend") != 155 || firm.text("plan.name") != "Pro" || firm.number("user_count") != 0 {
		t.Errorf("created %s", firm.body)
	}
	again := c.ok("POST", "/companies", `{"company_id":"x1","industry":"Toys"}`)
	if again.text("id") != id || again.text("name") != "X" || again.text("industry") != "Toys" {
		t.Errorf("saved again %s", again.body)
	}
	if got := c.ok("PUT", "/companies/"+id, `{"plan":null,"size":9}`); got.at("plan.name") != nil ||
		got.number("size") != 9 {
		t.Errorf("updated %s", got.body)
	}
	c.refused("PUT", "/companies/"+id, `{"company_id":"x2"}`, 400, "bad_request", "bad 'company_id' parameter")
	c.refused("POST", "/companies", `{"test":1,"company_id":"x1"}`, 400, "bad_request", "bad 'test' parameter")
	c.refused("POST", "/companies", `{"name":"X"}`, 400, "parameter_not_found", "company_id not specified")
	c.refused("POST", "/companies", `{"company_id":"x1","monthly_spend":2147483648}`, 400, "parameter_invalid",
		"monthly_spend is invalid")
	c.refused("POST", "/companies", `{"company_id":"x1","custom_attributes":{"plan":"x"}}`, 400, "parameter_invalid",
		"Custom attribute 'plan' does not exist")
	c.in("2.15").refused("POST", "/companies", `{"company_id":"x1","update_last_request_at":true}`, 400, "bad_request",
		"bad 'update_last_request_at' parameter")
	seen := c.ok("POST", "/companies", `{"company_id":"x1","update_last_request_at":true}`)
	if got := seen.number("last_request_at"); got != int(noon.Unix()) {
		t.Errorf("last request at %d", got)
	}
}

// TestCompanyVisibility holds that lists show a company only while it has
// contacts, and that deletion detaches them.
func TestCompanyVisibility(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1, Companies: -1})
	firm := c.ok("POST", "/companies", `{"company_id":"x","name":"X"}`).text("id")
	person := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
	listed := func() bool {
		return slices.Equal(c.ok("POST", "/companies/list", "").ids(), []string{firm})
	}
	if listed() {
		t.Error("a company without contacts is listed")
	}
	c.ok("GET", "/companies/"+firm, "")
	for range 2 {
		if got := c.ok("POST", "/contacts/"+person+"/companies", `{"id":"`+firm+`"}`).number("user_count"); got != 1 {
			t.Errorf("%d users", got)
		}
	}
	if !listed() {
		t.Error("a company with a contact is not listed")
	}
	if got := c.ok("DELETE", "/contacts/"+person+"/companies/"+firm, "").number("user_count"); got != 0 || listed() {
		t.Errorf("%d users after detaching", got)
	}
	c.ok("POST", "/contacts/"+person+"/companies", `{"id":"`+firm+`"}`)
	c.ok("DELETE", "/companies/"+firm, "")
	c.refused("GET", "/companies/"+firm, "", 404, "company_not_found", "Company Not Found")
	if got, _ := c.Contact(person); len(got.CompanyIDs) != 0 {
		t.Errorf("the contact is still at %v", got.CompanyIDs)
	}
	c.refused("POST", "/contacts/"+person+"/companies", `{}`, 400, "parameter_not_found", "company not specified")
	c.refused("POST", "/contacts/"+person+"/companies", `{"id":"x"}`, 404, "company_not_found", "Company Not Found")
	c.refused("DELETE", "/contacts/"+person+"/companies/"+firm, "", 404, "company_not_found", "Company Not Found")
	c.refused("GET", "/companies?name=Nothing", "", 404, "company_not_found", "Company Not Found")
}

// TestCompanyFilters holds the filters of GET /companies.
func TestCompanyFilters(t *testing.T) {
	c := newCaller(t, Options{})
	if got := c.ok("GET", "/companies?name=Acme%20Inc", "").text("data.0.company_id"); got != "acme" {
		t.Errorf("found %q by name", got)
	}
	tagged := c.ok("GET", "/companies?per_page=60&tag_id=7522915", "").ids()
	big := c.ok("GET", "/companies?per_page=60&segment_id="+c.Segments()[5].ID, "").ids()
	for _, firm := range c.Companies()[:39] {
		if slices.Contains(tagged, firm.ID) != slices.Contains(firm.TagIDs, "7522915") {
			t.Errorf("%s with tags %v: found %v", firm.Name, firm.TagIDs, tagged)
		}
		if slices.Contains(big, firm.ID) != (firm.MonthlySpend >= 5000) {
			t.Errorf("%s with a spend of %d: found %v", firm.Name, firm.MonthlySpend, big)
		}
	}
}

// TestCompanySegments holds that a company is in the segments whose rules it
// meets.
func TestCompanySegments(t *testing.T) {
	c := newCaller(t, Options{})
	firm := c.Companies()[1]
	for spend, want := range map[string]int{"4999": 0, "5000": 1} {
		embedded := c.ok("PUT", "/companies/"+firm.ID, `{"monthly_spend":`+spend+`}`)
		segments, _ := embedded.at("segments.segments").([]any)
		listed := c.ok("GET", "/companies/"+firm.ID+"/segments", "").ids()
		if len(segments) != want || len(listed) != want {
			t.Errorf("with a spend of %s: embedded %v, listed %v", spend, segments, listed)
		}
	}
}

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
	c.refused("PUT", "/contacts/"+c.Contacts()[0].ID, `{"custom_attributes":{"legacy_code":"S"}}`, 400,
		"parameter_invalid", "Custom attribute 'legacy_code' does not exist")
	c.AddAttribute("contact", "shirt size", "string", "S", "M")
	person := c.ok("POST", "/contacts", `{"role":"lead","custom_attributes":{"shirt size":"M"}}`).text("id")
	if got := c.search(`{"field":"custom_attributes.shirt size","operator":"=","value":"M"}`); !slices.Equal(got,
		[]string{person}) {
		t.Errorf("found %v by the added attribute", got)
	}
}

// TestStandardAttributes holds those attributes of contacts that Intercom's description does not name and its answers
// list, which nobody can write.
func TestStandardAttributes(t *testing.T) {
	c := newCaller(t, Options{})
	listed, _ := c.ok("GET", "/data_attributes?model=contact", "").at("data").([]any)
	for _, name := range []string{"fin_qualification_status", "phone_country", "slack_email", "workspace_id"} {
		if !slices.ContainsFunc(listed, func(one any) bool {
			a := one.(map[string]any)
			return a["name"] == name && a["data_type"] == "string" && a["custom"] == false && a["api_writable"] == false
		}) {
			t.Errorf("%s is not listed as it should be", name)
		}
	}
}

// TestStandardAttributesOfCompanies holds them to Intercom's own example, which names those of a plan as its keys.
func TestStandardAttributesOfCompanies(t *testing.T) {
	c := newCaller(t, Options{})
	listed, _ := c.ok("GET", "/data_attributes?model=company", "").at("data").([]any)
	names := make(map[string]any) // by full name
	for _, one := range listed {
		a := one.(map[string]any)
		if a["custom"] == true {
			continue
		}
		full := a["full_name"].(string)
		names[full] = a["name"]
		writable := slices.Contains([]string{"name", "remote_created_at", "monthly_spend", "size", "industry", "website"},
			full)
		if a["api_writable"] != writable || a["messenger_writable"] != true {
			t.Errorf("%s is writable through the API: %v, the Messenger: %v", full, a["api_writable"], a["messenger_writable"])
		}
	}
	if len(names) != 16 || names["plan.name"] != "name" || names["plan.id"] != "id" || names["id"] != "id" {
		t.Errorf("the names are %v", names)
	}
}

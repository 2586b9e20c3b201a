package engine

import (
	"encoding/json"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// TestCompanyDrift holds what counts as changed since the plan: the fields that are to be written, and no others.
func TestCompanyDrift(t *testing.T) {
	seven := new(int64)
	*seven = 7
	planned := intercom.Company{Name: "Acme", Plan: "gold", Size: seven,
		CustomAttributes: map[string]any{"arr": json.Number("1.50")}}
	patch := change.Patch{Op: change.SaveCompany, Set: map[string]any{
		"name": "New", "size": json.Number("9"), "monthly_spend": json.Number("5"),
		"custom_attributes.arr": json.Number("2")}}
	before, err := companyImage(&planned, patch)
	if err != nil {
		t.Fatal(err)
	}
	item := &change.Item{Patch: patch, Before: before}
	for name, test := range map[string]struct {
		now  func(c *intercom.Company)
		want string
	}{
		"nothing":          {func(*intercom.Company) {}, ""},
		"a name":           {func(c *intercom.Company) { c.Name = "Acme Ltd" }, "has another name now"},
		"a size":           {func(c *intercom.Company) { c.Size = new(int64) }, "has another size now"},
		"no size any more": {func(c *intercom.Company) { c.Size = nil }, "has another size now"},
		"a spend of 0": {func(c *intercom.Company) { c.MonthlySpend = new(int64) },
			"has another monthly_spend now"},
		"an attribute": {func(c *intercom.Company) { c.CustomAttributes = nil },
			"has another custom_attributes.arr now"},
		"an attribute, the same": {func(c *intercom.Company) { c.CustomAttributes = map[string]any{"arr": 1.5} }, ""},
		"what is not written":    {func(c *intercom.Company) { c.Plan = "free" }, ""},
		"what was to be written": {func(c *intercom.Company) { c.Name = "New" }, "has another name now"},
	} {
		now := planned
		test.now(&now)
		if got, err := companyDrift(item, &now); got != test.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
		}
	}
}

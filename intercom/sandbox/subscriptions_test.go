package sandbox

import (
	"slices"
	"testing"
)

// TestSubscriptions holds that only decisions are listed.
func TestSubscriptions(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	id := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
	c.ok("POST", "/contacts/"+id+"/subscriptions", `{"id":"106","consent_type":"opt_out"}`)
	c.ok("POST", "/contacts/"+id+"/subscriptions", `{"id":107,"consent_type":"opt_in"}`)
	a := c.ok("GET", "/contacts/"+id, "")
	if a.text("opted_out_subscription_types.data.0.id") != "106" ||
		a.text("opted_in_subscription_types.data.0.id") != "107" {
		t.Errorf("embedded: %s", a.body)
	}
	c.ok("DELETE", "/contacts/"+id+"/subscriptions/106", "")
	if got := c.ok("GET", "/contacts/"+id+"/subscriptions", "").ids(); !slices.Equal(got, []string{"107"}) {
		t.Errorf("listed %v", got)
	}
	c.refused("POST", "/contacts/"+id+"/subscriptions", `{"id":"1","consent_type":"opt_in"}`, 404, "not_found",
		"Resource Not Found")
}

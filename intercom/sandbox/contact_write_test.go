package sandbox

import (
	"encoding/json"
	"fmt"
	"testing"
)

// TestWrittenValuesAreNormalised holds in which form values are stored.
func TestWrittenValuesAreNormalised(t *testing.T) {
	for _, test := range []struct {
		set, at string
		want    any
	}{
		{`"email":" Joe@Mail.Example "`, "email", "joe@mail.example"},
		{`"name":" Joe\t"`, "name", "Joe"},
		{`"phone":" +1 555 "`, "phone", " +1 555 "},
		{`"external_id":"A b"`, "external_id", "A b"},
		{`"custom_attributes":{"plan":" pro "}`, "custom_attributes.plan", "pro"},
		{`"custom_attributes":{"health_score":12.3456}`, "custom_attributes.health_score", "12.35"},
		{`"custom_attributes":{"renewal_date":86401}`, "custom_attributes.renewal_date", "86400"},
		{`"custom_attributes":{"renewal_date":-1}`, "custom_attributes.renewal_date", "-86400"},
	} {
		c := newCaller(t, Options{RoundValues: true})
		id := c.Contacts()[0].ID
		c.ok("PUT", "/contacts/"+id, "{"+test.set+"}")
		if got := c.ok("GET", "/contacts/"+id, "").at(test.at); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s is stored as %v, want %v", test.set, got, test.want)
		}
	}
	c := newCaller(t, Options{})
	id := c.Contacts()[0].ID
	got := c.ok("PUT", "/contacts/"+id, `{"custom_attributes":{"health_score":12.3456,"renewal_date":86401}}`)
	if fmt.Sprint(got.at("custom_attributes.health_score"), got.at("custom_attributes.renewal_date")) != "12.3456 86401" {
		t.Errorf("not rounded: %s", got.body)
	}
}

// TestZeroValues holds how a written zero is shown: as null where null is the absence of a value, and as it is in
// custom attributes. Either way the request is accepted, and its other fields are written.
func TestZeroValues(t *testing.T) {
	c := newCaller(t, Options{})
	id := c.Contacts()[0].ID
	for set, at := range map[string]string{
		`"signed_up_at":0`: "signed_up_at", `"last_seen_at":0`: "last_seen_at", `"phone":""`: "phone", `"avatar":""`: "avatar",
	} {
		got := c.ok("PUT", "/contacts/"+id, `{"name":"`+at+`",`+set+`}`)
		if got.at(at) != nil || got.text("name") != at {
			t.Errorf("%s: %v, and the name %q", set, got.at(at), got.text("name"))
		}
	}
	for name, value := range map[string]string{"seats": "0", "health_score": "0", "renewal_date": "0", "newsletter": "false", "plan": `""`} {
		got := c.ok("PUT", "/contacts/"+id, fmt.Sprintf(`{"custom_attributes":{%q:%s}}`, name, value)).at("custom_attributes." + name)
		if encoded, err := json.Marshal(got); err != nil || string(encoded) != value {
			t.Errorf("%s is %s and not %s", name, encoded, value)
		}
	}
	firm := c.Companies()[0].ID
	got := c.ok("PUT", "/companies/"+firm, `{"name":"Zero","size":0,"monthly_spend":0}`)
	if got.at("size") != nil || got.at("monthly_spend") == nil || got.number("monthly_spend") != 0 || got.text("name") != "Zero" {
		t.Errorf("a company of no size and spend: %s", got.body)
	}
}

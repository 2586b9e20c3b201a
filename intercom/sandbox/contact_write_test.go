package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		`"signed_up_at":0`: "signed_up_at", `"last_seen_at":0`: "last_seen_at", `"phone":""`: "phone",
		`"avatar":""`: "avatar",
	} {
		got := c.ok("PUT", "/contacts/"+id, `{"name":"`+at+`",`+set+`}`)
		if got.at(at) != nil || got.text("name") != at {
			t.Errorf("%s: %v, and the name %q", set, got.at(at), got.text("name"))
		}
	}
	for name, value := range map[string]string{"seats": "0", "health_score": "0", "renewal_date": "0",
		"newsletter": "false", "plan": `""`} {
		got := c.ok("PUT", "/contacts/"+id, fmt.Sprintf(`{"custom_attributes":{%q:%s}}`, name,
			value)).at("custom_attributes." + name)
		if encoded, err := json.Marshal(got); err != nil || string(encoded) != value {
			t.Errorf("%s is %s and not %s", name, encoded, value)
		}
	}
	firm := c.Companies()[0].ID
	got := c.ok("PUT", "/companies/"+firm, `{"name":"Zero","size":0,"monthly_spend":0}`)
	if got.at("size") != nil || got.at("monthly_spend") == nil || got.number("monthly_spend") != 0 ||
		got.text("name") != "Zero" {
		t.Errorf("a company of no size and spend: %s", got.body)
	}
}

// TestUpdateContact holds that an update is partial, and what it refuses.
func TestUpdateContact(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	id := c.ok("POST", "/contacts", `{"email":"ann@mail.example","name":"Ann","phone":"+15550100",`+
		`"custom_attributes":{"plan":"pro","seats":3}}`).text("id")
	other := c.ok("POST", "/contacts", `{"email":"ben@mail.example","external_id":"b"}`).text("id")
	c.ok("PUT", "/contacts/"+id,
		`{"phone":null,"last_seen_at":1700000000,"custom_attributes":{"seats":null,"tier":"gold"}}`)
	want := Contact{
		ID: id, Role: "user", Email: "ann@mail.example", Name: "Ann", LastSeenAt: 1700000000,
		CreatedAt: noon.Unix(), UpdatedAt: noon.Unix(), CustomAttributes: map[string]any{"plan": "pro", "tier": "gold"},
	}
	got, _ := c.Contact(id)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after the update (-want +got):\n%s", diff)
	}
	exists := "A contact matching those details already exists with id=" + other
	c.refused("PUT", "/contacts/"+id, `{"email":"Ben@mail.example"}`, 409, "conflict", exists)
	c.refused("PUT", "/contacts/"+id, `{"external_id":"b"}`, 409, "conflict", exists)
	c.refused("PUT", "/contacts/"+id, `{"role":"lead"}`, 400, "client_error",
		"Contact with user role can't be converted to a lead")
	c.refused("PUT", "/contacts/nobody", `{}`, 404, "not_found", "User Not Found")
	c.FailContact(id, "odd", "Odd")
	c.refused("PUT", "/contacts/"+id, `{"name":"x"}`, 422, "odd", "Odd")
	c.refused("POST", "/contacts/"+id+"/tags", `{"id":"7522901"}`, 422, "odd", "Odd")
	c.FailContact(id, "", "")
	c.ok("PUT", "/contacts/"+id, `{"name":"x"}`)
	lead := c.ok("POST", "/contacts", `{"role":"lead","email":"ben@mail.example"}`).text("id")
	c.refused("PUT", "/contacts/"+lead, `{"role":"user"}`, 409, "conflict", exists)
	c.ok("PUT", "/contacts/"+lead, `{"role":"user","email":"new@mail.example"}`)
}

// TestCustomAttributes holds that values must be of the attribute's type.
func TestCustomAttributes(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	id := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
	for value, message := range map[string]string{
		`{"plan":"x","seats":9007199254740993,"health_score":2,"newsletter":false,"renewal_date":1700000000,"tier":"gold"}`: "",
		`{"nothing":1}`:            "Custom attribute 'nothing' does not exist",
		`{"Plan":"x"}`:             "Custom attribute 'Plan' does not exist",
		`{"legacy_code":"x"}`:      "Custom attribute 'legacy_code' does not exist",
		`{"account_code":"x"}`:     "Custom attribute 'account_code' does not exist",
		`{"plan":1}`:               "Custom attribute 'plan' must be of type string",
		`{"seats":"3"}`:            "Custom attribute 'seats' must be of type integer",
		`{"seats":1.5}`:            "Custom attribute 'seats' must be of type integer",
		`{"health_score":"1"}`:     "Custom attribute 'health_score' must be of type float",
		`{"newsletter":"yes"}`:     "Custom attribute 'newsletter' must be of type boolean",
		`{"renewal_date":"today"}`: "Custom attribute 'renewal_date' must be of type date",
		`{"tier":"tin"}`:           "Custom attribute 'tier' must be one of: bronze, silver, gold, platinum",
	} {
		a := c.do("PUT", "/contacts/"+id, `{"custom_attributes":`+value+`}`)
		if got := a.text("errors.0.message"); got != message || (a.status == http.StatusOK) != (message == "") {
			t.Errorf("%s: %d %q, want %q", value, a.status, got, message)
		}
	}
	if got, _ := c.Contact(id); got.CustomAttributes["seats"] != int64(9007199254740993) {
		t.Errorf("seats is %v", got.CustomAttributes["seats"])
	}
}

package sandbox

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCreateContact holds what makes a contact, and what conflicts.
func TestCreateContact(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	ann := c.ok("POST", "/contacts", `{"email":"ann@mail.example","external_id":"a"}`)
	if ann.text("role") != "user" {
		t.Errorf("the role is %s", ann.text("role"))
	}
	exists := "A contact matching those details already exists with id=" + ann.text("id")
	c.refused("POST", "/contacts", `{"email":"ANN@mail.example"}`, 409, "conflict", exists)
	c.refused("POST", "/contacts", `{"external_id":"a"}`, 409, "conflict", exists)
	c.ok("POST", "/contacts", `{"role":"lead","email":"ann@mail.example"}`)
	c.ok("POST", "/contacts", `{"email":"ann@mail.example","external_id":"b"}`)
	ben := c.ok("POST", "/contacts", `{"email":"ben@mail.example"}`).text("id")
	c.ok("POST", "/contacts/"+ben+"/archive", "")
	c.refused("POST", "/contacts", `{"email":"ben@mail.example"}`, 409, "conflict", "An archived contact matching those details already exists with id="+ben)
	cat := c.ok("POST", "/contacts", `{"email":"cat@mail.example"}`).text("id")
	c.ok("POST", "/contacts/"+cat+"/block", "")
	c.refused("POST", "/contacts", `{"email":"cat@mail.example"}`, 400, "not_restorable", "Contact has been blocked and is not restorable")

	c.refused("POST", "/contacts", `{"name":"Nobody"}`, 400, "parameter_not_found", "email, external_id or role not specified")
	c.refused("POST", "/contacts", `{"role":"user"}`, 400, "parameter_not_found", "email or external_id not specified")
	c.refused("POST", "/contacts", `{"role":"visitor"}`, 400, "parameter_invalid", "role is invalid")
	c.refused("POST", "/contacts", `{"email":"no address"}`, 400, "parameter_invalid", "email is invalid")
	c.refused("POST", "/contacts", `{"email":"x@mail.example","tags":[]}`, 400, "bad_request", "bad 'tags' parameter")
	c.refused("POST", "/contacts", `{"external_id":"x","owner_id":"1"}`, 400, "parameter_invalid", "The owner specified is not a member of the workspace")
	c.refused("POST", "/contacts", `{"external_id":"x","email_verified":true}`, 400, "parameter_invalid", "email_verified must be sent together with email")
}

// TestUpdateContact holds that an update is partial, and what it refuses.
func TestUpdateContact(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	id := c.ok("POST", "/contacts", `{"email":"ann@mail.example","name":"Ann","phone":"+15550100","custom_attributes":{"plan":"pro","seats":3}}`).text("id")
	other := c.ok("POST", "/contacts", `{"email":"ben@mail.example","external_id":"b"}`).text("id")
	c.ok("PUT", "/contacts/"+id, `{"phone":null,"last_seen_at":1700000000,"custom_attributes":{"seats":null,"tier":"gold"}}`)
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
	c.refused("PUT", "/contacts/"+id, `{"role":"lead"}`, 400, "client_error", "Contact with user role can't be converted to a lead")
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

// TestContactLifecycle holds what archived, blocked and deleted contacts are
// to the other operations.
func TestContactLifecycle(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	id := c.ok("POST", "/contacts", `{"email":"ann@mail.example"}`).text("id")
	c.ok("POST", "/contacts/"+id+"/archive", "")
	c.refused("GET", "/contacts/"+id, "", 404, "not_found", "User Not Found")
	if got := c.ok("GET", "/contacts", "").number("total_count"); got != 0 {
		t.Errorf("%d contacts while one is archived", got)
	}
	c.ok("POST", "/contacts/"+id+"/unarchive", "")
	c.ok("GET", "/contacts/"+id, "")
	c.ok("POST", "/contacts/"+id+"/block", "")
	c.ok("GET", "/contacts/"+id, "")
	c.ok("DELETE", "/contacts/"+id, "")
	c.refused("DELETE", "/contacts/"+id, "", 404, "not_found", "User Not Found")
	c.ok("POST", "/contacts", `{"email":"ann@mail.example"}`)
}

package sandbox

import (
	"testing"
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
	c.refused("POST", "/contacts", `{"email":"ben@mail.example"}`, 409, "conflict",
		"An archived contact matching those details already exists with id="+ben)
	cat := c.ok("POST", "/contacts", `{"email":"cat@mail.example"}`).text("id")
	c.ok("POST", "/contacts/"+cat+"/block", "")
	c.refused("POST", "/contacts", `{"email":"cat@mail.example"}`, 400, "not_restorable",
		"Contact has been blocked and is not restorable")

	c.refused("POST", "/contacts", `{"name":"Nobody"}`, 400, "parameter_not_found",
		"email, external_id or role not specified")
	c.refused("POST", "/contacts", `{"role":"user"}`, 400, "parameter_not_found", "email or external_id not specified")
	c.refused("POST", "/contacts", `{"role":"visitor"}`, 400, "parameter_invalid", "role is invalid")
	c.refused("POST", "/contacts", `{"email":"no address"}`, 400, "parameter_invalid", "email is invalid")
	c.refused("POST", "/contacts", `{"email":"x@mail.example","tags":[]}`, 400, "bad_request", "bad 'tags' parameter")
	c.refused("POST", "/contacts", `{"external_id":"x","owner_id":"1"}`, 400, "parameter_invalid",
		"The owner specified is not a member of the workspace")
	c.refused("POST", "/contacts", `{"external_id":"x","email_verified":true}`, 400, "parameter_invalid",
		"email_verified must be sent together with email")
}

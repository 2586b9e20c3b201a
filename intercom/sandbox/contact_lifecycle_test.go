package sandbox

import (
	"testing"
)

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

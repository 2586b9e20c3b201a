package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestBulkUpdate follows a job from its acceptance to its end: partial
// failures show in its state alone, and unknown tags nowhere.
func TestBulkUpdate(t *testing.T) {
	c := newCaller(t, Options{}).in("Preview")
	people := c.Contacts()[:3]
	c.FailContact(people[1].ID, "odd", "Odd")
	tag := c.Tags()[15].ID
	var items []string
	for i, p := range people {
		items = append(items, fmt.Sprintf(`{"id":%q,"name":"New %d","role":"lead","unknown":1,"tags":{"add":[{"id":%q},{"id":"1"}]},
			"companies":[{"company_id":"fresh","name":"Fresh"},{"company_id":"acme","remove":true}]}`, p.ID, i, tag))
	}
	a := c.do("PUT", "/contacts/bulk", `{"contacts":[`+strings.Join(items, ",")+`]}`)
	if a.status != 202 || a.text("state") != "running" || a.text("tasks.0.state") != "pending" ||
		a.number("tasks.0.item_count") != 3 {
		t.Fatalf("accepted: %d %s", a.status, a.body)
	}
	id := a.text("id")
	states := []string{}
	for range 3 {
		a = c.ok("GET", "/contacts/bulk/"+id, "")
		states = append(states, a.text("tasks.0.state")+"/"+a.text("state"))
		c.Advance(300 * time.Millisecond)
	}
	if want := []string{"pending/running", "running/running",
		"completed_with_errors/completed_with_errors"}; !slices.Equal(states, want) {
		t.Errorf("states %v, want %v", states, want)
	}
	for i, p := range people {
		now, _ := c.Contact(p.ID)
		changed := now.Name == fmt.Sprintf("New %d", i) && slices.Contains(now.TagIDs, tag) && now.Role == "user" &&
			!slices.Equal(now.CompanyIDs, p.CompanyIDs)
		if changed != (i != 1) {
			t.Errorf("contact %d: changed %v: %+v", i, changed, now)
		}
	}
	if fresh := c.Companies()[40]; fresh.CompanyID != "fresh" || fresh.Name != "Fresh" || fresh.UserCount != 2 {
		t.Errorf("the company made on the way: %+v", fresh)
	}
	c.refused("PUT", "/contacts/bulk", `{"contacts":[],"job":{"id":"`+id+`"}}`, 403, "forbidden",
		"job "+id+" is closed for new task updates")
}

// TestBulkAppend holds that a job takes tasks until all are done.
func TestBulkAppend(t *testing.T) {
	c := newCaller(t, Options{BulkDelay: time.Second}).in("Preview")
	id := c.do("POST", "/contacts/bulk", `{"contacts":[{"email":"one@mail.example"}]}`).text("id")
	c.Advance(900 * time.Millisecond)
	a := c.do("POST", "/contacts/bulk", `{"contacts":[{"email":"two@mail.example"}],"job":{"id":"`+id+`"}}`)
	if a.status != 202 || a.text("id") != id || a.text("tasks.1.state") != "pending" {
		t.Fatalf("appended: %d %s", a.status, a.body)
	}
	c.Advance(200 * time.Millisecond)
	if a := c.ok("GET", "/contacts/bulk/"+id, ""); a.text("tasks.0.state") != "completed" ||
		a.text("state") != "running" || a.at("completed_at") != nil {
		t.Errorf("between the tasks: %s", a.body)
	}
	c.Advance(time.Second)
	if a := c.ok("GET", "/contacts/bulk/"+id, ""); a.text("state") != "completed" || a.at("completed_at") == nil {
		t.Errorf("after both: %s", a.body)
	}
}

// TestBulkCreateAndDelete holds that creation ignores ids and never updates,
// and that deletion is for good.
func TestBulkCreateAndDelete(t *testing.T) {
	c := newCaller(t, Options{}).in("Preview")
	known := c.Contacts()[0]
	a := c.do("POST", "/contacts/bulk", `{"contacts":[{"id":"`+known.ID+`","email":"NEW@mail.example","name":"New"},
		{"email":"`+known.Email+`","external_id":"else"},{"role":"lead","email":"`+known.Email+`"}]}`)
	c.Advance(time.Second)
	if got := c.ok("GET", "/contacts/bulk/"+a.text("id"), "").text("state"); got != "completed_with_errors" {
		t.Errorf("state %s", got)
	}
	if now, _ := c.Contact(known.ID); now.Name != known.Name {
		t.Errorf("creation changed a contact to %q", now.Name)
	}
	made := c.search(`{"field":"email","operator":"=","value":"new@mail.example"}`)
	twins := c.search(`{"field":"email","operator":"=","value":"` + known.Email + `"}`)
	if len(made) != 1 || len(twins) != 2 {
		t.Fatalf("created %v and %v", made, twins)
	}
	a = c.do("POST", "/contacts/bulk/delete", `{"contacts":[{"id":"`+made[0]+`"}]}`)
	c.Advance(time.Second)
	if got := c.ok("GET", "/contacts/bulk/"+a.text("id"), "").text("state"); got != "completed" {
		t.Errorf("state %s", got)
	}
	if _, ok := c.Contact(made[0]); ok {
		t.Error("the contact is still there")
	}
}

// TestFailContactSparesDueTasks holds that what was due before a contact began to fail is carried out.
func TestFailContactSparesDueTasks(t *testing.T) {
	c := newCaller(t, Options{Contacts: 1}).in("Preview")
	id := c.Contacts()[0].ID
	c.do("PUT", "/contacts/bulk", `{"contacts":[{"id":"`+id+`","name":"New"}]}`)
	c.Advance(time.Second)
	c.FailContact(id, "odd", "Odd")
	if now, _ := c.Contact(id); now.Name != "New" {
		t.Errorf("the name is %q", now.Name)
	}
}

// TestBulkRefusals holds that a bad request is refused whole, in this order.
func TestBulkRefusals(t *testing.T) {
	c := newCaller(t, Options{}).in("Preview")
	many := strings.Repeat(`{"id":"x"},`, 100) + `{"id":"x"}`
	for _, test := range []struct {
		body          string
		status        int
		code, message string
	}{
		{`{}`, 422, "field_not_found", "contacts field must be supplied"},
		{`{"contacts":{}}`, 422, "type_mismatch", "contacts must be an array"},
		{`{"contacts":[` + many + `]}`, 422, "parameter_invalid", "maximum number of contacts per request is 100"},
		{`{"contacts":["x"]}`, 422, "type_mismatch", "each contact must be an object"},
		{`{"contacts":[{"id":"x"},{"name":"y"}]}`, 422, "field_not_found", "contacts must be identified by id"},
		{`{"contacts":[{"id":"x"}],"job":{"id":"job_v2_9"}}`, 404, "job_not_found", "job job_v2_9 not found"},
	} {
		c.refused("PUT", "/contacts/bulk", test.body, test.status, test.code, test.message)
		if !strings.HasPrefix(test.body, `{"contacts":[{"id":"x"},`) {
			continue
		}
		c.refused("POST", "/contacts/bulk/delete", test.body, test.status, test.code, test.message)
	}
	c.refused("GET", "/contacts/bulk/job_v2_1", "", 404, "job_not_found", "job job_v2_1 not found")
}

package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestUnverifiedPerson marks an e-mail that nobody vouches for, and does not take it for the person whose it is.
func TestUnverifiedPerson(t *testing.T) {
	w, store := auditedWorld(t)
	mallory := func(c *Call) {
		c.Principal, c.Person = "https://id.example#u2@clients", policy.Person{Name: "Ann", Email: "ann@x.example",
			Unverified: true}
	}
	receipt := w.do("update_contact", object{"contact": w.people(0, 1)[0], "set": object{"name": "Ann"}}, mallory)
	if got := w.do("get_change", object{"change": receipt["change"]}, mallory)["by"]; got !=
		"Ann <ann@x.example> (not verified)" {
		t.Errorf("%v", got)
	}
	if rows := w.do("list_changes", object{"of": "ann@x.example"}, having(RoleOperator))["rows"]; len(rows.([]any)) != 0 {
		t.Errorf("of the person: %v", rows)
	}
	for _, of := range []string{"everyone", "https://id.example#u2@clients"} {
		rows := fmt.Sprint(w.do("list_changes", object{"of": of}, having(RoleOperator))["rows"])
		if !strings.Contains(rows, "Ann <ann@x.example> (not verified)") {
			t.Errorf("of %s: %s", of, rows)
		}
	}
	receipt = w.do("update_contact", object{"contact": w.people(0, 1)[0], "set": object{"name": "Bea"}}, mallory,
		func(c *Call) { c.Person = policy.Person{Name: "Ann <ann@x.example>"} })
	if got := w.do("get_change", object{"change": receipt["change"]}, mallory)["by"]; got !=
		"Ann <ann@x.example> (not verified)" {
		t.Errorf("an e-mail in a name: %v", got)
	}
	for event, err := range store.Events(t.Context(), change.EventQuery{Principal: "ann@x.example"}) {
		t.Errorf("in the trail, of the person: %+v %v", event, err)
	}
	for event, err := range store.Events(t.Context(), change.EventQuery{Kind: change.KindPlanned}) {
		if email := event.Facts["email"]; err != nil || email != "" && email != "ann@x.example (not verified)" {
			t.Errorf("%+v %v", event, err)
		}
	}
}

// TestPersonOnRecord names the person behind a principal in the change and in the trail.
func TestPersonOnRecord(t *testing.T) {
	w, store := auditedWorld(t)
	ann := func(c *Call) {
		c.Principal, c.Person = "https://id.example#u1", policy.Person{Name: "Ann Lee", Email: "ann@x.example"}
		c.Roles = []string{"approver", "support", "ops"}
	}
	receipt := w.do("update_contact", object{"contact": w.people(0, 1)[0], "set": object{"name": "Ann"}}, ann)
	detail := w.do("get_change", object{"change": receipt["change"]}, ann)
	if detail["by"] != "Ann Lee <ann@x.example>" {
		t.Errorf("%v", detail)
	}
	planned := 0
	for event, err := range store.Events(t.Context(), change.EventQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind != change.KindPlanned {
			continue
		}
		planned++
		if event.Facts["name"] != "Ann Lee" || event.Facts["email"] != "ann@x.example" ||
			event.Facts["roles"] != "support,ops" {
			t.Errorf("%+v", event)
		}
	}
	if planned != 1 {
		t.Errorf("%d plans are on record", planned)
	}
}

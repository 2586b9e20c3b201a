package tools

import (
	"testing"

	"intercom-mcp/policy/change"
)

// TestPersonOnRecord names the person behind a principal in the change and in the trail.
func TestPersonOnRecord(t *testing.T) {
	w, store := auditedWorld(t)
	ann := func(c *Call) {
		c.Principal, c.Person = "https://id.example#u1", Person{Name: "Ann Lee", Email: "ann@x.example"}
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

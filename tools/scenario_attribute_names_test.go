package tools

import (
	"testing"
	"testing/synctest"
)

// TestAttributeNames writes attributes whose names look like something else, alone and in bulk: what Intercom shows is
// what is told, and undo puts it back.
func TestAttributeNames(t *testing.T) {
	for _, name := range []string{"Favourite colour", "tag 1", "company 507f1f77bcf86cd799439011", "notes", "a.b",
		"+tag VIP", "tags"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.Close(t.Context())
				if name != "Favourite colour" { // which is there
					w.sandbox.AddAttribute("contact", name, "string")
				}
				for _, n := range []int{1, 12} {
					people := w.people(20*n, n)
					receipt := w.agreed("bulk_update_contacts",
						object{"contacts": people, "set": object{"custom_attributes": object{name: "blue"}}})
					if receipt["status"] != "applied" || receipt["changed"] != float64(n) {
						t.Errorf("%d contacts: %v", n, receipt)
					}
					w.agreed("undo_change", object{"change": receipt["change"]})
					for _, id := range people {
						if c, _ := w.sandbox.Contact(id); c.CustomAttributes[name] != nil {
							t.Errorf("%d contacts: after the undo it is %v", n, c.CustomAttributes[name])
						}
					}
				}
			})
		})
	}
}

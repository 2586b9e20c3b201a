package tools

import (
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom/sandbox"
)

// TestRefusedButAlike has Intercom refuse a value which, rounded, is the one that is there already: it is told as
// failed, though reading back shows what it would show.
func TestRefusedButAlike(t *testing.T) {
	for name, n := range map[string]int{"single": 1, "a few": 5, "in bulk": 13} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.RoundValues = true }))
				people := w.people(0, n)
				for _, id := range people {
					w.direct("PUT", "/contacts/"+id, `{"custom_attributes":{"health_score":12.35,"renewal_date":86400}}`)
				}
				w.sandbox.FailContact(people[0], "odd", "Odd")
				receipt := w.consented("bulk_update_contacts", object{"contacts": people, "set": object{"custom_attributes": object{
					"health_score": 12.3456, "renewal_date": "1970-01-02T03:04:05Z"}}})
				outcomes := w.outcomes(receipt)
				for i, id := range people {
					want := "unchanged"
					if i == 0 {
						want = "failed"
					}
					if outcomes[id][0] != want {
						t.Errorf("contact %d is %q, want %s", i, outcomes[id], want)
					}
				}
			})
		})
	}
}

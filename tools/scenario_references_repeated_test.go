package tools

import (
	"slices"
	"testing"
)

// TestRepeatedReferences names the same record again and again: it is asked
// for once.
func TestRepeatedReferences(t *testing.T) {
	w := newWorld(t)
	who := "external_id:" + w.user(0).ExternalID
	for _, test := range []struct {
		tool string
		args object
		most int // requests
	}{
		{"update_contact",
			object{"contact": who, "set": object{"add_companies": slices.Repeat([]string{"company_id:blue-sun"}, 500)}}, 8},
		{"tag_contacts", object{"contacts": slices.Repeat([]string{who}, 9), "tag": "VIP"}, 8},
		{"tag_contacts", object{"contacts": slices.Repeat([]string{who}, 200), "tag": "Champion"}, 8},
		{"tag_contacts", object{"contacts": slices.Repeat([]string{w.user(1).ID, w.user(1).Email}, 100), "tag": "Champion"},
			12},
	} {
		sent := len(w.sandbox.Calls())
		if receipt := w.do(test.tool, test.args); receipt["status"] != "applied" || receipt["changed"] != 1.0 {
			t.Errorf("%s: %v", test.tool, receipt)
		}
		if more := len(w.sandbox.Calls()) - sent; more > test.most {
			t.Errorf("%s: %d requests, at most %d", test.tool, more, test.most)
		}
	}
}

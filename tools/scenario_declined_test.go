package tools

import (
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/tools/toolerr"
)

// TestDeclinedReworded asks for what was declined, or done, in other words: what
// counts is what would be written, not how it is asked for.
func TestDeclinedReworded(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.user(0), w.user(1)
	w.asked("update_contact", object{"contact": ann.ID, "set": object{"phone": "+353861234567"}}, Decline)
	for name, again := range map[string]func() Result{
		"by e-mail": func() Result {
			return w.try("update_contact", object{"contact": ann.Email, "set": object{"phone": " +353861234567 "}})
		},
		"by another tool": func() Result {
			return w.try("bulk_update_contacts",
				object{"updates": []object{{"contact": "external_id:" + ann.ExternalID, "set": object{"phone": "+353861234567"}}}})
		},
	} {
		if result := again(); result.Err == nil || result.Err.Code != toolerr.PolicyDenied ||
			result.Err.Data["rule"] != "declined" {
			t.Errorf("%s: %s %v", name, result.JSON, result.Err)
		}
	}
	for name, more := range map[string]object{
		"with another field": {"contacts": []string{ann.ID}, "set": object{"phone": "+353861234567", "name": "Ann"}},
		"for another, too":   {"contacts": []string{ann.ID, bob.ID}, "set": object{"phone": "+353861234567"}},
	} {
		if result := w.try("bulk_update_contacts", more); result.Err == nil ||
			result.Err.Code != toolerr.ApprovalUnavailable {
			t.Errorf("%s: %s %v", name, result.JSON, result.Err)
		}
		if preview := w.question("bulk_update_contacts", more).Message; !strings.Contains(preview,
			"a person declined some of this") {
			t.Errorf("%s: %s", name, preview)
		}
	}
	w.asked("update_contact", object{"contact": bob.ID, "set": object{"phone": "+353861234567"}}, Accept)

	first := w.do("add_note", object{"contact": ann.ID, "body": "Called."})
	again := w.do("add_note", object{"contact": ann.Email, "body": "Called.\n"})
	if again["duplicate_of"] != first["change"] {
		t.Errorf("the same note in other words: %v", again)
	}
}

// TestDeclinedParts asks, a few at a time, for what was declined for many: none
// of it is written. What a person may want instead of it is put to them, and
// nobody stands in for them.
func TestDeclinedParts(t *testing.T) {
	w := newWorld(t)
	people := w.people(0, 12)
	w.asked("bulk_update_contacts", rename(people, "Renamed"), Decline)
	w.sandbox.ResetCalls()
	for _, part := range [][]string{people[:1], people[:5], people[5:]} {
		w.refused(toolerr.PolicyDenied, "bulk_update_contacts", rename(part, "Renamed"))
		w.refused(toolerr.PolicyDenied, "bulk_update_contacts", rename(part, "Renamed"), canAsk)
	}
	w.refused(toolerr.ApprovalUnavailable, "bulk_update_contacts", rename([]string{people[11], w.people(20, 1)[0]},
		"Renamed"))
	w.refused(toolerr.ApprovalUnavailable, "update_contact",
		object{"contact": people[3], "set": object{"name": "Renamed too"}})
	if sent := w.writes(); len(sent) != 0 {
		t.Errorf("written: %v", sent)
	}
	w.do("update_contact", object{"contact": people[3], "set": object{"language_override": "fr"}})
	w.asked("update_contact", object{"contact": people[3], "set": object{"name": "Renamed too"}}, Accept)
}

// TestDeclinedWaiting confirms what waited already when a person declined a part
// of it.
func TestDeclinedWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		people := w.people(0, 14)
		waiting := w.do("bulk_update_contacts", rename(people[:12], "Renamed"))["change"]
		other := w.do("bulk_update_contacts", rename(people[:11], "Otherwise"))["change"]
		w.asked("bulk_update_contacts", rename(people[1:14], "Renamed"), Decline)
		w.refused(toolerr.ApprovalUnavailable, "confirm_change", object{"change": waiting})
		w.refused(toolerr.ApprovalUnavailable, "confirm_change", object{"change": other})
		if sent := w.writes(); len(sent) != 0 {
			t.Errorf("written: %v", sent)
		}
		w.asked("confirm_change", object{"change": other}, Accept)
	})
}

package tools

import "testing"

// TestReworded asks for what was declined, or done, in other words: what
// counts is what would be written, not how it is asked for.
func TestReworded(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.user(0), w.user(1)
	w.asked("update_contact", object{"contact": ann.ID, "set": object{"phone": "+353861234567"}}, Decline)
	for name, again := range map[string]func() Result{
		"by e-mail": func() Result {
			return w.try("update_contact", object{"contact": ann.Email, "set": object{"phone": " +353861234567 "}})
		},
		"by another tool": func() Result {
			return w.try("bulk_update_contacts", object{"updates": []object{{"contact": "external_id:" + ann.ExternalID, "set": object{"phone": "+353861234567"}}}})
		},
	} {
		if result := again(); result.Err == nil || result.Err.Code != PolicyDenied {
			t.Errorf("%s: %s %v", name, result.JSON, result.Err)
		}
	}
	w.asked("update_contact", object{"contact": bob.ID, "set": object{"phone": "+353861234567"}}, Accept)

	first := w.do("add_note", object{"contact": ann.ID, "body": "Called."})
	again := w.do("add_note", object{"contact": ann.Email, "body": "Called.\n"})
	if again["duplicate_of"] != first["change"] {
		t.Errorf("the same note in other words: %v", again)
	}
}

package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/intercom"
)

// TestReceiptNamesTheOdd names of many contacts those that did not come out like the rest, so that no get_change is
// needed: who was so already, and who failed, and why.
func TestReceiptNamesTheOdd(t *testing.T) {
	w := newWorld(t)
	ids := w.people(0, 9)
	for _, i := range []int{2, 5} {
		if _, err := w.client.Contacts.Update(t.Context(), ids[i],
			intercom.ContactWrite{Name: intercom.Value("Ann")}); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range []int{3, 4} {
		w.sandbox.FailContact(ids[i], "parameter_invalid", "Name is not to be touched")
	}
	got := w.do("bulk_update_contacts", rename(ids, "Ann"))
	email := func(i int) string {
		c, _ := w.sandbox.Contact(ids[i])
		return c.Email
	}
	if want := fmt.Sprintf("[unchanged: %s, %s]", email(2), email(5)); fmt.Sprint(got["items"]) != want {
		t.Errorf("%v; want %s", got, want)
	}
	if problems := fmt.Sprint(got["problems"]); !strings.HasPrefix(problems, "[failed (") ||
		!strings.HasSuffix(problems, "): "+email(3)+", "+email(4)+"]") {
		t.Error(problems)
	}
}

// TestUnchangedWhenPlanned says of what was so when a change was planned that it was not read again, where the change
// waited for a confirmation: a colleague may have written there since. Of masked fields it says nothing.
func TestUnchangedWhenPlanned(t *testing.T) {
	t.Parallel()
	for name, masked := range map[string][]worldOption{"plain": nil, "masked": {masking("name")}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, masked...)
			ids := w.people(0, 12)
			w.direct("PUT", "/contacts/"+ids[2], `{"name":"Ann"}`)
			planned := w.do("bulk_update_contacts", rename(ids, "Ann"))
			w.direct("PUT", "/contacts/"+ids[2], `{"name":"Colleague"}`)
			receipt := w.do("confirm_change", object{"change": planned["change"]})
			rows := w.do("get_change", object{"change": planned["change"]})["rows"].([]any)
			note, reason := fmt.Sprint(receipt["note"]), rows[2].([]any)[4]
			if masked == nil && (receipt["unchanged"] != 1.0 || !strings.Contains(note, "so when planned") ||
				reason != "it was so when planned, and was not read again") {
				t.Errorf("%v; the row says %q", receipt, reason)
			}
			if masked != nil && (receipt["unchanged"] != nil || strings.Contains(note, "when planned") || reason != "") {
				t.Errorf("of what is masked: %v; the row says %q", receipt, reason)
			}
		})
	}
	w := newWorld(t)
	ann := w.people(0, 1)
	w.do("bulk_update_contacts", rename(ann, "Ann"))
	if got := w.do("bulk_update_contacts", rename(ann, "Ann")); got["unchanged"] != 1.0 || got["note"] != nil {
		t.Errorf("of one that did not wait: %v", got)
	}
}

// TestReceiptOfPartialUndo says of an undo what was put back of a contact, and what another client had written.
func TestReceiptOfPartialUndo(t *testing.T) {
	for _, n := range []int{1, 5} {
		t.Run(fmt.Sprint(n, " contacts"), func(t *testing.T) {
			w := newWorld(t)
			ids := w.people(0, n)
			done := w.do("bulk_update_contacts", object{"contacts": ids, "set": object{"add_tags": []string{"Champion"},
				"custom_attributes": object{"plan": "pro"}}})
			if _, err := w.client.Contacts.Update(t.Context(), ids[0],
				intercom.ContactWrite{CustomAttributes: map[string]any{"plan": "free"}}); err != nil {
				t.Fatal(err)
			}
			undone := w.do("undo_change", object{"change": done["change"]})
			items := fmt.Sprint(undone["items"])
			c, _ := w.sandbox.Contact(ids[0])
			if n == 1 && !strings.HasSuffix(items, `-tag "Champion"; left alone: plan]`) ||
				n == 5 && items != "[put back but for (plan): "+c.Email+"]" {
				t.Error(items)
			}
			if undone["partly"] != 1.0 || n == 5 && undone["changed"] != 4.0 {
				t.Error(undone)
			}
			rows := w.do("get_change", object{"change": undone["change"], "outcome": "partly"})["rows"].([]any)
			listed := fmt.Sprint(w.do("list_changes", object{})["rows"])
			if len(rows) != 1 || !strings.Contains(listed, "1 partly") {
				t.Error(rows, listed)
			}
		})
	}
}

// TestReceiptTellsWhoAgreed says that the user was asked and agreed, what to ask them, and of a decline no pending
// ones.
func TestReceiptTellsWhoAgreed(t *testing.T) {
	w := newWorld(t)
	ann := w.user(0)
	args := object{"contact": ann.ID, "set": object{"phone": "+353 1 555 0199", "name": "Ann"}}
	if got := w.asked("update_contact", args, Accept); !strings.Contains(fmt.Sprint(got["note"]),
		"the user was asked and agreed") {
		t.Error(got)
	}
	args["set"] = object{"phone": "", "name": "Bob"}
	if got := w.asked("update_contact", args, Decline); got["status"] != "declined" || got["pending"] != nil ||
		strings.Contains(fmt.Sprint(got["note"]), "agreed") {
		t.Error(got)
	}
	ben := w.user(1)
	waits := w.do("update_contact", object{"contact": ben.ID, "set": object{"phone": "+353 1 555 0177", "name": "Ben"}})
	want := "Nothing is written yet: shall I update " + ben.Email + " (name, phone), which can be undone?"
	if waits["say"] != want || waits["pending"] != 1.0 {
		t.Errorf("%v; want %s", waits, want)
	}
	if got := w.do("confirm_change", object{"change": waits["change"]}); strings.Contains(fmt.Sprint(got["note"]),
		"agreed") || got["say"] != nil {
		t.Error(got)
	}
	many := w.do("bulk_update_contacts", object{"contacts": w.people(20, 12), "set": object{"name": "Zoe"}})
	if many["say"] != "Nothing is written yet: shall I update 12 contacts (name), which can be undone?" {
		t.Error(many["say"])
	}
}

package tools

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
)

// eachWith are updates of n contacts, each with its own set.
func (w *world) eachWith(n int, set func(i int) object) object {
	var updates []object
	for i := range n {
		updates = append(updates, object{"contact": w.user(i).ID, "set": set(i)})
	}
	return object{"updates": updates}
}

func holds(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}

// TestPreviewShowsDomains changes 60 e-mails, most of them to one foreign domain: the preview says so, and shows one of
// each.
func TestPreviewShowsDomains(t *testing.T) {
	w := newWorld(t)
	preview := w.question("bulk_update_contacts", w.eachWith(60, func(i int) object {
		if i%6 == 0 {
			return object{"email": fmt.Sprintf("new%d@acme.example", i)}
		}
		return object{"email": fmt.Sprintf("new%d@evil.example", i)}
	})).Message
	holds(t, preview, "email on 60 (50 evil.example, 10 acme.example)\n", `"new0@acme.example"`, `@evil.example"`)
}

// TestPreviewShowsTheOddOne hides one odd value, of each field, among 199 harmless ones.
func TestPreviewShowsTheOddOne(t *testing.T) {
	for field, odd := range map[string]string{"email": "x@evil.example", "phone": "+15550199", "name": "Odd",
		"external_id": "odd"} {
		w := newWorld(t)
		preview := w.question("bulk_update_contacts", w.eachWith(100, func(i int) object {
			set := object{"name": "Same", "custom_attributes": object{"plan": fmt.Sprint("plan ", i%3)}}
			switch {
			case i == 77:
				set[field] = odd
			case field == "email":
				set["email"] = fmt.Sprintf("user%d@acme.example", i)
			case field == "phone":
				set["phone"] = "+15550100"
			}
			return set
		})).Message
		holds(t, preview, `→ "`+odd+`"`, `"plan 0"`, `"plan 1"`, `"plan 2"`, "attributes plan on 100 (3 values)")
		if len(preview) > 4800 {
			t.Errorf("%s: %d bytes", field, len(preview))
		}
	}
}

// TestPreviewShowsWhatWasGiven shows values that the caller gave in full where the field is masked, and those of
// Intercom masked, of an undo on both sides, where they are not counted either.
func TestPreviewShowsWhatWasGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, masking("phone", "custom_attributes.tier"))
		for i := range 12 {
			if _, err := w.client.Contacts.Update(t.Context(), w.user(i).ID, intercom.ContactWrite{
				Phone:            intercom.Value(fmt.Sprintf("+155501%02d", i)),
				CustomAttributes: map[string]any{"tier": []string{"gold", "silver"}[i%2]},
			}); err != nil {
				t.Fatal(err)
			}
		}
		args := w.eachWith(12, func(i int) object {
			return object{"phone": fmt.Sprintf("+155502%02d", i), "custom_attributes": object{"tier": "bronze"}}
		})
		preview := w.question("bulk_update_contacts", args).Message
		holds(t, preview, `phone: "+***" → "+15550203"`, `custom_attributes.tier: "***" → "bronze"`,
			"phone on 12 (12 values)")
		done := w.asked("bulk_update_contacts", args, Accept)
		undo := w.question("undo_change", object{"change": done["change"]}).Message
		holds(t, undo, `phone: "+***" → "+***"`, `custom_attributes.tier: "***" → "***"`,
			"Fields: phone on 12, attributes tier on 12\n")
	})
}

// TestPreviewIsNotMisled shows text that reorders, or looks like other text.
func TestPreviewIsNotMisled(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.user(0), w.user(1)
	for id, name := range map[string]string{ann.ID: "Аnn Lee", bob.ID: "שרה לוי"} { // the first with a Cyrillic А
		if _, err := w.client.Contacts.Update(t.Context(), id, intercom.ContactWrite{Name: intercom.Value(name),
			Email: intercom.Value("")}); err != nil {
			t.Fatal(err)
		}
	}
	preview := w.question("bulk_update_contacts", object{"contacts": []string{ann.ID, bob.ID},
		"set": object{"phone": "+15550100"}}).Message
	holds(t, preview, "\"Аnn Lee\" "+ann.ID, "\"\u2068שרה לוי\u2069\"  phone")
	preview = w.question("update_contact",
		object{"contact": ann.ID, "set": object{"email": "ann@аcme.example", "name": "שרה\" → \"x"}}).Message
	holds(t, preview, "\"ann@аcme.example\" (mixes Latin and Cyrillic: U+0430)", "\"\u2068שרה\\\" → \\\"x\u2069\"")
}

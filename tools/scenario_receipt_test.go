package tools

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReceiptSaysWhatWas tells of up to three contacts what they held and hold, of more only counts, and whether it can
// be undone.
func TestReceiptSaysWhatWas(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.user(0), w.user(1)
	one := w.do("update_contact",
		object{"contact": ann.ID, "set": object{"name": "Ann", "add_tags": []string{"Champion"}}})
	if got, want := fmt.Sprint(one["items"]), fmt.Sprintf(`[name: %q → "Ann", +tag "Champion"]`, ann.Name); got != want ||
		one["undo"] != true {
		t.Errorf("%s, undo %v; want %s", got, one["undo"], want)
	}
	two := w.do("bulk_update_contacts", object{"contacts": []string{ann.ID, bob.ID}, "set": object{"name": "Ann"}})
	if got, want := fmt.Sprint(two["items"]), fmt.Sprintf(`[%s name: %q → "Ann" unchanged: %s]`, bob.Email, bob.Name, ann.Email); got != want {
		t.Errorf("%s; want %s", got, want)
	}
	many := w.do("bulk_update_contacts", object{"contacts": w.people(2, 5), "set": object{"name": "Ann"}})
	if many["items"] != nil || many["changed"] != 5.0 || many["undo"] != true {
		t.Error(many)
	}
	note := w.do("add_note", object{"contact": ann.ID, "body": `They said "yes" → call`})
	if got, want := fmt.Sprint(note["items"]), `[note: "They said 'yes' → call"]`; got != want || note["undo"] != false {
		t.Errorf("%s, undo %v; want %s", got, note["undo"], want)
	}
}

// TestReceiptInPart deletes a tag that is cached: the contact gets its name, and not the tag. Receipt and get_change
// list both, and list_changes counts it.
func TestReceiptInPart(t *testing.T) {
	w := newWorld(t)
	if _, err := w.client.Tags.Create(t.Context(), "Short-lived"); err != nil {
		t.Fatal(err)
	}
	w.do("list_tags", object{})
	w.sandbox.DeleteTag("Short-lived")
	got := w.do("update_contact",
		object{"contact": w.user(0).ID, "set": object{"name": "Ann", "add_tags": []string{"Short-lived"}}})
	if got["partly"] != 1.0 || fmt.Sprint(got["items"]) != `[shows name; not +tag "Short-lived"]` || got["undo"] != true {
		t.Error(got)
	}
	row := w.do("get_change", object{"change": got["change"], "outcome": "partly"})["rows"].([]any)[0].([]any)
	if why := fmt.Sprint(row[4]); !strings.HasPrefix(why, "shows name; not shown: +tag Short-lived. ") {
		t.Error(why)
	}
	listed := w.do("list_changes", object{})
	if fmt.Sprint(listed["columns"]) != "[id tool what status created_at outcomes]" ||
		!strings.HasSuffix(fmt.Sprint(listed["rows"]), "1 partly]]") {
		t.Error(listed)
	}
}

// TestReceiptOfNamesakes names those who share an e-mail by their ids.
func TestReceiptOfNamesakes(t *testing.T) {
	w := newWorld(t)
	first := w.do("create_contact", object{"set": object{"email": "twin@ex.io", "role": "lead"}})["created"].(string)
	second := w.do("create_contact", object{"set": object{"email": "twin@ex.io", "role": "lead"},
		"allow_duplicate": true})["created"].(string)
	other := w.user(0)
	receipt := w.agreed("archive_contacts", object{"contacts": []string{first, other.ID, second}})
	want := []any{first + " archive", other.Email + " archive", second + " archive"}
	if diff := cmp.Diff(want, receipt["items"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

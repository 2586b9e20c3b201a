package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// withAttributes adds attributes of contacts to the workspace.
func (w *world) withAttributes(kind string, names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.sandbox.AddAttribute("contact", name, kind)
	}
}

// TestPreviewHidesNothing buries what matters among what does not: a person is
// shown it all the same.
func TestPreviewHidesNothing(t *testing.T) {
	w := newWorld(t)
	filler := object{}
	for i := range 30 {
		name := fmt.Sprintf("a_filler_%02d", i)
		w.withAttributes("string", name)
		filler[name] = strings.Repeat("harmless ", 10)
	}
	w.withAttributes("date", "renewal")
	ann := w.user(0)
	long := strings.Repeat("a", 60) + "@" + strings.Repeat("very.", 8) + "evil.example"
	filler["renewal"] = "2027-01-01"
	set := object{"name": "Ann", "email": long, "phone": "+15550100", "custom_attributes": filler}
	for name, args := range map[string]object{
		"update_contact": {"contact": ann.ID, "set": set},
		"bulk_update_contacts": {"updates": []object{{"contact": ann.ID, "set": set},
			{"contact": w.user(1).ID, "set": object{"name": "Bob"}}}},
	} {
		preview := w.question(name, args).Message
		wanted := []string{fmt.Sprintf("email: %q → %q", ann.Email, long), `"+15550100"`, "renewal", "a_filler_00",
			"a_filler_29"}
		for _, want := range wanted {
			if !strings.Contains(preview, want) {
				t.Errorf("%s lacks %s:\n%s", name, want, preview)
			}
		}
		if len(preview) > 4800 {
			t.Errorf("%s: the preview has %d bytes", name, len(preview))
		}
	}
	preview := w.question("update_contact",
		object{"contact": ann.ID,
			"set": object{"email": "x@example.com", "custom_attributes": object{"renewal": "2027-01-01"}}}).Message
	if !strings.Contains(preview, "renewal: (none) → 2027-01-01T00:00:00Z") {
		t.Error(preview)
	}
}

// TestPreviewBudget shows ten contacts whose protected fields all change: as many
// rows as fit, and how many there are besides.
func TestPreviewBudget(t *testing.T) {
	w := newWorld(t)
	var updates []object
	for i := range 20 {
		updates = append(updates, object{"contact": w.user(i).ID, "set": object{
			"email": fmt.Sprintf("%s%02d@example.com", strings.Repeat("long.", 20), i), "phone": fmt.Sprintf("+155501%04d", i),
			"external_id": strings.Repeat("x", 100) + fmt.Sprint(i),
		}})
	}
	preview := w.question("bulk_update_contacts", object{"updates": updates}).Message
	if len(preview) > 4800 ||
		!strings.Contains(preview, "more\nFields: external_id, phone on 20 (20 values), email on 20 (20 example.com)\n") {
		t.Errorf("%d bytes:\n%s", len(preview), preview)
	}
}

// TestPreviewOrder buries one protected change among harmless ones: it comes first.
func TestPreviewOrder(t *testing.T) {
	w := newWorld(t)
	var updates []object
	for i := range 12 {
		updates = append(updates, object{"contact": w.user(i).ID, "set": object{"name": "Harmless"}})
	}
	updates[11]["set"] = object{"email": "other@example.com", "unsubscribed_from_emails": true}
	preview := w.question("bulk_update_contacts", object{"updates": updates}).Message
	if want := "\n  " + w.user(11).Email + "  email: \"" + w.user(11).Email +
		"\" → \"other@example.com\", unsubscribed_from_emails: false → true\n  " + w.user(0).Email; !strings.Contains(preview,
		want) {
		t.Errorf("lacks %s:\n%s", want, preview)
	}
}

// TestPreviewOfNote shows as much of a note as there is room for, and how much is missing.
func TestPreviewOfNote(t *testing.T) {
	w := newWorld(t)
	s := w.newSession(Call{}, &w.tools[0])
	body := strings.Repeat("word ", 400)
	d, err := addNote(t.Context(), s, AddNoteInput{Contact: w.user(0).ID, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	preview := s.view.Preview(&change.Change{Verb: "note", Items: d.items}, policy.Decision{})
	if !strings.Contains(preview, strings.Repeat("word ", 299)+`word…" (500 characters not shown)`) {
		t.Error(preview)
	}
}

// TestPreviewNames tells apart whom a change that cannot be undone is about, and
// names each tag, company and owner that it touches.
func TestPreviewNames(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	ann := w.user(0)
	if preview := w.question("delete_contacts", object{"contacts": []string{ann.ID}}).Message; !strings.Contains(preview,
		ann.Email+" "+ann.ID) {
		t.Error(preview)
	}
	var tags []string
	for i := range 20 {
		tags = append(tags, fmt.Sprintf("a long name of tag number %02d", i))
		if _, err := w.client.Tags.Create(t.Context(), tags[i]); err != nil {
			t.Fatal(err)
		}
	}
	vip := w.tagged("VIP", 1)[0]
	preview := w.question("update_contact", object{"contact": vip, "set": object{
		"owner": "tomas@sandbox.example", "add_tags": tags, "remove_tags": []string{"VIP"},
		"add_companies": []string{"Umbra Security"},
	}}).Message
	for _, want := range append(tags, `-tag "VIP"`, `+company "Umbra Security"`, `→ "tomas@sandbox.example"`) {
		if !strings.Contains(preview, want) {
			t.Errorf("lacks %s:\n%s", want, preview)
		}
	}
}

// TestPreviewHidesNoCharacter previews what differs by what cannot be seen.
func TestPreviewHidesNoCharacter(t *testing.T) {
	w := newWorld(t)
	ann := w.user(0)
	preview := w.question("update_contact",
		object{"contact": ann.ID, "set": object{"external_id": ann.ExternalID + "\u200b"}}).Message
	if want := `external_id: "` + ann.ExternalID + `" → "` + ann.ExternalID + `<U+200B>"`; !strings.Contains(preview,
		want) {
		t.Errorf("lacks %s:\n%s", want, preview)
	}
	s := w.newSession(Call{}, &w.tools[0])
	d, err := addNote(t.Context(), s, AddNoteInput{Contact: ann.ID, Body: "ok\U000e0069\U000e0067\nnext line"})
	if err != nil {
		t.Fatal(err)
	}
	if row := s.view.Rows.Diff(new(change.Change),
		&d.items[0]); row != `note: "ok next line" (and 2 invisible characters)` {
		t.Error(row)
	}
}

package tools

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// TestUndoConflicts undoes what somebody else has changed in part: whoever asked
// is told what was left alone, with a preview or without.
func TestUndoConflicts(t *testing.T) {
	for name, many := range map[string]int{"unasked": 3, "confirmed": 12} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				people := w.people(0, many)
				receipt := w.agreed("bulk_update_contacts", rename(people, "Renamed"))
				if _, err := w.client.Contacts.Update(t.Context(), people[1],
					intercom.ContactWrite{Name: intercom.Value("By Somebody")}); err != nil {
					t.Fatal(err)
				}
				undone := w.do("undo_change", object{"change": receipt["change"]})
				if undone["status"] == "awaiting" {
					if preview := undone["preview"].(string); !strings.Contains(preview, `Skipped: `) ||
						!strings.Contains(preview, `name was changed to "By Somebody" since`) {
						t.Error(preview)
					}
					undone = w.do("confirm_change", object{"change": undone["change"]})
				}
				if note, _ := undone["note"].(string); !strings.Contains(note, "skipped: ") ||
					!strings.Contains(note, `name was changed to "By Somebody" since`) {
					t.Errorf("receipt: %v", undone)
				}
				if undone["changed"] != float64(many-1) {
					t.Errorf("receipt: %v", undone)
				}
			})
		})
	}
}

// TestLaggingSearch writes over, and puts back, what somebody else has written to since,
// which Intercom's search does not show yet: it is noticed.
func TestLaggingSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.SearchLag = 10 * time.Minute }))
		people := w.people(0, 14)
		receipt := w.agreed("bulk_update_contacts", rename(people, "Renamed"))
		time.Sleep(time.Hour)
		waiting := w.do("bulk_update_contacts", rename(people, "Otherwise"))
		if _, err := w.client.Contacts.Update(t.Context(), people[1],
			intercom.ContactWrite{Name: intercom.Value("By Somebody")}); err != nil {
			t.Fatal(err)
		}
		w.refused(toolerr.ChangeStale, "confirm_change", object{"change": waiting["change"]})
		w.agreed("undo_change", object{"change": receipt["change"]})
		if c, _ := w.sandbox.Contact(people[1]); c.Name != "By Somebody" {
			t.Errorf("it is called %s", c.Name)
		}
	})
}

// TestUndoTheRest undoes a change again once what was left alone is as it was written:
// it had not been put back as a whole before.
func TestUndoTheRest(t *testing.T) {
	w := newWorld(t)
	people := w.people(0, 3)
	receipt := w.do("bulk_update_contacts", rename(people, "Renamed"))
	named := func(name string) {
		t.Helper()
		if _, err := w.client.Contacts.Update(t.Context(), people[1],
			intercom.ContactWrite{Name: intercom.Value(name)}); err != nil {
			t.Fatal(err)
		}
	}
	named("By Somebody")
	w.do("undo_change", object{"change": receipt["change"]})
	if status := w.status(receipt["change"].(string)); status != "applied" {
		t.Errorf("undone in part, it is %s", status)
	}
	named("Renamed")
	if undone := w.do("undo_change", object{"change": receipt["change"]}); undone["changed"] != 1.0 ||
		undone["duplicate_of"] != nil {
		t.Errorf("receipt: %v", undone)
	}
	w.refused(toolerr.ChangeUsed, "undo_change", object{"change": receipt["change"]})
}

// TestUndoRole undoes what made a lead a user: all but that is put back, and both
// the preview and the receipt say so.
func TestUndoRole(t *testing.T) {
	w := newWorld(t)
	lead := w.lead()
	args := object{"contact": lead.ID, "set": object{"role": "user", "email": "now.a.user@example.com",
		"name": "Now A User"}}
	if preview := w.question("update_contact", args).Message; !strings.Contains(preview, "undo_change cannot put back") {
		t.Error(preview)
	}
	receipt := w.agreed("update_contact", args)
	undone := w.agreed("undo_change", object{"change": receipt["change"]})
	if note, _ := undone["note"].(string); !strings.Contains(note, "a user cannot become a lead again") ||
		undone["partly"] != 1.0 {
		t.Errorf("receipt: %v", undone)
	}
	if after, err := w.client.Contacts.Get(t.Context(), lead.ID); err != nil || after.Name != lead.Name ||
		after.Role != "user" {
		t.Errorf("%+v, %v", after, err)
	}
}

// TestUndoArchiveLooks undoes the archiving of contacts of whom one is back.
func TestUndoArchiveLooks(t *testing.T) {
	w := newWorld(t)
	people := w.people(0, 3)
	receipt := w.do("archive_contacts", object{"contacts": people})
	if err := w.client.Contacts.Unarchive(t.Context(), people[1]); err != nil {
		t.Fatal(err)
	}
	undone := w.do("undo_change", object{"change": receipt["change"]})
	if note, _ := undone["note"].(string); undone["changed"] != 2.0 ||
		!strings.Contains(note, "is not archived any more") {
		t.Errorf("receipt: %v", undone)
	}
}

// TestUndoCreatedSince undoes the creation of a contact that somebody has written
// to since: it is left as it is, and what was written is named.
func TestUndoCreatedSince(t *testing.T) {
	type write struct {
		tool string
		args object
	}
	for name, test := range map[string]struct {
		set   object
		since []write
		named string // empty: it is archived
	}{
		"untouched": {object{"name": "Eve", "add_tags": []string{"VIP"}, "custom_attributes": object{"plan": "free"}},
			nil, ""},
		"a lead":        {object{"role": "lead", "name": "Eve"}, nil, ""},
		"a note":        {nil, []write{{"add_note", object{"body": "Called back."}}}, "(notes)"},
		"another field": {nil, []write{{"update_contact", object{"set": object{"name": "Eve Herself"}}}}, "(name)"},
		"the same field": {object{"name": "Eve"}, []write{{"update_contact", object{"set": object{"name": "Eve Herself"}}}},
			"(name)"},
		"an attribute": {nil,
			[]write{{"update_contact", object{"set": object{"custom_attributes": object{"plan": "free"}}}}},
			"(custom_attributes.plan)"},
		"opted out": {nil, []write{{"update_contact", object{"set": object{"unsubscribed_from_emails": true}}}},
			"(unsubscribed_from_emails)"},
		"an id": {nil, []write{{"update_contact", object{"set": object{"external_id": "eve-1"}}}}, "(external_id)"},
		"a picture": {nil, []write{{"update_contact", object{"set": object{"avatar": "https://example.com/eve.png"}}}},
			"(avatar)"},
		"a tag removed": {object{"add_tags": []string{"VIP"}},
			[]write{{"update_contact", object{"set": object{"remove_tags": []string{"VIP"}}}}}, "(tags)"},
		"tag and company": {object{"add_tags": []string{"VIP"}},
			[]write{{"update_contact",
				object{"set": object{"add_tags": []string{"Champion"}, "add_companies": []string{"Acme Inc"}}}}},
			"(companies, tags)"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			set := object{}
			for field, value := range test.set {
				set[field] = value
			}
			if set["role"] == nil {
				set["email"] = "eve@example.com"
			}
			receipt := w.agreed("create_contact", object{"set": set})
			id := receipt["created"].(string)
			for _, since := range test.since {
				since.args["contact"] = id
				w.agreed(since.tool, since.args)
			}
			if test.named == "" {
				w.agreed("undo_change", object{"change": receipt["change"]})
			} else if refusal := w.refused(toolerr.ChangeUsed, "undo_change",
				object{"change": receipt["change"]}); !strings.Contains(refusal.Message, "was written to since "+test.named) {
				t.Error(refusal)
			}
			if c, _ := w.sandbox.Contact(id); c.Archived != (test.named == "") {
				t.Errorf("archived: %v", c.Archived)
			}
		})
	}
}

// TestUndoUnarchivedSince undoes the unarchiving of contacts of whom one was written
// to since.
func TestUndoUnarchivedSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		people := w.people(0, 2)
		w.do("archive_contacts", object{"contacts": people})
		back := w.do("unarchive_contacts", object{"contacts": people})
		time.Sleep(time.Minute)
		if _, err := w.client.Contacts.Update(t.Context(), people[1],
			intercom.ContactWrite{Name: intercom.Value("By Somebody")}); err != nil {
			t.Fatal(err)
		}
		undone := w.do("undo_change", object{"change": back["change"]})
		if note, _ := undone["note"].(string); undone["changed"] != 1.0 || !strings.Contains(note, "was written to since") {
			t.Errorf("receipt: %v", undone)
		}
	})
}

// TestUndoCreatedInPart undoes the creation of a contact that could not be tagged.
func TestUndoCreatedInPart(t *testing.T) {
	w := newWorld(t)
	w.sandbox.AddFault(sandbox.Fault{Method: "POST", Path: "/contacts/*/tags", Status: 400, Message: "no"})
	created := w.do("create_contact", object{"set": object{"email": "eve@example.com", "add_tags": []string{"VIP"}}})
	if created["status"] != "partial" || created["partly"] != 1.0 {
		t.Error(created)
	}
	w.do("undo_change", object{"change": created["change"]})
	for _, c := range w.sandbox.Contacts() {
		if c.Email == "eve@example.com" && !c.Archived {
			t.Error("it is not archived")
		}
	}
}

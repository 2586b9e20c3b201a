package tools

import (
	"fmt"
	"strings"
	"testing"
)

// TestRepeatedContacts counts and names who is named more than once, in every tool that takes contacts.
func TestRepeatedContacts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.people(0, 2)
	known, _ := w.sandbox.Contact(ids[0])
	upper := " " + strings.ToUpper(known.Email) + "\u00a0"
	contacts := []string{known.ID, upper, ids[1], "external_id:" + known.ExternalID, strings.ToUpper(known.ID)}
	want := fmt.Sprintf("1 contact named more than once: %s; external_id:%s; %s", strings.TrimSpace(upper),
		known.ExternalID, strings.ToUpper(known.ID))
	set := object{"custom_attributes": object{"plan": "trial"}}
	var updates []object
	for _, contact := range contacts {
		updates = append(updates, object{"contact": contact, "set": set})
	}
	for _, call := range []struct {
		tool string
		args object
	}{
		{"tag_contacts", object{"contacts": contacts, "tag": "Partner"}},
		{"untag_contacts", object{"contacts": contacts, "tag": "Partner"}},
		{"attach_company", object{"contacts": contacts, "company": "Blue Sun"}},
		{"detach_company", object{"contacts": contacts, "company": "Blue Sun"}},
		{"bulk_update_contacts", object{"contacts": contacts, "set": set}},
		{"bulk_update_contacts", object{"updates": updates}},
		{"unarchive_contacts", object{"contacts": contacts}},
		{"archive_contacts", object{"contacts": contacts}},
	} {
		answer := w.do(call.tool, call.args)
		if note := strings.ReplaceAll(fmt.Sprint(answer["note"]), "\u00a0", ""); !strings.Contains(note, want) {
			t.Errorf("%s: %s\nwant %s", call.tool, note, want)
		}
	}
}

// TestRepeatedParts shows each part of a contact once.
func TestRepeatedParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.people(0, 1)[0]
	w.do("add_note", object{"contact": id, "body": "Called back."})
	once := w.do("get_contact", object{"contact": id, "include": []string{"notes", "segments"}})
	twice := w.do("get_contact", object{"contact": id, "include": []string{"notes", "segments", "notes", "segments"}})
	if fmt.Sprint(once) != fmt.Sprint(twice) {
		t.Errorf("%v\nnamed twice: %v", once, twice)
	}
}

// TestUnknownSkippedOnce names and counts a contact that is left out once, however it is written.
func TestUnknownSkippedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := w.do("tag_contacts", object{"contacts": []string{w.people(0, 1)[0], "no@x.example", " NO@x.example"},
		"tag": "Partner", "skip_missing": true})
	if note := fmt.Sprint(answer["note"]); !strings.Contains(note, "left out 1 unknown contact: no@x.example") {
		t.Error(note)
	}
}

// TestMeantOtherwise tells what is meant by names and values that there are not.
func TestMeantOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	told := w.try("search_contacts", object{"count_by": []string{"plans"}}).Err.Error()
	if !strings.Contains(told, `nearest: "custom_attributes.plan"`) {
		t.Error(told)
	}
	for _, field := range []string{"owner", "tag", "company", "segment"} {
		told := w.try("search_contacts", object{"where": []object{{"field": field, "operator": "=", "value": "None"}}}).Err
		if told == nil || !strings.Contains(told.Error(), "no "+field+" is found by operator empty") {
			t.Errorf("%s: %v", field, told)
		}
	}
	tier := []object{{"field": "custom_attributes.tier", "operator": "IN", "values": []string{"Gold", "Silvr"}},
		{"field": "last_seen_at", "operator": "<", "value": "-90d"}}
	note := fmt.Sprint(w.do("search_contacts", object{"where": tier, "limit": 1})["note"])
	if !strings.Contains(note, `"Silvr" is none of the options of custom_attributes.tier; nearest: "silver"`) ||
		strings.Count(note, "options") != 1 || strings.Contains(note, "Gold") {
		t.Error(note)
	}
}

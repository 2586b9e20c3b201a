package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
)

// attribute is the row of an attribute, by column.
func (w *world) attribute(name string, in object) map[string]string {
	w.t.Helper()
	answer := w.do("list_attributes", in)
	for _, row := range answer["rows"].([]any) {
		if cells := row.([]any); cells[0] == name {
			read := make(map[string]string)
			for i, column := range answer["columns"].([]any) {
				read[column.(string)] = cells[i].(string)
			}
			return read
		}
	}
	w.t.Fatalf("%s is not listed", name)
	return nil
}

// TestSeenValues shows the values of a text attribute that has few, of a sample that two requests bring and an hour
// serves: of none that is masked, of none that differs from contact to contact.
func TestSeenValues(t *testing.T) {
	w := newWorld(t)
	w.sandbox.AddAttribute("contact", "code", "string")
	for i, c := range w.sandbox.Contacts()[:20] {
		w.direct("PUT", "/contacts/"+c.ID, fmt.Sprintf(`{"custom_attributes":{"code":"c%d"}}`, i))
	}
	w.sandbox.ResetCalls()
	for range 3 {
		if got := w.attribute("custom_attributes.plan", object{})["options"]; got != "seen: pro, starter, trial" {
			t.Errorf("plan: %q", got)
		}
	}
	if got := w.attribute("custom_attributes.code", object{})["options"]; got != "" {
		t.Errorf("what differs from contact to contact: %q", got)
	}
	if n := len(w.sandbox.Calls()); n != 3 {
		t.Errorf("%d requests, want a list and two pages", n)
	}
	masked := newWorld(t, masking("custom_attributes.plan"))
	if got := masked.attribute("custom_attributes.plan", object{})["options"]; got != "" {
		t.Errorf("masked: %q", got)
	}
	w = newWorld(t)
	defer w.sandbox.AddFault(sandbox.Fault{Path: "/contacts/search", Status: 500})()
	if got := w.attribute("custom_attributes.plan", object{}); got["options"] != "" || got["type"] != "string" {
		t.Errorf("where none can be read: %v", got)
	}
}

// TestSeenValuesOfCompanies shows those of companies' attributes, of a sample that one request brings.
func TestSeenValuesOfCompanies(t *testing.T) {
	w := newWorld(t)
	w.sandbox.AddAttribute("company", "segmentation", "string")
	for i, c := range w.sandbox.Companies()[:9] {
		w.direct("PUT", "/companies/"+c.ID, fmt.Sprintf(`{"custom_attributes":{"segmentation":"s%d"}}`, i%3))
	}
	w.sandbox.ResetCalls()
	for range 2 {
		got := w.attribute("custom_attributes.segmentation", object{"of": "company"})["options"]
		if got != "seen: s0, s1, s2" {
			t.Errorf("options: %q", got)
		}
	}
	if got := w.attribute("custom_attributes.account_code", object{"of": "company"})["options"]; got != "" {
		t.Errorf("what differs from company to company: %q", got)
	}
	if n := len(w.sandbox.Calls()); n != 2 {
		t.Errorf("%d requests, want a list and a page", n)
	}
}

// TestFilterForms says how each field is compared: what it says of owners, tags and times is taken.
func TestFilterForms(t *testing.T) {
	w := newWorld(t)
	for name, want := range map[string]string{
		"owner_id": "teammate's e-mail", "last_seen_at": "2026-08-31 or -90d", "tag": "name or id", "role": "user or lead",
		"custom_attributes.tier": "an option", "custom_attributes.seats": "whole number", "formatted_phone": "",
	} {
		if got := w.attribute(name, object{"standard": true})["filter"]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for field, value := range map[string]string{"owner_id": "nora@sandbox.example", "last_seen_at": "-90d", "tag": "VIP"} {
		operator := "="
		if field == "last_seen_at" {
			operator = "<"
		}
		w.do("search_contacts", object{"where": []object{{"field": field, "operator": operator, "value": value}}})
	}
}

// TestGetRemoved says of a contact that is gone whether it was archived or deleted, to whoever did it.
func TestGetRemoved(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	archived, deleted, back := w.user(0), w.user(1), w.user(2)
	w.agreed("archive_contacts", object{"contacts": []string{archived.ID, back.ID}})
	w.agreed("delete_contacts", object{"contacts": []string{deleted.ID}})
	w.agreed("unarchive_contacts", object{"contacts": []string{back.ID}})
	for reference, want := range map[string]string{
		archived.ID: "was archived on", archived.Email: archived.ID + ", brings it back",
		deleted.ID: "was deleted for good on", strings.ToUpper(deleted.Email): "was deleted for good on",
		"00000000000000000000abcd": "There is no contact",
	} {
		if err := w.try("get_contact", object{"contact": reference}).Err; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", reference, err, want)
		}
	}
	w.do("get_contact", object{"contact": back.ID})
	other := w.try("get_contact", object{"contact": deleted.ID}, as("mallory"))
	if other.Err == nil || strings.Contains(other.Err.Error(), "deleted") {
		t.Errorf("to somebody else: %v", other.Err)
	}
}

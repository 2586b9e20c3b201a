package tools

import (
	"strings"
	"testing"

	"intercom-mcp/tools/toolerr"
)

// TestWithCommands puts commands in the place of tools, and leaves what only looks like one.
func TestWithCommands(t *testing.T) {
	for text, want := range map[string]string{
		"Look with search_contacts.":                    "Look with 'intercom-mcp call search_contacts'.",
		"archived: unarchive_contacts, by id":           "archived: 'intercom-mcp call unarchive_contacts', by id",
		"and call confirm_change if it is meant":        "and run 'intercom-mcp call confirm_change' if it is meant",
		"'intercom-mcp call list_tags' shows them":      "'intercom-mcp call list_tags' shows them",
		"'intercom-mcp tools list_tags' shows it":       "'intercom-mcp tools list_tags' shows it",
		"Write it as custom_attributes.list_tags.":      "Write it as custom_attributes.list_tags.",
		"Decide for one of add_tags, and call them so.": "Decide for one of add_tags, and call them so.",
	} {
		if got := withCommands(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// TestWaitsByHand tells who calls by hand what to run, where an agent is told to ask its user.
func TestWaitsByHand(t *testing.T) {
	w := newWorld(t)
	args := object{"contact": w.people(1, 1)[0], "preview": true, "set": object{"name": "Ann"}}
	note, _ := w.do("update_contact", args, byHand)["note"].(string)
	if !strings.Contains(note, "'intercom-mcp call confirm_change'") || strings.Contains(note, "the user") {
		t.Error(note)
	}
}

// TestMaskedByHand tells a person nothing of whom to tell.
func TestMaskedByHand(t *testing.T) {
	w := newWorld(t, masking("email", "tags"))
	for _, args := range []object{{"sort": "email"}, {"query": "a"}, {"count_by": []string{"tags"}},
		{"where": []object{{"field": "tag", "operator": "=", "value": "VIP"}}}} {
		checkForPerson(t, "masked", w.refused(toolerr.PolicyDenied, "search_contacts", args))
	}
}

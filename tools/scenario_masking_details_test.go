package tools

import (
	"encoding/json"
	"strings"
	"testing"

	"intercom-mcp/intercom"
)

// TestMaskedDetail shows what is left of one contact: initials of texts,
// nothing of anything else, and what is not masked as it is.
func TestMaskedDetail(t *testing.T) {
	w := newWorld(t, masking("email", "updated_at", "created_at", "custom_attributes.plan", "owner_id"))
	ann := w.user(0)
	args, err := json.Marshal(object{"contact": ann.ID, "include": []string{"all_fields"}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := w.Call(t.Context(), Call{Tool: "get_contact", Args: args, Principal: "local"})
	if err != nil || result.Err != nil {
		t.Fatal(err, result.Err)
	}
	var got ContactDetail
	if err := json.Unmarshal(result.JSON, &got); err != nil {
		t.Fatal(err)
	}
	_, domain, _ := strings.Cut(ann.Email, "@")
	if want := ann.Email[:1] + "***@" + domain; got.Email != want {
		t.Errorf("e-mail %q, want %q", got.Email, want)
	}
	if got.Other["updated_at"] != "***" {
		t.Errorf("updated at %q", got.Other["updated_at"])
	}
	if got.CustomAttributes["plan"] != "t***" {
		t.Errorf("plan %q", got.CustomAttributes["plan"])
	}
	if got.CreatedAt != "***" {
		t.Errorf("created at %q", got.CreatedAt)
	}
	if got.Owner != "" && !strings.Contains(got.Owner, "***") {
		t.Errorf("owner %q", got.Owner)
	}
	if got.Name != ann.Name || got.LastSeenAt == "***" {
		t.Errorf("name %q, last seen %q", got.Name, got.LastSeenAt)
	}
}

// TestMaskedCandidates shows those whom an ambiguous reference could mean.
func TestMaskedCandidates(t *testing.T) {
	w := newWorld(t, masking("name", "external_id"))
	s := w.newSession(Call{}, &w.tools[0])
	told := s.dir.Ambiguous("shared@example.com", []intercom.Contact{
		{ID: "1", Role: "user", Name: "Ann Lee", ExternalID: "u-1"}, {ID: "2", Role: "lead", Name: "Bob Ray"},
	}).Error()
	if want := `1 (user "A***", external_id "u***"); 2 (lead "B***")`; !strings.Contains(told, want) {
		t.Errorf("%s\nwant %s", told, want)
	}
}

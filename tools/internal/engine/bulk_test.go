package engine

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/change"
)

// TestBulkable tells what a bulk job can do: it takes some fields, and sets them to something.
func TestBulkable(t *testing.T) {
	one := func(field string, value any) change.Patch {
		return change.Patch{Set: map[string]any{field: value}}
	}
	for name, test := range map[string]struct {
		patch change.Patch
		want  bool
	}{
		"name":                  {one("name", "B"), true},
		"e-mail":                {one("email", "b@example.com"), true},
		"phone":                 {one("phone", "+1"), true},
		"external_id":           {one("external_id", "7"), true},
		"owner":                 {one("owner_id", "7"), true},
		"avatar":                {one("avatar", "https://example.com/a.png"), true},
		"language":              {one("language_override", "de"), true},
		"unsubscribed":          {one("unsubscribed_from_emails", true), true},
		"a name cleared":        {one("name", nil), false},
		"signed up":             {one("signed_up_at", json.Number("7")), false},
		"role":                  {one("role", "user"), false},
		"an attribute":          {one("custom_attributes.plan", "pro"), true},
		"an attribute cleared":  {one("custom_attributes.plan", nil), true},
		"tags":                  {change.Patch{AddTags: refs("1"), RemoveTags: refs("2")}, true},
		"a company with a key":  {change.Patch{AddCompanies: []change.Ref{{ID: "1", Key: "acme"}}}, true},
		"a company without one": {change.Patch{AddCompanies: refs("1")}, false},
		"taken out of such a":   {change.Patch{RemoveCompanies: refs("1")}, false},
		"an archival":           {change.Patch{Op: change.Archive}, false},
		"a note":                {change.Patch{Note: &change.Note{}}, false},
	} {
		if got := bulkable(test.patch); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestBulkContact writes a patch as a bulk job takes it.
func TestBulkContact(t *testing.T) {
	b, err := bulkContact("5f", change.Patch{
		Set: map[string]any{"name": "B", "custom_attributes.plan": "pro"}, AddTags: refs("1"), RemoveTags: refs("2"),
		AddCompanies: []change.Ref{{ID: "c1", Key: "acme"}}, RemoveCompanies: []change.Ref{{ID: "c2", Key: "old"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var have, want any
	if err := json.Unmarshal(got, &have); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"id":"5f","name":"B","custom_attributes":{"plan":"pro"},"tags":{"add":[{"id":"1"}],"remove":[{"id":"2"}]},
		"companies":[{"company_id":"acme"},{"company_id":"old","remove":true}]}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := bulkContact("5f", change.Patch{Set: map[string]any{"wings": "two"}}); err == nil {
		t.Error("a bulk job takes wings")
	}
}

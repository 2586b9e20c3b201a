package engine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

func refs(ids ...string) []change.Ref {
	var list []change.Ref
	for _, id := range ids {
		list = append(list, change.Ref{ID: id})
	}
	return list
}

// TestRemaining leaves of a patch what an image does not show.
func TestRemaining(t *testing.T) {
	patch := change.Patch{
		Set:     map[string]any{"name": "B", "email": "ANN@example.com", "phone": nil, "size": json.Number("7")},
		AddTags: refs("1", "2"), RemoveTags: refs("3", "4"), AddCompanies: refs("5", "6"), RemoveCompanies: refs("7", "8"),
	}
	image := change.Image{
		Set:  map[string]any{"name": "A", "email": "ann@example.com", "phone": "", "size": json.Number("8")},
		Tags: []string{"1", "3"}, Companies: []string{"5", "7"},
	}
	want := change.Patch{
		Set:     map[string]any{"name": "B", "size": json.Number("7")},
		AddTags: refs("2"), RemoveTags: refs("3"), AddCompanies: refs("6"), RemoveCompanies: refs("7"),
	}
	if diff := cmp.Diff(want, remaining(patch, image)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(patch.Set) != 4 || len(patch.AddTags) != 2 {
		t.Errorf("the patch itself is changed: %+v", patch)
	}
	done := change.Image{Set: patch.Set, Tags: []string{"1", "2"}, Companies: []string{"5", "6"}}
	if left := remaining(patch, done); !left.Empty() || left.Set != nil {
		t.Errorf("left of what is done: %+v", left)
	}
}

// TestUnapplied leaves of an item what reading back does not show as Intercom keeps it.
func TestUnapplied(t *testing.T) {
	item := &change.Item{
		Patch:  change.Patch{Set: map[string]any{"name": " B ", "phone": "+1"}, AddTags: refs("1")},
		Before: change.Image{Set: map[string]any{"name": "A", "phone": nil}},
	}
	left := unapplied(item, change.Image{Set: map[string]any{"name": "B", "phone": nil}, Tags: []string{"1"}})
	if diff := cmp.Diff(change.Patch{Set: map[string]any{"phone": "+1"}, AddTags: []change.Ref{}}, left); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if left := unapplied(item, change.Image{Set: map[string]any{"name": "B", "phone": "+1"},
		Tags: []string{"1"}}); !left.Empty() || left.Set != nil {
		t.Errorf("left: %+v", left)
	}
}

// TestImage takes images of contacts: what a patch touches, and nothing else; tags and companies beyond those that a
// contact carries along are asked for.
func TestImage(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	ann := f.user(0).ID
	var tags []change.Ref
	for i := range 12 {
		tag, err := f.client.Tags.Create(t.Context(), fmt.Sprintf("Tag %d", i))
		if err != nil {
			t.Fatal(err)
		}
		if i < 11 {
			if _, err := f.client.Contacts.AddTag(t.Context(), ann, tag.ID); err != nil {
				t.Fatal(err)
			}
		}
		tags = append(tags, change.Ref{ID: tag.ID})
	}
	acme := f.sandbox.Companies()[0].ID
	if _, err := f.client.Contacts.AttachCompany(t.Context(), ann, acme); err != nil {
		t.Fatal(err)
	}
	c, err := f.client.Contacts.Get(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	patch := change.Patch{Set: map[string]any{"name": "B", "custom_attributes.plan": "pro"}, AddTags: tags[11:],
		RemoveTags:   tags[:11],
		AddCompanies: refs("nobody's"), RemoveCompanies: refs(acme)}
	image, err := contactImage(t.Context(), f.client, &c, patch)
	if err != nil {
		t.Fatal(err)
	}
	if len(image.Set) != 2 || image.Set["name"] != c.Name || image.Set["custom_attributes.plan"] != "trial" {
		t.Errorf("fields: %v", image.Set)
	}
	if len(image.Tags) != 11 || image.Tags[0] != tags[0].ID || image.Tags[10] != tags[10].ID {
		t.Errorf("tags: %v", image.Tags)
	}
	if diff := cmp.Diff([]string{acme}, image.Companies); diff != "" {
		t.Errorf("companies (-want +got):\n%s", diff)
	}
	f.sandbox.ResetCalls()
	c.Tags.HasMore, c.Companies.HasMore = true, true
	if image, err := contactImage(t.Context(), f.client, &c, change.Patch{}); err != nil || image.Set != nil ||
		len(f.sandbox.Calls()) > 0 {
		t.Errorf("of nothing: %+v, %v", image, err)
	}
	f.sandbox.AddFault(sandbox.Fault{Path: "/contacts/*/tags", Status: http.StatusForbidden})
	f.sandbox.AddFault(sandbox.Fault{Path: "/contacts/*/companies", Status: http.StatusForbidden})
	if _, err := contactImage(t.Context(), f.client, &c, change.Patch{AddTags: tags[:1]}); err == nil {
		t.Error("tags that cannot be read are read")
	}
	c.Companies.HasMore = true
	if _, err := contactImage(t.Context(), f.client, &c, change.Patch{AddCompanies: refs(acme)}); err == nil {
		t.Error("companies that cannot be read are read")
	}
}

// TestCompanyImage takes the image of a company: what cannot be read of it fails what touches it alone.
func TestCompanyImage(t *testing.T) {
	acme := &intercom.Company{ID: "a1", Name: "Acme", Industry: "Rockets", Odd: map[string]string{"plan": "is no object"}}
	patch := change.Patch{Set: map[string]any{"name": "B", "size": nil}}
	image, err := companyImage(acme, patch)
	if err != nil {
		t.Fatal(err)
	}
	patch.Set["plan"] = "Pro"
	if _, err := companyImage(acme, patch); err == nil || err.Error() != "company a1: plan is no object" {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(map[string]any{"name": "Acme", "size": nil}, image.Set); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

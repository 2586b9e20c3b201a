package tools

import (
	"cmp"
	"context"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// contactWriteTools are the tools for the writing of one contact.
func contactWriteTools() []Tool {
	return []Tool{
		{
			Name: "create_contact", Title: "Create a contact", Set: contactSet, Effect: policy.Write, Run: plans(createContact),
			Doc: "Create a user or a lead.",
		},
		{
			Name: "update_contact", Title: "Update a contact", Set: contactSet, Effect: policy.Write, Idempotent: true,
			Run: plans(updateContact),
			Doc: "Write to one contact. What set leaves out stays.",
		},
	}
}

// UpdateContactInput is what to write to one contact.
type UpdateContactInput struct {
	// contact reference
	Contact string `json:"contact"`
	// what to write
	Set UpdateSet `json:"set"`
	// wait for confirm_change
	Preview bool `json:"preview,omitempty"`
}

// UpdateSet is what one contact can be given.
type UpdateSet struct {
	ContactFields
	ContactDates
	ContactLinks
}

// updateContact plans to write to one contact.
func updateContact(ctx context.Context, s *session, in UpdateContactInput) (*draft, error) {
	var bad toolerr.Several
	contact, err := s.dir.Contact(ctx, in.Contact)
	if err = bad.Add("", err); err != nil {
		return nil, err
	}
	patch, err := contactPatch(ctx, s.dir, in.Set.ContactFields, in.Set.ContactDates, in.Set.ContactLinks)
	if err = cmp.Or(bad.Add("", err), bad.Err()); err != nil {
		return nil, err
	}
	d := &draft{verb: "update", preview: in.Preview}
	if contact.Role == "lead" && patch.Set["role"] == "user" {
		d.irreversible = "the lead becomes a user for good, which undo_change cannot put back; the rest it can."
	}
	return d, planContact(ctx, s, d, contact, patch, engine.ByID)
}

// CreateContactInput is a contact to create.
type CreateContactInput struct {
	// a user needs email or external_id
	Set CreateSet `json:"set"`
	// even if one like it was just created
	AllowDuplicate bool `json:"allow_duplicate,omitempty"`
}

// CreateSet is what a new contact can be given.
type CreateSet struct {
	ContactFields
	ContactDates
	// names or ids
	AddTags []string `json:"add_tags,omitempty"`
	// company references
	AddCompanies []string `json:"add_companies,omitempty"`
}

// createContact plans to create a contact.
func createContact(ctx context.Context, s *session, in CreateContactInput) (*draft, error) {
	patch, err := contactPatch(ctx, s.dir, in.Set.ContactFields, in.Set.ContactDates,
		ContactLinks{AddTags: in.Set.AddTags, AddCompanies: in.Set.AddCompanies})
	var bad toolerr.Several
	var item change.Item
	if err == nil {
		item, err = newContactItem(s, patch)
	} else if isUser := in.Set.Role == nil || *in.Set.Role == "user"; isUser && in.Set.Email == nil &&
		in.Set.ExternalID == nil {
		_ = bad.Add("", lacksIdentity()) // which it gathers
	}
	if err = cmp.Or(bad.Add("", err), bad.Err()); err != nil {
		return nil, err
	}
	return &draft{verb: "create", once: !in.AllowDuplicate, items: []change.Item{item}}, nil
}

// newContactItem plans a contact that is to be made of a patch.
func newContactItem(s *session, patch change.Patch) (change.Item, error) {
	patch.Op = change.Create
	for name, value := range patch.Set {
		if value == nil {
			delete(patch.Set, name) // a new contact has nothing to clear
		}
	}
	if patch.Set["role"] == nil {
		patch.Set["role"] = "user"
	}
	if patch.Set["role"] == "user" && patch.Set["email"] == nil && patch.Set["external_id"] == nil {
		return change.Item{}, lacksIdentity()
	}
	item := change.Item{Label: "new lead", Patch: patch}
	for _, field := range []string{"external_id", "name", "email"} {
		if value, ok := patch.Set[field].(string); ok {
			item.Label, item.LabelField = text.QuoteField(field, text.Clip(s.policy.Mask(field, text.Clean(value)), 60)), field
		}
	}
	return item, nil
}

// lacksIdentity refuses a user whom Intercom could not tell from others.
func lacksIdentity() *toolerr.Error {
	return toolerr.New(toolerr.InvalidArgument, "set: a user needs an email or an external_id.",
		"For someone you know neither of, set role to lead.")
}

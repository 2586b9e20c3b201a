package tools

import (
	"cmp"
	"context"
	"errors"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// contactLifecycleTools are the tools for contacts as a whole.
func contactLifecycleTools() []Tool {
	return []Tool{
		{
			Name: "archive_contacts", Title: "Archive contacts", Set: contactSet, Effect: policy.Write, Idempotent: true,
			Run: plans(archiveContacts),
			Doc: "Take contacts out of every list, until unarchived.",
		},
		{
			Name: "unarchive_contacts", Title: "Unarchive contacts", Set: contactSet, Effect: policy.Write, Idempotent: true,
			Run: plans(unarchiveContacts),
			Doc: "Bring archived contacts back.",
		},
		{
			Name: "delete_contacts", Title: "Delete contacts", Set: contactSet, Effect: policy.Destroy, Idempotent: true,
			Run: plans(deleteContacts),
			Doc: "Delete contacts for good, with their history; archive_contacts can be undone.",
		},
		{
			Name: "block_contact", Title: "Block a contact", Set: contactSet, Effect: policy.Destroy, Idempotent: true,
			Run: plans(blockContact),
			Doc: "Block a contact for good and archive their conversations.",
		},
	}
}

// ContactsInput names contacts.
type ContactsInput struct {
	// contact references
	Contacts []string `json:"contacts" jsonschema:"minItems=1,maxItems=200"`
}

// archiveContacts plans to archive contacts: they leave every list and search
// until they are unarchived, or show up again themselves.
func archiveContacts(ctx context.Context, s *session, in ContactsInput) (*draft, error) {
	return planWhole(ctx, s, in, &draft{verb: "archive"}, change.Archive)
}

// deleteContacts plans to delete contacts for good.
func deleteContacts(ctx context.Context, s *session, in ContactsInput) (*draft, error) {
	return planWhole(ctx, s, in,
		&draft{verb: "delete", irreversible: "Intercom deletes contacts for good, with their history."}, change.Delete)
}

// planWhole plans one operation on contacts as a whole.
func planWhole(ctx context.Context, s *session, in ContactsInput, d *draft, op change.Operation) (*draft, error) {
	contacts, err := s.dir.Contacts(ctx, in.Contacts, d.leaveOut)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		if err := c.Unread("role"); err != nil {
			d.leaveOut(err)
			continue
		}
		d.items = append(d.items, s.mask.Item(c, change.Patch{Op: op}))
	}
	return d, d.nobody()
}

// unarchiveContacts plans to bring archived contacts back. Intercom shows an archived contact to nobody, so only its id
// can name it; who is found by any other reference is not archived.
func unarchiveContacts(ctx context.Context, s *session, in ContactsInput) (*draft, error) {
	var bad toolerr.Several
	d := &draft{verb: "unarchive"}
	var repeats directory.Repeats
	for i, reference := range in.Contacts {
		item, err := planUnarchive(ctx, s, reference)
		if d.leaveOut(err) {
			continue
		}
		if err != nil {
			if err := bad.Add(directory.ContactPlace(i), err); err != nil {
				return nil, err
			}
			continue
		}
		if !repeats.Again(item.TargetID, reference) {
			d.items = append(d.items, item)
		}
	}
	repeats.Note(s.note)
	return d, cmp.Or(bad.Err(), d.nobody())
}

// planUnarchive plans to unarchive whom a reference means.
func planUnarchive(ctx context.Context, s *session, reference string) (change.Item, error) {
	patch := change.Patch{Op: change.Unarchive}
	c, err := s.dir.Contact(ctx, reference)
	if err == nil {
		item := s.mask.Item(c, patch)
		item.Outcome = change.Unchanged
		return item, nil
	}
	var toolErr *toolerr.Error
	if !errors.As(err, &toolErr) || toolErr.Code != toolerr.NotFound {
		return change.Item{}, err
	}
	ref, parseErr := directory.ParseReference(reference, "external_id", "users", "contacts", "leads", "people")
	if parseErr != nil || ref.ID == "" {
		toolErr.Next = "Name an archived contact by its Intercom id (24 hex)."
		return change.Item{}, toolErr
	}
	return change.Item{TargetID: ref.ID, Label: ref.ID, Patch: patch}, nil
}

// ContactInput names one contact.
type ContactInput struct {
	// contact reference
	Contact string `json:"contact"`
}

// blockContact plans to block a contact.
func blockContact(ctx context.Context, s *session, in ContactInput) (*draft, error) {
	c, err := s.dir.Contact(ctx, in.Contact)
	if err == nil {
		err = c.Unread("role")
	}
	if err != nil {
		return nil, err
	}
	return &draft{
		verb: "block", irreversible: "Intercom offers no way to unblock a contact through its API.",
		sideEffects: []string{"Their conversations are archived, and they cannot write again."},
		items:       []change.Item{s.mask.Item(c, change.Patch{Op: change.Block})},
	}, nil
}

package tools

import (
	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// draft is what a planner worked out: the targets, frozen, and what a person
// should know before saying yes. Nothing has been written.
type draft struct {
	verb         string // "update", "tag", "add a note to"
	noun         string // what the targets are; empty: contacts
	items        []change.Item
	sideEffects  []string
	leftAlone    []string // what an undo does not put back, and why
	irreversible string   // why it cannot be put back; empty where it can
	once         bool     // the same call again, soon, is taken for an accident
	undoes       string   // the change that this draft puts back
}

// plan adds a contact that is to receive patch. What the contact shows
// already is left out; where nothing is left, the item counts as unchanged.
// A search may be behind the times, so a contact that it showed so already is
// read again.
func (s *session) plan(ctx context.Context, d *draft, c *intercom.Contact, patch change.Patch, searched bool) error {
	image, err := s.image(ctx, c, patch)
	if err != nil {
		return err
	}
	left := remaining(patch, image)
	if searched && len(left.Fields()) == 0 {
		fresh, err := s.client.Contacts.Get(ctx, c.ID)
		if err != nil {
			return s.dir.MissingContact(err, c.ID)
		}
		return s.plan(ctx, d, &fresh, patch, false)
	}
	item := s.view.Item(c, left)
	item.Before = image
	if len(left.Fields()) == 0 {
		item.Outcome = change.Unchanged
	}
	if err := s.checkRole(c, left); err != nil {
		return err
	}
	d.items = append(d.items, item)
	return nil
}

// planSame plans the same patch for each of the contacts named.
func (s *session) planSame(ctx context.Context, d *draft, names []string, patch change.Patch) (*draft, error) {
	contacts, err := s.dir.Contacts(ctx, names)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		if err := s.plan(ctx, d, c, patch, len(names) > directory.FewContacts); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// checkRole refuses what Intercom cannot do: make a user a lead again.
func (s *session) checkRole(c *intercom.Contact, left change.Patch) error {
	if left.Set["role"] == "lead" && c.Role == "user" {
		return toolerr.New(toolerr.InvalidArgument, "set.role: "+s.view.Label(c)+" is a user, and a user cannot become a lead again.", "Leave role out.")
	}
	return nil
}

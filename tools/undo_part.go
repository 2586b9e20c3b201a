package tools

import (
	"context"
	"fmt"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/search"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// UndoInput names a change, and whom of those that it wrote to: all, where neither contacts nor conditions are given.
type UndoInput struct {
	ChangeInput
	// only these
	Contacts []string `json:"contacts,omitempty" jsonschema:"minItems=1,maxItems=200"`
	// only who meets these conditions now
	Where []search.Filter `json:"where,omitempty" jsonschema:"minItems=1,maxItems=14" brief:"as in search_contacts"`
}

// askedAtOnce is how many ids of contacts one search asks for.
const askedAtOnce = 200

// narrow leaves only those of a change's items that an undo is asked for, and says how many it leaves out; "" where it
// is asked for all.
func (in *UndoInput) narrow(ctx context.Context, s *session, c *change.Change) (left string, err error) {
	if in.Contacts == nil && in.Where == nil {
		return "", nil
	}
	all := written(c.Items)
	if in.Contacts != nil {
		if err := in.keepNamed(ctx, s, c); err != nil {
			return "", err
		}
	}
	if in.Where != nil {
		if err := in.keepMeant(ctx, s, c); err != nil {
			return "", err
		}
	}
	if len(c.Items) == 0 {
		return "", toolerr.New(toolerr.NotFound, "None of the contacts that the change is about meets the conditions.",
			"Nothing was changed; get_change lists them. Name who is archived in contacts, by id.")
	}
	if n := all - written(c.Items); n > 0 {
		return text.Plural(n, "other contact") + " of the change, as asked", nil
	}
	return "", nil
}

// written counts the items to which something may have been written.
func written(items []change.Item) int {
	n := 0
	for i := range items {
		switch items[i].Outcome {
		case change.Unchanged, change.NotSent, change.Pending:
		default:
			n++
		}
	}
	return n
}

// keepNamed leaves the items of the contacts that are named, archived ones by their ids.
func (in *UndoInput) keepNamed(ctx context.Context, s *session, c *change.Change) error {
	has := make(map[string]bool, len(c.Items))
	for i := range c.Items {
		has[c.Items[i].TargetID] = true
	}
	chosen := make(map[string]bool, len(in.Contacts))
	var rest []string
	var at []int // of each of the rest
	for i, reference := range in.Contacts {
		ref, err := directory.ParseReference(reference, "external_id", "users", "contacts", "leads", "people")
		if err == nil && has[ref.ID] {
			chosen[ref.ID] = true
			continue
		}
		rest, at = append(rest, reference), append(at, i)
	}
	var bad toolerr.Several
	contacts, err := s.dir.ResolveEach(ctx, rest, func(i int, err error) error {
		return bad.Add(directory.ContactPlace(at[i]), err)
	})
	if err != nil {
		return err
	}
	for i, found := range contacts {
		switch {
		case found == nil:
		case has[found.ID]:
			chosen[found.ID] = true
		default:
			if err := bad.Add(directory.ContactPlace(at[i]), toolerr.New(toolerr.NotFound,
				"The change is not about "+s.mask.Label(found)+".", "get_change lists whom it is about.")); err != nil {
				return err
			}
		}
	}
	keep(c, chosen)
	return bad.Err()
}

// keepMeant leaves the items of the contacts who meet the conditions now.
func (in *UndoInput) keepMeant(ctx context.Context, s *session, c *change.Change) error {
	meant := make(map[string]bool)
	for some := range slices.Chunk(c.Items, askedAtOnce) {
		ids := make([]string, len(some))
		for i := range some {
			ids[i] = some[i].TargetID
		}
		where := append(slices.Clone(in.Where), search.Filter{Field: "id", Operator: "IN", Values: ids})
		sel, err := s.find.Compile(ctx, "", where, "")
		if err != nil {
			return err
		}
		n := counter{client: s.client, find: s.find}
		_, whole, err := n.each(ctx, sel, maxCounted, func(found *intercom.Contact) error {
			meant[found.ID] = true
			return nil
		})
		if err != nil {
			return err
		}
		if !whole {
			return toolerr.New(toolerr.UpstreamUnavailable, fmt.Sprintf(
				"Intercom did not list in time who of %s meets the conditions.", text.Plural(len(c.Items), "contact")),
				"Nothing was changed; try again in a minute, or give contacts.")
		}
	}
	keep(c, meant)
	return nil
}

// keep leaves those of a change's items that are chosen by the ids of their targets.
func keep(c *change.Change, chosen map[string]bool) {
	var kept []change.Item
	for i := range c.Items {
		if chosen[c.Items[i].TargetID] {
			kept = append(kept, c.Items[i])
		}
	}
	c.Items = kept
}

package engine

import (
	"context"
	"maps"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// Planner works out what is to be written, and writes nothing. It is for one call.
type Planner struct {
	Client *intercom.Client
	// Item makes an item of a contact, labelled as the policy in force lets it be.
	Item func(c *intercom.Contact, p change.Patch) change.Item
	// Masks reports whether a field's value is hidden from agents.
	Masks func(field string) bool
	// Missing words the error of a contact that cannot be read.
	Missing func(err error, id string) error
	// Alike is told of a field that is left alone since it shows like what is to be written, with characters that hide;
	// nil: nobody is.
	Alike func(field string)

	Items []change.Item // what is planned

	exact bool // what looks the same is written all the same: an undo puts back what was there
}

// Update plans a contact that is to receive a patch. What the contact shows already is left out, but for masked fields,
// of which it must not tell; so is a text that answers show like it, since whoever writes that has not seen what hides
// in it. Where nothing is left, the item counts as unchanged. searched tells that a search showed
// the contact, which may be behind the times: one that it showed so already is read again.
func (p *Planner) Update(ctx context.Context, c *intercom.Contact, patch change.Patch, searched bool) error {
	image, err := Image(ctx, p.Client, c, patch)
	if err != nil {
		return err
	}
	left := p.remaining(patch, image)
	if searched && left.Empty() {
		fresh, err := p.Client.Contacts.Get(ctx, c.ID)
		if err != nil {
			return p.Missing(err, c.ID)
		}
		return p.Update(ctx, &fresh, patch, false)
	}
	item := p.Item(c, left)
	item.Before = image
	if left.Empty() {
		item.Outcome = change.Unchanged
	}
	p.Items = append(p.Items, item)
	return nil
}

// Company plans a company that is to receive a patch, likewise.
func (p *Planner) Company(c *intercom.Company, label string, patch change.Patch) {
	before := CompanyImage(c, patch)
	item := change.Item{TargetID: c.ID, Label: label, Patch: p.unseen(patch, before), Before: before}
	if item.Patch.Empty() {
		item.Outcome = change.Unchanged
	}
	p.Items = append(p.Items, item)
}

// unseen is what an image, as answers show it, does not show of a patch.
func (p *Planner) unseen(patch change.Patch, image change.Image) change.Patch {
	left := Remaining(patch, image)
	maps.DeleteFunc(left.Set, func(field string, value any) bool {
		written, ok := value.(string)
		held, ok2 := record.Plain(image.Set[field]).(string)
		alike := !p.exact && ok && ok2 && text.SameShown(written, held)
		if alike && text.Hides(held) && p.Alike != nil && !p.Masks(field) {
			p.Alike(field)
		}
		return alike
	})
	if len(left.Set) == 0 {
		left.Set = nil
	}
	return left
}

// remaining is what an image does not show of a patch, and what is masked of it.
func (p *Planner) remaining(patch change.Patch, image change.Image) change.Patch {
	left := p.unseen(patch, image)
	for field, value := range patch.Set {
		if p.Masks(field) {
			if left.Set == nil {
				left.Set = make(map[string]any)
			}
			left.Set[field] = value
		}
	}
	return left
}

// NotesLike lists the ids of a contact's latest notes that are just like a note: the before-image of adding it.
func (p *Planner) NotesLike(ctx context.Context, contact string, note *change.Note) ([]string, error) {
	alike, err := notesLike(ctx, p.Client, contact, note)
	var ids []string
	for _, n := range alike {
		ids = append(ids, n.ID)
	}
	return ids, err
}

// whereGone says where a contact went that cannot be read for an error.
func whereGone(err error) string {
	if into := whereMerged(err); into != "" {
		return "was merged into " + into
	}
	return isHidden
}

// gone reports whether an error says that a record does not exist any more.
func gone(err error) bool { return directory.Gone(err) }

package engine

import (
	"context"
	"maps"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
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
	// Alike is told of a field that is left alone since it shows like what is to be written, and why it may be another
	// text all the same; nil: nobody is.
	Alike func(field, why string)
	// Escaping tells what is there where Intercom may have escaped it; nil: nobody does.
	Escaping *Escaping

	Items []change.Item // what is planned

	exact bool // what looks the same is written all the same: an undo puts back what was there
}

// Source is where a contact was read.
type Source bool

const (
	ByID     Source = false
	BySearch Source = true // which may be behind the times
)

// Update plans a contact that is to receive a patch. What the contact shows already is left out, but for masked fields,
// of which it must not tell; so is a text that answers show like it: see [Planner.unseen]. Where nothing is left, the
// item counts as unchanged. A contact that a search showed so already is read again. A contact whose role, or what is
// touched of it, cannot be read is an [intercom.UnreadableError].
func (p *Planner) Update(ctx context.Context, c *intercom.Contact, patch change.Patch, from Source) error {
	if err := c.Unread("role"); err != nil {
		return err
	}
	image, err := contactImage(ctx, p.Client, c, patch)
	if err != nil {
		return err
	}
	left := p.remaining(patch, image, func(field, given, shown string) holding {
		if p.Escaping == nil || p.Masks(field) {
			return unclear
		}
		return p.Escaping.ofContact(ctx, c.ID, field, given, shown)
	})
	if from == BySearch && left.Empty() {
		fresh, err := p.Client.Contacts.Get(ctx, c.ID)
		if err != nil {
			return p.Missing(err, c.ID)
		}
		return p.Update(ctx, &fresh, patch, ByID)
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
func (p *Planner) Company(ctx context.Context, c *intercom.Company, label string, patch change.Patch) error {
	before, err := companyImage(c, patch)
	if err != nil {
		return err
	}
	left := p.unseen(patch, before, func(field, given, shown string) holding {
		if p.Escaping == nil {
			return unclear
		}
		return p.Escaping.ofCompany(ctx, c.ID, field, given, shown)
	})
	item := change.Item{TargetID: c.ID, Label: label, Patch: left, Before: before}
	if item.Patch.Empty() {
		item.Outcome = change.Unchanged
	}
	p.Items = append(p.Items, item)
	return nil
}

// unseen is what an image, as answers show it, does not show of a patch. Whoever writes what shows like it has not seen
// what hides in it, so that it is left alone; so is what was written escaped, "R&amp;D" over "R&D". But "R&D" is
// written over what Intercom gives as "R&amp;D" where held tells that somebody wrote it so, and Intercom does not
// escape it.
func (p *Planner) unseen(patch change.Patch, image change.Image,
	held func(field, given, shown string) holding) change.Patch {
	left := remaining(patch, image)
	left.Set = maps.Clone(patch.Set)
	maps.DeleteFunc(left.Set, func(field string, value any) bool {
		before := image.Set[field]
		if p.exact {
			return record.Exactly(field, before, value)
		}
		written, ok := value.(string)
		given, ok2 := before.(string)
		shown := intercom.Unescape(given)
		switch {
		case ok && ok2 && written == shown && given != shown:
			switch held(field, given, shown) {
			case literally:
				return false
			case unclear:
				p.alike(field,
					"it is so already, or holds HTML entities, which cannot be told apart; write another value first to be sure")
			}
		case record.Same(field, before, value):
			if record.IsEscaped(value) {
				p.alike(field, entities)
			}
		case !ok || !ok2 || !text.SameShown(written, shown):
			return false
		case text.Hides(shown):
			p.alike(field, "but for hidden characters it is so already")
		}
		return true
	})
	if len(left.Set) == 0 {
		left.Set = nil
	}
	return left
}

// entities tells of what was written as escaping makes it.
const entities = "but for HTML entities, such as &amp;, it is so already"

// alike tells of a field that is left alone.
func (p *Planner) alike(field, why string) {
	if p.Alike != nil && !p.Masks(field) {
		p.Alike(field, why)
	}
}

// remaining is what an image does not show of a patch, and what is masked of it.
func (p *Planner) remaining(patch change.Patch, image change.Image,
	held func(field, given, shown string) holding) change.Patch {
	left := p.unseen(patch, image, held)
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

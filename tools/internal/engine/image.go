package engine

import (
	"context"
	"errors"
	"maps"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
)

// asIntercom is an error of Intercom's.
func asIntercom(err error) (*intercom.Error, bool) {
	var upstream *intercom.Error
	found := errors.As(err, &upstream)
	return upstream, found
}

// contactImage takes the image of what a patch touches of a contact. It may ask Intercom for tags and companies that
// the contact does not carry along, paced as client is. What of it cannot be read is an [intercom.UnreadableError];
// tags and companies have lists of their own, which are read where the contact does not tell.
func contactImage(ctx context.Context, client *intercom.Client, c *intercom.Contact, p change.Patch) (change.Image,
	error) {
	var image change.Image
	if err := c.Unread(slices.Sorted(maps.Keys(p.Set))...); err != nil {
		return image, err
	}
	if len(p.Set) > 0 {
		image.Set = make(map[string]any, len(p.Set))
		for name := range p.Set {
			image.Set[name] = record.GivenByContact(c, name)
		}
	}
	if links := slices.Concat(p.AddTags, p.RemoveTags); len(links) > 0 {
		ids, err := directory.TagIDs(ctx, client, c)
		if err != nil {
			return image, err
		}
		image.Tags = present(links, ids)
	}
	if links := slices.Concat(p.AddCompanies, p.RemoveCompanies); len(links) > 0 {
		ids, err := directory.CompanyIDs(ctx, client, c)
		if err != nil {
			return image, err
		}
		image.Companies = present(links, ids)
	}
	return image, nil
}

// companyImage takes the image of what a patch touches of a company, likewise.
func companyImage(c *intercom.Company, p change.Patch) (change.Image, error) {
	image := change.Image{Set: make(map[string]any, len(p.Set))}
	for name := range p.Set {
		image.Set[name] = record.GivenByCompany(c, name)
	}
	return image, c.Unread(slices.Sorted(maps.Keys(p.Set))...)
}

// isUnreadable reports whether an error is of a value that cannot be read, now or later.
func isUnreadable(err error) bool {
	var odd *intercom.UnreadableError
	return errors.As(err, &odd)
}

// present keeps the ids of the refs that are among ids, in the refs' order.
func present(refs []change.Ref, ids []string) []string {
	var kept []string
	for _, ref := range refs {
		if slices.Contains(ids, ref.ID) {
			kept = append(kept, ref.ID)
		}
	}
	return kept
}

// remaining is the part of a patch that an image does not show yet.
func remaining(p change.Patch, image change.Image) change.Patch {
	left := p
	left.Set = maps.Clone(p.Set)
	maps.DeleteFunc(left.Set, func(name string, value any) bool { return record.Same(name, image.Set[name], value) })
	if len(left.Set) == 0 {
		left.Set = nil
	}
	left.AddTags = without(p.AddTags, image.Tags)
	left.RemoveTags = within(p.RemoveTags, image.Tags)
	left.AddCompanies = without(p.AddCompanies, image.Companies)
	left.RemoveCompanies = within(p.RemoveCompanies, image.Companies)
	return left
}

// unapplied is what of an item's patch reading does not show: what is left to be sent. What was there and would be
// shown so in any case, such as a number that Intercom rounds to it, is not known to have been sent.
func unapplied(item *change.Item, now change.Image) change.Patch {
	left := remaining(item.Patch, now)
	for _, judged := range states(item, now) {
		if judged.state == shows && judged.moved {
			delete(left.Set, judged.part.Label)
		}
	}
	if len(left.Set) == 0 {
		left.Set = nil
	}
	return left
}

func without(refs []change.Ref, ids []string) []change.Ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r change.Ref) bool { return slices.Contains(ids, r.ID) })
}

func within(refs []change.Ref, ids []string) []change.Ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r change.Ref) bool { return !slices.Contains(ids, r.ID) })
}

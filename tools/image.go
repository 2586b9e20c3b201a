package tools

import (
	"context"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
)

// image takes the before-image of what a patch touches.
func (s *session) image(ctx context.Context, c *intercom.Contact, p change.Patch) (change.Image, error) {
	var image change.Image
	if len(p.Set) > 0 {
		image.Set = make(map[string]any, len(p.Set))
		for name := range p.Set {
			image.Set[name] = record.ContactValue(c, name)
		}
	}
	if touched := slices.Concat(p.AddTags, p.RemoveTags); len(touched) > 0 {
		ids, err := directory.TagIDs(ctx, s.client, c)
		if err != nil {
			return image, err
		}
		image.Tags = present(touched, ids)
	}
	if touched := slices.Concat(p.AddCompanies, p.RemoveCompanies); len(touched) > 0 {
		ids, err := directory.CompanyIDs(ctx, s.client, c)
		if err != nil {
			return image, err
		}
		image.Companies = present(touched, ids)
	}
	return image, nil
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

// sameImage reports whether two images of the same patch show the same.
func sameImage(a, b change.Image) bool {
	for name, value := range a.Set {
		if !record.Same(name, value, b.Set[name]) {
			return false
		}
	}
	return slices.Equal(a.Tags, b.Tags) && slices.Equal(a.Companies, b.Companies)
}

// remaining is the part of a patch that an image does not show yet.
func remaining(p change.Patch, image change.Image) change.Patch {
	left := change.Patch{Op: p.Op, Dates: p.Dates, Note: p.Note, Into: p.Into, Key: p.Key}
	for name, value := range p.Set {
		if !record.Same(name, image.Set[name], value) {
			if left.Set == nil {
				left.Set = make(map[string]any)
			}
			left.Set[name] = value
		}
	}
	left.AddTags = missing(p.AddTags, image.Tags)
	left.RemoveTags = existing(p.RemoveTags, image.Tags)
	left.AddCompanies = missing(p.AddCompanies, image.Companies)
	left.RemoveCompanies = existing(p.RemoveCompanies, image.Companies)
	return left
}

func missing(refs []change.Ref, ids []string) []change.Ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r change.Ref) bool { return slices.Contains(ids, r.ID) })
}

func existing(refs []change.Ref, ids []string) []change.Ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r change.Ref) bool { return !slices.Contains(ids, r.ID) })
}

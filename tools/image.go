package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// fieldValue reads the current value of a field by Intercom's name for it:
// string, bool, json.Number, or nil where there is none.
func fieldValue(c *intercom.Contact, name string) any {
	if custom, ok := strings.CutPrefix(name, directory.CustomPrefix); ok {
		return c.CustomAttributes[custom]
	}
	if name == "owner_id" {
		name = "owner"
	}
	for i := range contactFields {
		if f := &contactFields[i]; f.name == name {
			if t, ok := f.get(c).(intercom.Time); ok {
				return json.Number(fmt.Sprint(int64(t)))
			}
			return f.get(c)
		}
	}
	return nil
}

// sameValue compares what a field holds with what was, or is to be, written.
func sameValue(field string, a, b any) bool {
	if empty(a) || empty(b) {
		return empty(a) && empty(b)
	}
	if x, ok := asNumber(a); ok {
		y, ok := asNumber(b)
		return ok && x.Cmp(y) == 0
	}
	if field == "email" {
		return strings.EqualFold(scalar(a), scalar(b))
	}
	switch value := a.(type) {
	case string:
		other, ok := b.(string)
		return ok && value == other
	case bool:
		other, ok := b.(bool)
		return ok && value == other
	}
	return scalar(a) == scalar(b)
}

// empty reports the values that Intercom does not tell from null.
func empty(v any) bool { return v == nil || v == "" }

// image takes the before-image of what a patch touches.
func (s *session) image(ctx context.Context, c *intercom.Contact, p change.Patch) (change.Image, error) {
	var image change.Image
	if len(p.Set) > 0 {
		image.Set = make(map[string]any, len(p.Set))
		for name := range p.Set {
			image.Set[name] = fieldValue(c, name)
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
		if !sameValue(name, value, b.Set[name]) {
			return false
		}
	}
	return slices.Equal(a.Tags, b.Tags) && slices.Equal(a.Companies, b.Companies)
}

// remaining is the part of a patch that an image does not show yet.
func remaining(p change.Patch, image change.Image) change.Patch {
	left := change.Patch{Op: p.Op, Dates: p.Dates, Note: p.Note, Into: p.Into, Key: p.Key}
	for name, value := range p.Set {
		if !sameValue(name, image.Set[name], value) {
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

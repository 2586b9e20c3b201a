package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// ContactFields are the fields of a contact that every write can set. A pointer that is nil leaves its field alone.
type ContactFields struct {
	// "" clears
	Name *string `json:"name,omitempty"`
	// address
	Email *string `json:"email,omitempty"`
	// "" clears
	Phone *string `json:"phone,omitempty"`
	// your own id
	ExternalID *string `json:"external_id,omitempty"`
	// teammate's e-mail; "" unassigns
	Owner *string `json:"owner,omitempty"`
	// https URL; "" clears
	Avatar *string `json:"avatar,omitempty"`
	// such as fr; "" clears
	LanguageOverride *string `json:"language_override,omitempty"`
	// true stops e-mail
	UnsubscribedFromEmails *bool `json:"unsubscribed_from_emails,omitempty"`
	// by NAME; null clears
	CustomAttributes map[string]any `json:"custom_attributes,omitempty"`
}

// ContactDates are the fields that only single writes can set.
type ContactDates struct {
	// a user cannot become a lead
	Role *Role `json:"role,omitempty"`
	// ISO 8601; no zone: UTC or the server's
	SignedUpAt *string `json:"signed_up_at,omitempty"`
	// likewise
	LastSeenAt *string `json:"last_seen_at,omitempty"`
}

// ContactLinks are the tags and companies to add and to remove.
type ContactLinks struct {
	// names or ids
	AddTags []string `json:"add_tags,omitempty"`
	// names or ids
	RemoveTags []string `json:"remove_tags,omitempty"`
	// company references
	AddCompanies []string `json:"add_companies,omitempty"`
	// company references
	RemoveCompanies []string `json:"remove_companies,omitempty"`
}

// Role is what a contact is to the workspace.
type Role string

// Enum lists the roles.
func (Role) Enum() []string { return record.Roles() }

// BulkSet is what many contacts can be given at once.
type BulkSet struct {
	ContactFields
	ContactLinks
}

// contactPatch resolves the names in a set and checks its values. The error names all that is wrong.
func contactPatch(ctx context.Context, dir *directory.Resolver, fields ContactFields, dates ContactDates,
	links ContactLinks) (change.Patch, error) {
	p := change.Patch{Set: make(map[string]any)}
	var bad toolerr.Several
	for _, set := range []func() error{
		func() error { return setFields(ctx, dir, p.Set, fields, &bad) },
		func() error { return setDates(p.Set, dates, dir.ToldZone(ctx), &bad) },
		func() error {
			return setAttributes(ctx, dir, dir.Lists.ContactAttributes, &p, fields.CustomAttributes, &bad)
		},
		func() error { return setLinks(ctx, dir, &p, links, &bad) },
	} {
		if err := set(); err != nil {
			return change.Patch{}, err
		}
	}
	if bad.Len() > 0 {
		return change.Patch{}, bad.Err()
	}
	if len(p.Fields()) == 0 {
		return p, toolerr.New(toolerr.InvalidArgument, "set: nothing to write.", "Name at least one field.")
	}
	return p, nil
}

// setAttributes writes custom attributes.
func setAttributes(ctx context.Context, dir *directory.Resolver, list *directory.Cached[[]intercom.DataAttribute],
	p *change.Patch, values map[string]any, bad *toolerr.Several) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		attribute, err := dir.AttributeIn(ctx, list, name)
		if err != nil {
			if err = bad.Add("set.custom_attributes", err); err != nil {
				return err
			}
			continue
		}
		value, err := record.Writable(attribute, values[name], time.Now(), dir.ToldZone(ctx))
		if err = bad.Add("set.custom_attributes."+text.Clip(text.Clean(name), 60), err); err != nil {
			return err
		}
		p.Set[directory.CustomPrefix+attribute.Name] = value
		if record.CustomField(attribute).Kind == record.KindTime {
			p.Dates = append(p.Dates, directory.CustomPrefix+attribute.Name)
		}
	}
	return nil
}

// setFields writes the standard fields.
func setFields(ctx context.Context, dir *directory.Resolver, set map[string]any, in ContactFields,
	bad *toolerr.Several) error {
	clearable := func(field string, value *string) {
		if value != nil {
			if set[field] = strings.TrimSpace(*value); set[field] == "" {
				set[field] = nil
			}
		}
	}
	clearable("name", in.Name)
	clearable("avatar", in.Avatar)
	clearable("language_override", in.LanguageOverride)
	if in.UnsubscribedFromEmails != nil {
		set["unsubscribed_from_emails"] = *in.UnsubscribedFromEmails
	}
	if in.Phone != nil {
		phone, err := record.Phone(*in.Phone)
		if err = bad.Add("set.phone", err); err != nil {
			return err
		}
		clearable("phone", &phone)
	}
	if err := bad.Add("", checkFields(set, in)); err != nil || in.Owner == nil {
		return err
	}
	if *in.Owner == "" {
		set["owner_id"] = nil
		return nil
	}
	admin, err := dir.Admin(ctx, *in.Owner)
	set["owner_id"] = admin.ID
	return bad.Add("set.owner", err)
}

// checkFields checks the standard fields that have a form of their own, and writes the e-mail and the external_id.
func checkFields(set map[string]any, in ContactFields) error {
	var bad toolerr.Several
	refuse := func(message, next string) { _ = bad.Add("", toolerr.New(toolerr.InvalidArgument, message, next)) }
	if in.Avatar != nil && *in.Avatar != "" && !strings.HasPrefix(*in.Avatar, "https://") {
		refuse("set.avatar: must be an https URL.", "")
	}
	if in.Email != nil {
		written := strings.TrimSpace(*in.Email)
		address, err := mail.ParseAddress(written)
		switch {
		case written == "":
			refuse("set.email: cannot be cleared, only replaced.", "")
		case err != nil || address.Address != written:
			refuse(fmt.Sprintf("set.email: %q is no e-mail address.", text.Clip(text.Clean(*in.Email), 60)),
				"Write the address alone, such as ada@example.com.")
		}
		set["email"] = strings.ToLower(written)
	}
	if in.ExternalID != nil {
		if strings.TrimSpace(*in.ExternalID) == "" {
			refuse("set.external_id: cannot be empty.", "")
		}
		set["external_id"] = *in.ExternalID
	}
	return bad.Err()
}

// setDates writes the role and the times.
func setDates(set map[string]any, in ContactDates, zone record.Zone, bad *toolerr.Several) error {
	if in.Role != nil {
		set["role"] = string(*in.Role)
	}
	for _, date := range []struct {
		field string
		value *string
	}{{"signed_up_at", in.SignedUpAt}, {"last_seen_at", in.LastSeenAt}} {
		if date.value == nil {
			continue
		}
		if strings.TrimSpace(*date.value) == "" {
			_ = bad.Add("", toolerr.New(toolerr.InvalidArgument, "set."+date.field+": a time cannot be cleared.", ""))
			continue
		}
		span, err := record.ParseTime(*date.value, time.Now(), zone)
		if err = bad.Add("set."+date.field, err); err != nil {
			return err
		}
		set[date.field] = json.Number(fmt.Sprint(span.From.Unix()))
	}
	return nil
}

// setLinks resolves tags and companies. Nothing can be added and removed.
func setLinks(ctx context.Context, dir *directory.Resolver, p *change.Patch, in ContactLinks,
	bad *toolerr.Several) error {
	for _, links := range []struct {
		place string
		texts []string
		refs  *[]change.Ref
		find  func(context.Context, *directory.Resolver, []string, string) ([]change.Ref, error)
	}{
		{"set.add_tags", in.AddTags, &p.AddTags, tagRefs}, {"set.remove_tags", in.RemoveTags, &p.RemoveTags, tagRefs},
		{"set.add_companies", in.AddCompanies, &p.AddCompanies, companyRefs},
		{"set.remove_companies", in.RemoveCompanies, &p.RemoveCompanies, companyRefs},
	} {
		var err error
		*links.refs, err = links.find(ctx, dir, links.texts, links.place)
		if err = bad.Add("", err); err != nil {
			return err
		}
	}
	for _, pair := range [][2][]change.Ref{{p.AddTags, p.RemoveTags}, {p.AddCompanies, p.RemoveCompanies}} {
		for _, added := range pair[0] {
			if slices.Contains(pair[1], added) {
				_ = bad.Add("", toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("set: %q is both added and removed.",
					text.Clip(text.Clean(added.Name), 60)), "Decide for one."))
			}
		}
	}
	return nil
}

// tagRefs resolves tags. The error names all that mean none.
func tagRefs(ctx context.Context, dir *directory.Resolver, texts []string, place string) ([]change.Ref, error) {
	var refs []change.Ref
	var bad toolerr.Several
	for _, text := range texts {
		tag, err := dir.Tag(ctx, text)
		if err != nil {
			if err = bad.Add(place, err); err != nil {
				return nil, err
			}
			continue
		}
		if ref := (change.Ref{ID: tag.ID, Name: tag.Name}); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs, bad.Err()
}

// companyRefs resolves companies likewise.
func companyRefs(ctx context.Context, dir *directory.Resolver, texts []string, place string) ([]change.Ref, error) {
	var refs []change.Ref
	var bad toolerr.Several
	for i, text := range texts {
		if slices.Index(texts, text) < i {
			continue
		}
		company, err := dir.Company(ctx, text)
		if err != nil {
			if err = bad.Add(place, err); err != nil {
				return nil, err
			}
			continue
		}
		if ref := (change.Ref{ID: company.ID, Name: company.Name, Key: company.CompanyID}); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs, bad.Err()
}

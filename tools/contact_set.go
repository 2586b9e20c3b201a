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

// contactPatch resolves the names in a set and checks its values.
func contactPatch(ctx context.Context, dir *directory.Resolver, fields ContactFields, dates ContactDates,
	links ContactLinks) (change.Patch, error) {
	p := change.Patch{Set: make(map[string]any)}
	if err := setFields(ctx, dir, p.Set, fields); err != nil {
		return p, err
	}
	if err := setDates(p.Set, dates, dir.ToldZone(ctx)); err != nil {
		return p, err
	}
	for _, name := range slices.Sorted(maps.Keys(fields.CustomAttributes)) {
		attribute, err := dir.Attribute(ctx, name)
		if err != nil {
			return p, toolerr.At(err, "set.custom_attributes")
		}
		value, err := record.Writable(attribute, fields.CustomAttributes[name], time.Now(), dir.ToldZone(ctx))
		if err != nil {
			return p, toolerr.At(err, "set.custom_attributes."+text.Clip(text.Clean(name), 60))
		}
		p.Set[directory.CustomPrefix+attribute.Name] = value
		if record.CustomField(attribute).Kind == record.KindTime {
			p.Dates = append(p.Dates, directory.CustomPrefix+attribute.Name)
		}
	}
	if err := setLinks(ctx, dir, &p, links); err != nil {
		return p, err
	}
	if len(p.Fields()) == 0 {
		return p, toolerr.New(toolerr.InvalidArgument, "set: nothing to write.", "Name at least one field.")
	}
	return p, nil
}

// setFields writes the standard fields.
func setFields(ctx context.Context, dir *directory.Resolver, set map[string]any, in ContactFields) error {
	clearable := func(field string, value *string) {
		if value != nil {
			if set[field] = strings.TrimSpace(*value); set[field] == "" {
				set[field] = nil
			}
		}
	}
	clearable("name", in.Name)
	if in.Phone != nil {
		phone, err := record.Phone(*in.Phone)
		if err != nil {
			return toolerr.At(err, "set.phone")
		}
		clearable("phone", &phone)
	}
	clearable("avatar", in.Avatar)
	clearable("language_override", in.LanguageOverride)
	if in.Avatar != nil && *in.Avatar != "" && !strings.HasPrefix(*in.Avatar, "https://") {
		return toolerr.New(toolerr.InvalidArgument, "set.avatar: must be an https URL.", "")
	}
	if in.Email != nil {
		address, err := mail.ParseAddress(strings.TrimSpace(*in.Email))
		if err != nil || address.Address != strings.TrimSpace(*in.Email) {
			return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("set.email: %q is no e-mail address.",
				text.Clip(text.Clean(*in.Email), 60)), "Write the address alone, such as ada@example.com.")
		}
		set["email"] = strings.ToLower(address.Address)
	}
	if in.ExternalID != nil {
		if strings.TrimSpace(*in.ExternalID) == "" {
			return toolerr.New(toolerr.InvalidArgument, "set.external_id: cannot be empty.", "")
		}
		set["external_id"] = *in.ExternalID
	}
	if in.UnsubscribedFromEmails != nil {
		set["unsubscribed_from_emails"] = *in.UnsubscribedFromEmails
	}
	if in.Owner != nil {
		if *in.Owner == "" {
			set["owner_id"] = nil
			return nil
		}
		admin, err := dir.Admin(ctx, *in.Owner)
		if err != nil {
			return toolerr.At(err, "set.owner")
		}
		set["owner_id"] = admin.ID
	}
	return nil
}

// setDates writes the role and the times.
func setDates(set map[string]any, in ContactDates, zone record.Zone) error {
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
		span, err := record.ParseTime(*date.value, time.Now(), zone)
		if err != nil {
			return toolerr.At(err, "set."+date.field)
		}
		set[date.field] = json.Number(fmt.Sprint(span.From.Unix()))
	}
	return nil
}

// setLinks resolves tags and companies. Nothing can be added and removed.
func setLinks(ctx context.Context, dir *directory.Resolver, p *change.Patch, in ContactLinks) (err error) {
	if p.AddTags, err = tagRefs(ctx, dir, in.AddTags, "set.add_tags"); err != nil {
		return err
	}
	if p.RemoveTags, err = tagRefs(ctx, dir, in.RemoveTags, "set.remove_tags"); err != nil {
		return err
	}
	if p.AddCompanies, err = companyRefs(ctx, dir, in.AddCompanies, "set.add_companies"); err != nil {
		return err
	}
	if p.RemoveCompanies, err = companyRefs(ctx, dir, in.RemoveCompanies, "set.remove_companies"); err != nil {
		return err
	}
	for _, pair := range [][2][]change.Ref{{p.AddTags, p.RemoveTags}, {p.AddCompanies, p.RemoveCompanies}} {
		for _, added := range pair[0] {
			if slices.Contains(pair[1], added) {
				return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("set: %q is both added and removed.",
					text.Clip(text.Clean(added.Name), 60)), "Decide for one.")
			}
		}
	}
	return nil
}

func tagRefs(ctx context.Context, dir *directory.Resolver, texts []string, place string) ([]change.Ref, error) {
	var refs []change.Ref
	for _, text := range texts {
		tag, err := dir.Tag(ctx, text)
		if err != nil {
			return nil, toolerr.At(err, place)
		}
		if ref := (change.Ref{ID: tag.ID, Name: tag.Name}); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

func companyRefs(ctx context.Context, dir *directory.Resolver, texts []string, place string) ([]change.Ref, error) {
	var refs []change.Ref
	for i, text := range texts {
		if slices.Index(texts, text) < i {
			continue
		}
		company, err := dir.Company(ctx, text)
		if err != nil {
			return nil, toolerr.At(err, place)
		}
		if ref := (change.Ref{ID: company.ID, Name: company.Name, Key: company.CompanyID}); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// kind is the type of a field's values; it decides the operators that a search
// may use and how a value is read and shown.
type kind string

const (
	kindString  kind = "string"
	kindBool    kind = "boolean"
	kindInteger kind = "integer"
	kindFloat   kind = "float"
	kindTime    kind = "date" // standard timestamps and date attributes: Unix seconds
	kindTag     kind = "tag"
	kindSegment kind = "segment"
	kindCompany kind = "company"
	kindOwner   kind = "owner"
)

// field is one attribute of a contact as search, columns and writes know it.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/contact
type field struct {
	name   string // what the agent writes
	search string // Intercom's name in a search; empty where it cannot be searched
	kind   kind
	get    func(*intercom.Contact) any
	// For custom attributes:
	attribute *intercom.DataAttribute
}

func str(get func(*intercom.Contact) string) func(*intercom.Contact) any {
	return func(c *intercom.Contact) any {
		if v := get(c); v != "" {
			return v
		}
		return nil
	}
}

func when(get func(*intercom.Contact) intercom.Time) func(*intercom.Contact) any {
	return func(c *intercom.Contact) any {
		if v := get(c); !v.IsZero() {
			return v
		}
		return nil
	}
}

func boolean(get func(*intercom.Contact) bool) func(*intercom.Contact) any {
	return func(c *intercom.Contact) any { return get(c) }
}

// contactFields are the standard fields, in the order in which they are shown.
var contactFields = []field{
	{name: "id", kind: kindString, get: str(func(c *intercom.Contact) string { return c.ID })},
	{name: "name", kind: kindString, get: str(func(c *intercom.Contact) string { return c.Name })},
	{name: "email", kind: kindString, get: str(func(c *intercom.Contact) string { return c.Email })},
	{name: "role", kind: kindString, get: str(func(c *intercom.Contact) string { return c.Role })},
	{name: "phone", kind: kindString, get: str(func(c *intercom.Contact) string { return c.Phone })},
	{name: "external_id", kind: kindString, get: str(func(c *intercom.Contact) string { return c.ExternalID })},
	{name: "email_domain", kind: kindString, get: str(func(c *intercom.Contact) string { return c.EmailDomain })},
	{name: "owner", search: "owner_id", kind: kindOwner, get: str(func(c *intercom.Contact) string { return c.OwnerID })},
	{name: "created_at", kind: kindTime, get: when(func(c *intercom.Contact) intercom.Time { return c.CreatedAt })},
	{name: "updated_at", kind: kindTime, get: when(func(c *intercom.Contact) intercom.Time { return c.UpdatedAt })},
	{name: "signed_up_at", kind: kindTime, get: when(func(c *intercom.Contact) intercom.Time { return c.SignedUpAt })},
	{name: "last_seen_at", kind: kindTime, get: when(func(c *intercom.Contact) intercom.Time { return c.LastSeenAt })},
	{name: "last_replied_at", kind: kindTime, get: when(func(c *intercom.Contact) intercom.Time { return c.LastRepliedAt })},
	{name: "last_contacted_at", kind: kindTime, get: when(func(c *intercom.Contact) intercom.Time { return c.LastContactedAt })},
	{name: "last_email_opened_at", kind: kindTime, get: when(func(c *intercom.Contact) intercom.Time { return c.LastEmailOpenedAt })},
	{name: "last_email_clicked_at", kind: kindTime, get: when(func(c *intercom.Contact) intercom.Time { return c.LastEmailClickedAt })},
	{name: "language_override", kind: kindString, get: str(func(c *intercom.Contact) string { return c.LanguageOverride })},
	{name: "unsubscribed_from_emails", kind: kindBool, get: boolean(func(c *intercom.Contact) bool { return c.UnsubscribedFromEmails })},
	{name: "has_hard_bounced", kind: kindBool, get: boolean(func(c *intercom.Contact) bool { return c.HasHardBounced })},
	{name: "marked_email_as_spam", kind: kindBool, get: boolean(func(c *intercom.Contact) bool { return c.MarkedEmailAsSpam })},
	{name: "browser", kind: kindString, get: str(func(c *intercom.Contact) string { return c.Browser })},
	{name: "os", kind: kindString, get: str(func(c *intercom.Contact) string { return c.OS })},
	{name: "location.country", kind: kindString, get: str(func(c *intercom.Contact) string { return c.Location.Country })},
	{name: "location.region", kind: kindString, get: str(func(c *intercom.Contact) string { return c.Location.Region })},
	{name: "location.city", kind: kindString, get: str(func(c *intercom.Contact) string { return c.Location.City })},
	{name: "avatar", kind: kindString, get: str(func(c *intercom.Contact) string { return c.Avatar })},
	{name: "tag", search: "tag_id", kind: kindTag},
	{name: "segment", search: "segment_id", kind: kindSegment},
	{name: "company", kind: kindCompany},
}

// searchName is the field's name in a search.
func (f *field) searchName() string {
	if f.search != "" {
		return f.search
	}
	return f.name
}

// field finds a contact field by the agent's name for it, custom attributes
// through the workspace's own list, Intercom's own spellings included.
func (s *session) field(ctx context.Context, name string) (*field, error) {
	alias := map[string]string{
		"owner_id": "owner", "tag_id": "tag", "tags": "tag", "segment_id": "segment", "segments": "segment",
		"companies": "company", "company_id": "company",
	}
	wanted := name
	if other, ok := alias[name]; ok {
		wanted = other
	}
	for i := range contactFields {
		if contactFields[i].name == wanted {
			return &contactFields[i], nil
		}
	}
	if custom, ok := strings.CutPrefix(name, directory.CustomPrefix); ok {
		attribute, err := s.dir.Attribute(ctx, custom)
		if err != nil {
			return nil, err
		}
		return customField(attribute), nil
	}
	attribute, err := s.dir.Attribute(ctx, name)
	var toolErr *toolerr.Error
	if err != nil && !errors.As(err, &toolErr) {
		return nil, err
	}
	if err == nil {
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is a custom attribute.", name), "Write it as "+directory.CustomPrefix+attribute.Name+".")
	}
	var names []string
	for _, f := range contactFields {
		names = append(names, f.name)
	}
	return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no contact field%s.", text.Clip(text.Clean(name), 60), directory.DidYouMean(name, names)),
		"list_attributes shows the fields.")
}

// customField makes a field of a custom attribute.
func customField(a *intercom.DataAttribute) *field {
	name := a.Name
	f := &field{name: directory.CustomPrefix + name, kind: kindString, attribute: a,
		get: func(c *intercom.Contact) any { return c.CustomAttributes[name] }}
	switch a.DataType {
	case "integer":
		f.kind = kindInteger
	case "float":
		f.kind = kindFloat
	case "boolean":
		f.kind = kindBool
	case "date", "datetime":
		f.kind = kindTime
	}
	return f
}

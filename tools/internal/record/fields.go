package record

import (
	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
)

// Kind is the type of a field's values; it decides the operators that a search
// may use and how a value is read and shown.
type Kind string

const (
	KindString  Kind = "string"
	KindBool    Kind = "boolean"
	KindInteger Kind = "integer"
	KindFloat   Kind = "float"
	KindTime    Kind = "date" // standard timestamps and date attributes: Unix seconds
	KindTag     Kind = "tag"
	KindSegment Kind = "segment"
	KindCompany Kind = "company"
	KindOwner   Kind = "owner"
)

// Field is one attribute of a contact as search, columns and writes know it.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/contact
type Field struct {
	Name   string // what the agent writes
	Search string // Intercom's name in a search; empty where it cannot be searched
	Kind   Kind
	Get    func(*intercom.Contact) any
	// For custom attributes:
	Attribute *intercom.DataAttribute
}

func stringOf(get func(*intercom.Contact) string) func(*intercom.Contact) any {
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

// ContactFields are the standard fields, in the order in which they are shown.
var ContactFields = []Field{
	{Name: "id", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.ID })},
	{Name: "name", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.Name })},
	{Name: "email", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.Email })},
	{Name: "role", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.Role })},
	{Name: "phone", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.Phone })},
	{Name: "external_id", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.ExternalID })},
	{Name: "email_domain", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.EmailDomain })},
	{Name: "owner", Search: "owner_id", Kind: KindOwner,
		Get: stringOf(func(c *intercom.Contact) string { return c.OwnerID })},
	{Name: "created_at", Kind: KindTime, Get: when(func(c *intercom.Contact) intercom.Time { return c.CreatedAt })},
	{Name: "updated_at", Kind: KindTime, Get: when(func(c *intercom.Contact) intercom.Time { return c.UpdatedAt })},
	{Name: "signed_up_at", Kind: KindTime, Get: when(func(c *intercom.Contact) intercom.Time { return c.SignedUpAt })},
	{Name: "last_seen_at", Kind: KindTime, Get: when(func(c *intercom.Contact) intercom.Time { return c.LastSeenAt })},
	{Name: "last_replied_at", Kind: KindTime,
		Get: when(func(c *intercom.Contact) intercom.Time { return c.LastRepliedAt })},
	{Name: "last_contacted_at", Kind: KindTime,
		Get: when(func(c *intercom.Contact) intercom.Time { return c.LastContactedAt })},
	{Name: "last_email_opened_at", Kind: KindTime,
		Get: when(func(c *intercom.Contact) intercom.Time { return c.LastEmailOpenedAt })},
	{Name: "last_email_clicked_at", Kind: KindTime,
		Get: when(func(c *intercom.Contact) intercom.Time { return c.LastEmailClickedAt })},
	{Name: "language_override", Kind: KindString,
		Get: stringOf(func(c *intercom.Contact) string { return c.LanguageOverride })},
	{Name: "unsubscribed_from_emails", Kind: KindBool,
		Get: boolean(func(c *intercom.Contact) bool { return c.UnsubscribedFromEmails })},
	{Name: "has_hard_bounced", Kind: KindBool, Get: boolean(func(c *intercom.Contact) bool { return c.HasHardBounced })},
	{Name: "marked_email_as_spam", Kind: KindBool,
		Get: boolean(func(c *intercom.Contact) bool { return c.MarkedEmailAsSpam })},
	{Name: "browser", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.Browser })},
	{Name: "os", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.OS })},
	{Name: "location.country", Kind: KindString,
		Get: stringOf(func(c *intercom.Contact) string { return c.Location.Country })},
	{Name: "location.region", Kind: KindString,
		Get: stringOf(func(c *intercom.Contact) string { return c.Location.Region })},
	{Name: "location.city", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.Location.City })},
	{Name: "avatar", Kind: KindString, Get: stringOf(func(c *intercom.Contact) string { return c.Avatar })},
	{Name: "tag", Search: "tag_id", Kind: KindTag},
	{Name: "segment", Search: "segment_id", Kind: KindSegment},
	{Name: "company", Kind: KindCompany},
}

// SearchName is the field's name in a search.
func (f *Field) SearchName() string {
	if f.Search != "" {
		return f.Search
	}
	return f.Name
}

// PolicyName is the name by which a policy masks the field.
func (f *Field) PolicyName() string {
	switch f.Kind {
	case KindTag:
		return "tags"
	case KindCompany:
		return "companies"
	case KindOwner:
		return "owner_id"
	}
	return f.Name
}

// CustomField makes a field of a custom attribute.
func CustomField(a *intercom.DataAttribute) *Field {
	name := a.Name
	return &Field{Name: directory.CustomPrefix + name, Kind: AttributeKind(a), Attribute: a,
		Get: func(c *intercom.Contact) any { return c.CustomAttributes[name] }}
}

// AttributeKind is the kind of a custom attribute's values.
func AttributeKind(a *intercom.DataAttribute) Kind {
	switch a.DataType {
	case "integer":
		return KindInteger
	case "float":
		return KindFloat
	case "boolean":
		return KindBool
	case "date", "datetime":
		return KindTime
	}
	return KindString
}

// Roles lists the roles of contacts.
func Roles() []string { return []string{"user", "lead"} }

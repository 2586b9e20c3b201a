package sandbox

import (
	"slices"
	"strings"
)

// contactTexts are the searchable fields of contacts that hold text.
var contactTexts = map[string]func(*Contact) string{
	"id":                  func(c *Contact) string { return c.ID },
	"role":                func(c *Contact) string { return c.Role },
	"name":                func(c *Contact) string { return c.Name },
	"avatar":              func(c *Contact) string { return c.Avatar },
	"phone":               func(c *Contact) string { return c.Phone },
	"formatted_phone":     (*Contact).formattedPhone,
	"external_id":         func(c *Contact) string { return c.ExternalID },
	"language_override":   func(c *Contact) string { return c.LanguageOverride },
	"browser":             func(c *Contact) string { return c.Browser },
	"browser_version":     func(c *Contact) string { return c.BrowserVersion },
	"browser_language":    func(c *Contact) string { return c.BrowserLanguage },
	"os":                  func(c *Contact) string { return c.OS },
	"location.country":    func(c *Contact) string { return c.Location.Country },
	"location.region":     func(c *Contact) string { return c.Location.Region },
	"location.city":       func(c *Contact) string { return c.Location.City },
	"ios_app_name":        func(c *Contact) string { return c.IOS.AppName },
	"ios_app_version":     func(c *Contact) string { return c.IOS.AppVersion },
	"ios_device":          func(c *Contact) string { return c.IOS.Device },
	"ios_app_device":      func(c *Contact) string { return c.IOS.Device },
	"ios_os_version":      func(c *Contact) string { return c.IOS.OSVersion },
	"ios_sdk_version":     func(c *Contact) string { return c.IOS.SDKVersion },
	"android_app_name":    func(c *Contact) string { return c.Android.AppName },
	"android_app_version": func(c *Contact) string { return c.Android.AppVersion },
	"android_device":      func(c *Contact) string { return c.Android.Device },
	"andoid_sdk_version":  func(c *Contact) string { return c.Android.SDKVersion }, // spelled so in the API
	"android_sdk_version": func(c *Contact) string { return c.Android.SDKVersion },
	"android_os_version":  func(c *Contact) string { return c.Android.OSVersion },
	"utm_campaign":        func(c *Contact) string { return c.UTMCampaign },
	"utm_content":         func(c *Contact) string { return c.UTMContent },
	"utm_medium":          func(c *Contact) string { return c.UTMMedium },
	"utm_source":          func(c *Contact) string { return c.UTMSource },
	"utm_term":            func(c *Contact) string { return c.UTMTerm },
	"referrer":            func(c *Contact) string { return c.Referrer },
}

// contactTimes are the timestamps of contacts.
var contactTimes = map[string]func(*Contact) int64{
	"created_at":            func(c *Contact) int64 { return c.CreatedAt },
	"updated_at":            func(c *Contact) int64 { return c.UpdatedAt },
	"signed_up_at":          func(c *Contact) int64 { return c.SignedUpAt },
	"last_seen_at":          func(c *Contact) int64 { return c.LastSeenAt },
	"last_contacted_at":     func(c *Contact) int64 { return c.LastContactedAt },
	"last_replied_at":       func(c *Contact) int64 { return c.LastRepliedAt },
	"last_email_opened_at":  func(c *Contact) int64 { return c.LastEmailOpenedAt },
	"last_email_clicked_at": func(c *Contact) int64 { return c.LastEmailClickedAt },
	"ios_last_seen_at":      func(c *Contact) int64 { return c.IOS.LastSeenAt },
	"android_last_seen_at":  func(c *Contact) int64 { return c.Android.LastSeenAt },
}

// contactFlags are the fields of contacts that are true or false.
var contactFlags = map[string]func(*Contact) bool{
	"unsubscribed_from_emails": func(c *Contact) bool { return c.UnsubscribedFromEmails },
	"marked_email_as_spam":     func(c *Contact) bool { return c.MarkedEmailAsSpam },
	"has_hard_bounced":         func(c *Contact) bool { return c.HasHardBounced },
}

// orNil is a value as search sees it: the zero value is none.
func orNil[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// contactSearchField looks up a field of POST /contacts/search.
func (e *searchEngine) contactSearchField(name string) (searchField, bool) {
	if get, ok := contactTexts[name]; ok {
		return searchField{kind: kindText, value: func(c *Contact) any { return orNil(get(c)) }}, true
	}
	if get, ok := contactTimes[name]; ok {
		kind := kindDay
		if e.q.version >= v217 {
			kind = kindTime
		}
		return searchField{kind: kind, value: func(c *Contact) any { return orNil(get(c)) }}, true
	}
	if get, ok := contactFlags[name]; ok {
		return searchField{kind: kindBoolean, value: func(c *Contact) any { return get(c) }}, true
	}
	if attribute, ok := strings.CutPrefix(name, "custom_attributes."); ok {
		return e.attributeSearchField(attribute)
	}
	return e.contactRelationField(name)
}

// contactRelationField looks up the fields with a meaning of their own.
func (e *searchEngine) contactRelationField(name string) (searchField, bool) {
	switch name {
	case "email":
		return searchField{kind: kindEmail, value: func(c *Contact) any { return orNil(c.Email) }}, true
	case "email_domain":
		return searchField{kind: kindEmail, value: func(c *Contact) any { return orNil(c.emailDomain()) }}, true
	case "owner_id":
		f := searchField{kind: kindOwner, value: func(c *Contact) any { return orNil(c.OwnerID) }}
		if e.q.version < v216 {
			f.only = setOperators
		}
		return f, true
	case "tag_id":
		return searchField{kind: kindTag, value: func(c *Contact) any {
			return func(id string) bool { return slices.Contains(c.TagIDs, id) }
		}}, true
	case "segment_id":
		return searchField{kind: kindSegment, value: func(c *Contact) any {
			return func(id string) bool {
				s := e.q.space.segments.byID(id)
				return s != nil && s.hasContact(c, e.q.at)
			}
		}}, true
	}
	return searchField{}, false
}

// attributeKinds are the types of custom attributes in a search.
var attributeKinds = map[string]fieldKind{
	"string": kindText, "integer": kindInteger, "float": kindFloat, "boolean": kindBoolean,
}

// attributeSearchField looks up a custom attribute of contacts.
func (e *searchEngine) attributeSearchField(name string) (searchField, bool) {
	a := e.q.space.attributes.custom("contact", name)
	if a == nil {
		return searchField{}, false
	}
	kind, ok := attributeKinds[a.DataType]
	switch {
	case ok:
	case e.q.version >= v217:
		kind = kindUTCDay
	default:
		kind = kindDay
	}
	return searchField{kind: kind, value: func(c *Contact) any { return c.CustomAttributes[name] }}, true
}

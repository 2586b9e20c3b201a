package sandbox

import (
	"encoding/json"
	"maps"
	"slices"
)

// orNull shows the zero value as null.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// optional is a key that some versions and requests omit.
type optional struct {
	present bool
	value   any
}

// IsZero lets omitzero drop the key.
func (o optional) IsZero() bool { return !o.present }

// MarshalJSON implements json.Marshaler.
func (o optional) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }

// contactSize is about how many bytes a contact takes as JSON.
const contactSize = 2_500

// contact renders a contact for the request's version: every key is there, in Intercom's order. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/contact
func (v view) contact(c *Contact) rendered {
	j := jsonText{make([]byte, 0, contactSize)}
	j.open()
	v.contactKeys(&j, c)
	if v.q.version >= v212 { // in answers about single contacts alone
		j.null("enabled_push_messaging")
	}
	v.contactEnd(&j, c)
	return j.text
}

// listed renders a contact as lists show it.
func (v view) listed(j *jsonText, c *Contact) {
	j.open()
	v.contactKeys(j, c)
	v.contactEnd(j, c)
}

// contactKeys are the keys that contacts have wherever they are shown.
func (v view) contactKeys(j *jsonText, c *Contact) {
	recorded := v.q.version >= v216 // keys that answers have, and the description has not
	j.str("type", "contact")
	j.str("id", c.ID)
	j.str("workspace_id", v.q.space.id)
	j.strOrNull("external_id", c.ExternalID)
	j.str("role", c.Role)
	j.strOrNull("email", c.Email)
	j.strOrNull("email_domain", c.emailDomain())
	j.strOrNull("phone", c.Phone)
	if v.q.version >= preview {
		j.strOrNull("formatted_phone", c.formattedPhone())
	}
	j.strOrNull("name", c.Name)
	v.avatarAndOwner(j, c)
	j.member("social_profiles", socialJSON(c.SocialProfiles))
	j.truth("has_hard_bounced", c.HasHardBounced)
	j.truth("marked_email_as_spam", c.MarkedEmailAsSpam)
	j.truth("unsubscribed_from_emails", c.UnsubscribedFromEmails)
	if recorded {
		j.truth("unsubscribed_from_sms", false)
		j.truth("sms_consent", false)
	}
	j.number("created_at", c.CreatedAt)
	j.number("updated_at", c.UpdatedAt)
	j.numberOrNull("signed_up_at", c.SignedUpAt)
	j.numberOrNull("last_seen_at", c.LastSeenAt)
	j.numberOrNull("last_replied_at", c.LastRepliedAt)
	j.numberOrNull("last_contacted_at", c.LastContactedAt)
	j.numberOrNull("last_email_opened_at", c.LastEmailOpenedAt)
	j.numberOrNull("last_email_clicked_at", c.LastEmailClickedAt)
	j.strOrNull("language_override", c.LanguageOverride)
	j.strOrNull("browser", c.Browser)
	j.strOrNull("browser_version", c.BrowserVersion)
	j.strOrNull("browser_language", c.BrowserLanguage)
	j.strOrNull("os", c.OS)
	c.Location.write(j)
	c.Android.write(j, "android_")
	c.IOS.write(j, "ios_")
	writeAttributes(j, c.CustomAttributes)
	v.relations(j, c)
	j.strOrNull("utm_campaign", c.UTMCampaign)
	j.strOrNull("utm_content", c.UTMContent)
	j.strOrNull("utm_medium", c.UTMMedium)
	j.strOrNull("utm_source", c.UTMSource)
	j.strOrNull("utm_term", c.UTMTerm)
	j.strOrNull("referrer", c.Referrer)
}

// contactEnd ends a contact, with its merge history where the request asks for it.
func (v view) contactEnd(j *jsonText, c *Contact) {
	if v.q.version >= v216 && c.Role == "user" && v.q.flag("include_merge_history") {
		j.member("merge_history", mergesJSON(v.q.space.contacts.byID[c.ID].merges))
	}
	j.close()
}

// avatarAndOwner writes the owner's id as a number up to 2.15, as a string since.
func (v view) avatarAndOwner(j *jsonText, c *Contact) {
	if c.Avatar == "" {
		j.null("avatar")
	} else {
		j.member("avatar", avatarJSON{"avatar", c.Avatar})
	}
	if c.OwnerID == "" || v.q.version >= v216 {
		j.strOrNull("owner_id", c.OwnerID)
	} else {
		j.member("owner_id", json.Number(c.OwnerID))
	}
}

// relations writes the references to what belongs to a contact.
func (v view) relations(j *jsonText, c *Contact) {
	self := "/contacts/" + c.ID
	optedOut, optedIn := v.q.space.subscriptionTypes.split(c.SubscriptionIDs)
	embed("tag", "/tags/", self+"/tags", c.TagIDs).write(j, "tags")
	embed("note", "/notes/", self+"/notes", v.q.space.notes.ids(c.ID)).write(j, "notes")
	embed("company", "/companies/", self+"/companies", c.CompanyIDs).write(j, "companies")
	subscriptions := self + "/subscriptions"
	embed("subscription", subscriptions, subscriptions, optedOut).write(j, "opted_out_subscription_types")
	embed("subscription", subscriptions, subscriptions, optedIn).write(j, "opted_in_subscription_types")
}

// writeAttributes writes custom attributes, sorted by their names.
func writeAttributes(j *jsonText, values map[string]any) {
	j.key("custom_attributes")
	j.open()
	var room [16]string
	names := slices.AppendSeq(room[:0], maps.Keys(values))
	slices.Sort(names)
	for _, name := range names {
		j.member(name, values[name])
	}
	j.close()
}

type avatarJSON struct {
	Type     string `json:"type"`
	ImageURL string `json:"image_url"`
}

func (l Location) write(j *jsonText) {
	j.key("location")
	j.open()
	j.str("type", "location")
	j.strOrNull("country", l.Country)
	j.strOrNull("region", l.Region)
	j.strOrNull("city", l.City)
	j.strOrNull("country_code", l.CountryCode)
	j.strOrNull("continent_code", l.ContinentCode)
	j.close()
}

// write writes the keys of a device, which begin with its system.
func (d Device) write(j *jsonText, system string) {
	j.strOrNull(system+"app_name", d.AppName)
	j.strOrNull(system+"app_version", d.AppVersion)
	j.strOrNull(system+"device", d.Device)
	j.strOrNull(system+"os_version", d.OSVersion)
	j.strOrNull(system+"sdk_version", d.SDKVersion)
	j.numberOrNull(system+"last_seen_at", d.LastSeenAt)
}

// embeddedMax is how many references a contact carries of each relation.
const embeddedMax = 10

// embeddedJSON is a relation inside a contact: references without names.
type embeddedJSON struct {
	Type       string    `json:"type"`
	Data       []refJSON `json:"data"`
	URL        string    `json:"url"`
	TotalCount int       `json:"total_count"`
	HasMore    bool      `json:"has_more"`
}

type refJSON struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	URL  string `json:"url"`
}

// embed makes the references of one relation, whose list is at url. A refURL ending in "/" is completed with each id.
func embed(kind, refURL, url string, ids []string) embeddedJSON {
	e := embeddedJSON{Type: "list", Data: []refJSON{}, URL: url, TotalCount: len(ids), HasMore: len(ids) > embeddedMax}
	for _, id := range ids[:min(len(ids), embeddedMax)] {
		ref := refJSON{kind, id, refURL}
		if refURL[len(refURL)-1] == '/' {
			ref.URL += id
		}
		e.Data = append(e.Data, ref)
	}
	return e
}

func (e embeddedJSON) write(j *jsonText, name string) {
	j.key(name)
	j.open()
	j.str("type", e.Type)
	j.key("data")
	j.text = append(j.text, '[')
	for _, ref := range e.Data {
		j.comma('[')
		j.open()
		j.str("type", ref.Type)
		j.str("id", ref.ID)
		j.str("url", ref.URL)
		j.close()
	}
	j.text = append(j.text, ']')
	j.str("url", e.URL)
	j.number("total_count", int64(e.TotalCount))
	j.truth("has_more", e.HasMore)
	j.close()
}

// socialJSON is the list of a contact's accounts elsewhere.
func socialJSON(profiles []SocialProfile) listJSON {
	data := make([]any, 0, len(profiles))
	for _, p := range profiles {
		data = append(data, struct {
			Type string `json:"type"`
			SocialProfile
		}{"social_profile", p})
	}
	return listJSON{"list", data}
}

// mergeJSON is an entry of a contact's merge history.
type mergeJSON struct {
	Type       string `json:"type"`
	SourceID   string `json:"source_contact_id"`
	SourceRole string `json:"source_contact_role"`
	MergedAt   int64  `json:"merged_at"`
}

func mergesJSON(merges []merge) []mergeJSON {
	out := make([]mergeJSON, 0, len(merges))
	for _, m := range merges {
		out = append(out, mergeJSON{"merge_history", m.SourceID, m.SourceRole, m.At})
	}
	return out
}

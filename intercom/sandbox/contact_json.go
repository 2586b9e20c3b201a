package sandbox

import (
	"encoding/json"
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

// contactJSON is a contact on the wire: every key is there, in Intercom's order. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/contact
type contactJSON struct {
	Type                   string         `json:"type"`
	ID                     string         `json:"id"`
	WorkspaceID            string         `json:"workspace_id"`
	ExternalID             *string        `json:"external_id"`
	Role                   string         `json:"role"`
	Email                  *string        `json:"email"`
	EmailDomain            *string        `json:"email_domain"`
	Phone                  *string        `json:"phone"`
	FormattedPhone         optional       `json:"formatted_phone,omitzero"`
	Name                   *string        `json:"name"`
	Avatar                 *avatarJSON    `json:"avatar"`
	OwnerID                any            `json:"owner_id"`
	SocialProfiles         listJSON       `json:"social_profiles"`
	HasHardBounced         bool           `json:"has_hard_bounced"`
	MarkedEmailAsSpam      bool           `json:"marked_email_as_spam"`
	UnsubscribedFromEmails bool           `json:"unsubscribed_from_emails"`
	UnsubscribedFromSMS    optional       `json:"unsubscribed_from_sms,omitzero"`
	SMSConsent             optional       `json:"sms_consent,omitzero"`
	CreatedAt              int64          `json:"created_at"`
	UpdatedAt              int64          `json:"updated_at"`
	SignedUpAt             *int64         `json:"signed_up_at"`
	LastSeenAt             *int64         `json:"last_seen_at"`
	LastRepliedAt          *int64         `json:"last_replied_at"`
	LastContactedAt        *int64         `json:"last_contacted_at"`
	LastEmailOpenedAt      *int64         `json:"last_email_opened_at"`
	LastEmailClickedAt     *int64         `json:"last_email_clicked_at"`
	LanguageOverride       *string        `json:"language_override"`
	Browser                *string        `json:"browser"`
	BrowserVersion         *string        `json:"browser_version"`
	BrowserLanguage        *string        `json:"browser_language"`
	OS                     *string        `json:"os"`
	Location               locationJSON   `json:"location"`
	AndroidAppName         *string        `json:"android_app_name"`
	AndroidAppVersion      *string        `json:"android_app_version"`
	AndroidDevice          *string        `json:"android_device"`
	AndroidOSVersion       *string        `json:"android_os_version"`
	AndroidSDKVersion      *string        `json:"android_sdk_version"`
	AndroidLastSeenAt      *int64         `json:"android_last_seen_at"`
	IOSAppName             *string        `json:"ios_app_name"`
	IOSAppVersion          *string        `json:"ios_app_version"`
	IOSDevice              *string        `json:"ios_device"`
	IOSOSVersion           *string        `json:"ios_os_version"`
	IOSSDKVersion          *string        `json:"ios_sdk_version"`
	IOSLastSeenAt          *int64         `json:"ios_last_seen_at"`
	CustomAttributes       map[string]any `json:"custom_attributes"`
	Tags                   embeddedJSON   `json:"tags"`
	Notes                  embeddedJSON   `json:"notes"`
	Companies              embeddedJSON   `json:"companies"`
	OptedOut               embeddedJSON   `json:"opted_out_subscription_types"`
	OptedIn                embeddedJSON   `json:"opted_in_subscription_types"`
	UTMCampaign            *string        `json:"utm_campaign"`
	UTMContent             *string        `json:"utm_content"`
	UTMMedium              *string        `json:"utm_medium"`
	UTMSource              *string        `json:"utm_source"`
	UTMTerm                *string        `json:"utm_term"`
	Referrer               *string        `json:"referrer"`
	EnabledPushMessaging   optional       `json:"enabled_push_messaging,omitzero"`
	MergeHistory           optional       `json:"merge_history,omitzero"`
}

type avatarJSON struct {
	Type     string `json:"type"`
	ImageURL string `json:"image_url"`
}

type locationJSON struct {
	Type          string  `json:"type"`
	Country       *string `json:"country"`
	Region        *string `json:"region"`
	City          *string `json:"city"`
	CountryCode   *string `json:"country_code"`
	ContinentCode *string `json:"continent_code"`
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

// embed makes the references of one relation. A url ending in "/" is completed with each id.
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

// contact renders a contact for the request's version.
func (v view) contact(c *Contact) contactJSON {
	self := "/contacts/" + c.ID
	recorded := v.q.version >= v216 // keys that answers have, and the description has not
	optedOut, optedIn := v.q.space.topics.split(c.SubscriptionIDs)
	out := contactJSON{
		Type: "contact", ID: c.ID, WorkspaceID: v.q.space.id,
		ExternalID: orNull(c.ExternalID), Role: c.Role, Email: orNull(c.Email), Phone: orNull(c.Phone), Name: orNull(c.Name),
		FormattedPhone:         optional{v.q.version >= preview, orNull(c.formattedPhone())},
		EmailDomain:            orNull(c.emailDomain()),
		OwnerID:                v.owner(c.OwnerID),
		SocialProfiles:         socialJSON(c.SocialProfiles),
		HasHardBounced:         c.HasHardBounced,
		MarkedEmailAsSpam:      c.MarkedEmailAsSpam,
		UnsubscribedFromEmails: c.UnsubscribedFromEmails,
		UnsubscribedFromSMS:    optional{recorded, false},
		SMSConsent:             optional{recorded, false},
		CreatedAt:              c.CreatedAt, UpdatedAt: c.UpdatedAt,
		SignedUpAt: orNull(c.SignedUpAt), LastSeenAt: orNull(c.LastSeenAt),
		LastRepliedAt: orNull(c.LastRepliedAt), LastContactedAt: orNull(c.LastContactedAt),
		LastEmailOpenedAt: orNull(c.LastEmailOpenedAt), LastEmailClickedAt: orNull(c.LastEmailClickedAt),
		LanguageOverride: orNull(c.LanguageOverride),
		Browser:          orNull(c.Browser), BrowserVersion: orNull(c.BrowserVersion),
		BrowserLanguage: orNull(c.BrowserLanguage), OS: orNull(c.OS),
		Location:         c.Location.json(),
		CustomAttributes: c.CustomAttributes,
		Tags:             embed("tag", "/tags/", self+"/tags", c.TagIDs),
		Notes:            embed("note", "/notes/", self+"/notes", v.q.space.notes.ids(c.ID)),
		Companies:        embed("company", "/companies/", self+"/companies", c.CompanyIDs),
		OptedOut:         embed("subscription", self+"/subscriptions", self+"/subscriptions", optedOut),
		OptedIn:          embed("subscription", self+"/subscriptions", self+"/subscriptions", optedIn),
		UTMCampaign:      orNull(c.UTMCampaign), UTMContent: orNull(c.UTMContent), UTMMedium: orNull(c.UTMMedium),
		UTMSource: orNull(c.UTMSource), UTMTerm: orNull(c.UTMTerm), Referrer: orNull(c.Referrer),
		EnabledPushMessaging: optional{present: v.q.version >= v212},
	}
	out.setDevices(c.Android, c.IOS)
	if c.Avatar != "" {
		out.Avatar = &avatarJSON{"avatar", c.Avatar}
	}
	if out.CustomAttributes == nil {
		out.CustomAttributes = map[string]any{}
	}
	if v.q.version >= v216 && v.q.flag("include_merge_history") && c.Role == "user" {
		out.MergeHistory = optional{true, mergesJSON(v.q.space.contacts.byID[c.ID].merges)}
	}
	return out
}

// setDevices fills in the two mobile devices.
func (out *contactJSON) setDevices(android, ios Device) {
	out.AndroidAppName, out.AndroidAppVersion = orNull(android.AppName), orNull(android.AppVersion)
	out.AndroidDevice, out.AndroidOSVersion = orNull(android.Device), orNull(android.OSVersion)
	out.AndroidSDKVersion, out.AndroidLastSeenAt = orNull(android.SDKVersion), orNull(android.LastSeenAt)
	out.IOSAppName, out.IOSAppVersion = orNull(ios.AppName), orNull(ios.AppVersion)
	out.IOSDevice, out.IOSOSVersion = orNull(ios.Device), orNull(ios.OSVersion)
	out.IOSSDKVersion, out.IOSLastSeenAt = orNull(ios.SDKVersion), orNull(ios.LastSeenAt)
}

// owner is an owner's id: a number up to 2.15, a string since.
func (v view) owner(id string) any {
	if id == "" {
		return nil
	}
	if v.q.version < v216 {
		return json.Number(id)
	}
	return id
}

func (l Location) json() locationJSON {
	return locationJSON{"location", orNull(l.Country), orNull(l.Region), orNull(l.City), orNull(l.CountryCode),
		orNull(l.ContinentCode)}
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

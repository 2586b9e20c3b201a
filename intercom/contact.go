package intercom

// Contact is a person: a user, or a lead. Fields that Intercom has no value
// for are zero. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/contact
type Contact struct {
	ID             string `json:"id"`
	WorkspaceID    string `json:"workspace_id"`
	ExternalID     string `json:"external_id"`
	Role           string `json:"role"` // "user" or "lead"
	Email          string `json:"email"`
	EmailDomain    string `json:"email_domain"`
	Phone          string `json:"phone"`           // as it was written
	FormattedPhone string `json:"formatted_phone"` // E.164; "" where the version lacks it
	Name           string `json:"name"`
	Avatar         string `json:"avatar"`   // URL of a picture
	OwnerID        string `json:"owner_id"` // id of an admin

	HasHardBounced         bool `json:"has_hard_bounced"`
	MarkedEmailAsSpam      bool `json:"marked_email_as_spam"`
	UnsubscribedFromEmails bool `json:"unsubscribed_from_emails"`
	EnabledPushMessaging   bool `json:"enabled_push_messaging"`

	CreatedAt          Time `json:"created_at"`
	UpdatedAt          Time `json:"updated_at"`
	SignedUpAt         Time `json:"signed_up_at"`
	LastSeenAt         Time `json:"last_seen_at"`
	LastRepliedAt      Time `json:"last_replied_at"`
	LastContactedAt    Time `json:"last_contacted_at"`
	LastEmailOpenedAt  Time `json:"last_email_opened_at"`
	LastEmailClickedAt Time `json:"last_email_clicked_at"`

	LanguageOverride string   `json:"language_override"`
	Browser          string   `json:"browser"`
	BrowserVersion   string   `json:"browser_version"`
	BrowserLanguage  string   `json:"browser_language"`
	OS               string   `json:"os"`
	Location         Location `json:"location"`

	AndroidAppName    string `json:"android_app_name"`
	AndroidAppVersion string `json:"android_app_version"`
	AndroidDevice     string `json:"android_device"`
	AndroidOSVersion  string `json:"android_os_version"`
	AndroidSDKVersion string `json:"android_sdk_version"`
	AndroidLastSeenAt Time   `json:"android_last_seen_at"`
	IOSAppName        string `json:"ios_app_name"`
	IOSAppVersion     string `json:"ios_app_version"`
	IOSDevice         string `json:"ios_device"`
	IOSOSVersion      string `json:"ios_os_version"`
	IOSSDKVersion     string `json:"ios_sdk_version"`
	IOSLastSeenAt     Time   `json:"ios_last_seen_at"`

	SocialProfiles []SocialProfile `json:"social_profiles"`
	// CustomAttributes has the attributes that are set. Numbers are
	// json.Number, so that they stay exact.
	CustomAttributes map[string]any `json:"custom_attributes"`

	Tags      RefList `json:"tags"`
	Notes     RefList `json:"notes"`
	Companies RefList `json:"companies"`
	// The subscription types that the contact explicitly opted out of or in to.
	OptedOutSubscriptions RefList `json:"opted_out_subscription_types"`
	OptedInSubscriptions  RefList `json:"opted_in_subscription_types"`

	UTMCampaign string `json:"utm_campaign"`
	UTMContent  string `json:"utm_content"`
	UTMMedium   string `json:"utm_medium"`
	UTMSource   string `json:"utm_source"`
	UTMTerm     string `json:"utm_term"`
	Referrer    string `json:"referrer"`
}

// Location is where a contact was last seen.
type Location struct {
	Country       string `json:"country"`
	Region        string `json:"region"`
	City          string `json:"city"`
	CountryCode   string `json:"country_code"`
	ContinentCode string `json:"continent_code"`
}

// SocialProfile is a contact's account elsewhere.
type SocialProfile struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// RefList is the start of a list that belongs to a contact: at most ten ids.
type RefList struct {
	IDs     []string `json:"ids"`
	Total   int      `json:"total"`
	HasMore bool     `json:"has_more"` // there are more than IDs
}

// contactWire is the wire form of a contact: its fields shadow those of
// Contact that differ on the wire.
type contactWire struct {
	Contact
	Avatar         picture     `json:"avatar"`
	OwnerID        looseString `json:"owner_id"`
	SocialProfiles struct {
		Data []SocialProfile `json:"data"`
	} `json:"social_profiles"`
	Tags                  refListWire `json:"tags"`
	Notes                 refListWire `json:"notes"`
	Companies             refListWire `json:"companies"`
	OptedOutSubscriptions refListWire `json:"opted_out_subscription_types"`
	OptedInSubscriptions  refListWire `json:"opted_in_subscription_types"`
}

func (w contactWire) model() (Contact, error) {
	c := w.Contact
	if c.ID == "" {
		return Contact{}, errNoID
	}
	c.Avatar = string(w.Avatar)
	c.OwnerID = string(w.OwnerID)
	c.SocialProfiles = w.SocialProfiles.Data
	c.Tags = w.Tags.refs()
	c.Notes = w.Notes.refs()
	c.Companies = w.Companies.refs()
	c.OptedOutSubscriptions = w.OptedOutSubscriptions.refs()
	c.OptedInSubscriptions = w.OptedInSubscriptions.refs()
	return c, nil
}

type refListWire struct {
	Data       []reference `json:"data"`
	TotalCount looseInt    `json:"total_count"`
	HasMore    bool        `json:"has_more"`
}

func (w refListWire) refs() RefList {
	refs := RefList{Total: max(int(w.TotalCount), len(w.Data)), HasMore: w.HasMore}
	for _, ref := range w.Data {
		refs.IDs = append(refs.IDs, string(ref.ID))
	}
	return refs
}

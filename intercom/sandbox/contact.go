package sandbox

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Contact is a stored contact. Empty strings and zero times are null on the wire; times are Unix seconds.
type Contact struct {
	ID         string
	ExternalID string
	Role       string // "user" or "lead"
	Email      string
	Phone      string
	Name       string
	OwnerID    string // of an admin
	Avatar     string // URL

	LanguageOverride string
	Browser          string
	BrowserVersion   string
	BrowserLanguage  string
	OS               string
	Location         Location
	Android, IOS     Device
	SocialProfiles   []SocialProfile

	UTMCampaign, UTMContent, UTMMedium, UTMSource, UTMTerm, Referrer string

	HasHardBounced         bool
	MarkedEmailAsSpam      bool
	UnsubscribedFromEmails bool
	EmailVerified          bool // can be written, is never shown

	CreatedAt, UpdatedAt, SignedUpAt, LastSeenAt int64
	LastRepliedAt, LastContactedAt               int64
	LastEmailOpenedAt, LastEmailClickedAt        int64

	CustomAttributes map[string]any // string, int64, float64 or bool; dates are int64
	TagIDs           []string       // in the order they were attached
	CompanyIDs       []string       // likewise
	SubscriptionIDs  []string       // types with an explicit preference
	WhatsApp         bool           // has WhatsApp data, which keeps a user from being merged; see [Sandbox.LinkWhatsApp]

	Archived   bool   // until it is unarchived
	Blocked    bool   // for good
	MergedInto string // id of the contact that took it over
}

// Location is where a contact was last seen.
type Location struct {
	Country, Region, City, CountryCode, ContinentCode string
}

// Device is a contact's last mobile device.
type Device struct {
	AppName, AppVersion, Device, OSVersion, SDKVersion string

	LastSeenAt int64
}

// SocialProfile is an account elsewhere.
type SocialProfile struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// clone copies the contact deeply.
func (c *Contact) clone() Contact {
	d := *c
	d.CustomAttributes = maps.Clone(c.CustomAttributes)
	d.TagIDs = slices.Clone(c.TagIDs)
	d.CompanyIDs = slices.Clone(c.CompanyIDs)
	d.SubscriptionIDs = slices.Clone(c.SubscriptionIDs)
	d.SocialProfiles = slices.Clone(c.SocialProfiles)
	return d
}

// listed reports whether lists and searches show the contact.
func (c *Contact) listed() bool { return c.reachable() && !c.Blocked }

// reachable reports whether the contact can be read and written by its id.
func (c *Contact) reachable() bool { return !c.Archived && c.MergedInto == "" }

// emailDomain is what follows the @.
func (c *Contact) emailDomain() string {
	_, domain, _ := strings.Cut(c.Email, "@")
	return domain
}

// formattedPhone is the phone number in the form of E.164, "" when it is not an international number.
func (c *Contact) formattedPhone() string {
	if !strings.HasPrefix(c.Phone, "+") {
		return ""
	}
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune("+-. ()", r):
			return -1
		}
		return 'x'
	}, c.Phone)
	if len(digits) < 8 || len(digits) > 15 || strings.Contains(digits, "x") {
		return ""
	}
	return "+" + digits
}

// contact is a contact with what the workspace keeps about it. Copies share their maps and lists, which a change
// therefore replaces: those of [Contact], too.
type contact struct {
	Contact
	taggings map[string]tagging // by tag id
	merges   []merge            // contacts taken over, oldest first
	past     []pastContact      // what list and search still show, oldest first
}

// merge is one contact taken over.
type merge struct {
	SourceID   string
	SourceRole string
	At         int64
}

// pastContact is how a contact was until some moment; nil when it was not there yet.
type pastContact struct {
	until time.Time
	was   *Contact
}

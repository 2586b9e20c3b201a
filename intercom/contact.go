package intercom

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// Contact is a person: a user, or a lead. Fields that Intercom has no value for are zero. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/contact
type Contact struct {
	ID          string `json:"id" record:"contact"`
	ExternalID  string `json:"external_id"`
	Role        string `json:"role" odd:"never,needed" oneof:"user,lead"`
	Email       string `json:"email"`
	EmailDomain string `json:"email_domain"`
	Phone       string `json:"phone"` // as it was written
	Name        string `json:"name"`
	Avatar      string `json:"avatar"`   // URL of a picture
	OwnerID     string `json:"owner_id"` // id of an admin

	HasHardBounced         bool `json:"has_hard_bounced"`
	MarkedEmailAsSpam      bool `json:"marked_email_as_spam"`
	UnsubscribedFromEmails bool `json:"unsubscribed_from_emails"`

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
	OS               string   `json:"os"`
	Location         Location `json:"location"`

	// CustomAttributes has the attributes that are set. Numbers are json.Number, so that they stay exact.
	CustomAttributes map[string]any `json:"custom_attributes"`
	// Given has, by its key, as "name" or "custom_attributes.plan", each text that was escaped as Intercom gave it: see
	// [Unescape].
	Given map[string]string `json:"-"`
	// Odd has, by its key, likewise, why it cannot be read: see [Contact.Unread].
	Odd map[string]string `json:"-"`

	Tags      RefList `json:"tags"`
	Notes     RefList `json:"notes"`
	Companies RefList `json:"companies"`
}

// Unread is the error of what depends on keys of a contact, named as in Given, of which one cannot be read: an
// [*UnreadableError] that names the first. nil: all of them are as Intercom gave them.
func (c *Contact) Unread(keys ...string) error { return unread("contact "+c.ID, c.Odd, keys) }

// Location is where a contact was last seen.
type Location struct {
	Country string `json:"country"`
	Region  string `json:"region"`
	City    string `json:"city"`
}

// RefList is the start of a list that belongs to a contact: at most ten ids.
type RefList struct {
	IDs     []string `json:"ids"`
	Total   int      `json:"total"`
	HasMore bool     `json:"has_more"` // there are more than IDs, or may be: the contact does not tell
}

// contactWire is the wire form of a contact: its fields shadow those of Contact that differ on the wire.
type contactWire struct {
	Contact
	Avatar    picture     `json:"avatar"`
	OwnerID   looseString `json:"owner_id"`
	Tags      refListWire `json:"tags"`
	Notes     refListWire `json:"notes"`
	Companies refListWire `json:"companies"`
}

func (w contactWire) model() (Contact, error) {
	c := w.Contact
	if c.ID == "" {
		return Contact{}, errNoID
	}
	c.Avatar = string(w.Avatar)
	c.OwnerID = string(w.OwnerID)
	c.Tags = w.Tags.refs(c.Odd["tags"] != "")
	c.Notes = w.Notes.refs(c.Odd["notes"] != "")
	c.Companies = w.Companies.refs(c.Odd["companies"] != "")
	return c, nil
}

type refListWire struct {
	Data       []reference `json:"data"`
	TotalCount listTotal   `json:"total_count"`
	HasMore    bool        `json:"has_more"`
}

// listTotal tells how long a list is, as a whole number or a string of one. Of null nothing is told.
type listTotal int

// UnmarshalJSON implements [json.Unmarshaler].
func (t *listTotal) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseFloat(string(bytes.Trim(data, `"`)), 64)
	if err != nil || n < 0 || n > math.MaxInt32 || n != math.Trunc(n) {
		return fmt.Errorf("%.40q is no number of items", data)
	}
	*t = listTotal(n)
	return nil
}

// refs are the references, given that some of the list cannot be read. One without a list is no empty one, and one
// with fewer items than it tells of goes on.
func (w refListWire) refs(odd bool) RefList {
	total := max(int(w.TotalCount), len(w.Data))
	refs := RefList{Total: total, HasMore: w.HasMore || odd || w.Data == nil || total > len(w.Data)}
	for _, ref := range w.Data {
		if ref.ID == "" {
			refs.HasMore = true // the list is to be read in full
			continue
		}
		refs.IDs = append(refs.IDs, string(ref.ID))
	}
	return refs
}

package intercom

import (
	"encoding/json"
	"strconv"
)

// ContactWrite is what to write to a contact: absent fields stay as they are,
// null clears a field. The JSON names are Intercom's. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/updatecontact
type ContactWrite struct {
	Role                   Opt[string] `json:"role,omitzero"` // "user" or "lead"
	ExternalID             Opt[string] `json:"external_id,omitzero"`
	Email                  Opt[string] `json:"email,omitzero"`
	EmailVerified          Opt[bool]   `json:"email_verified,omitzero"` // from 2.16 on, and only along with Email
	Phone                  Opt[string] `json:"phone,omitzero"`
	Name                   Opt[string] `json:"name,omitzero"`
	Avatar                 Opt[string] `json:"avatar,omitzero"`   // URL of a picture
	OwnerID                Opt[string] `json:"owner_id,omitzero"` // id of an admin
	LanguageOverride       Opt[string] `json:"language_override,omitzero"`
	UnsubscribedFromEmails Opt[bool]   `json:"unsubscribed_from_emails,omitzero"`
	SignedUpAt             Opt[Time]   `json:"signed_up_at,omitzero"`
	LastSeenAt             Opt[Time]   `json:"last_seen_at,omitzero"`
	// CustomAttributes are merged by name into those there are; nil clears one. Their names must exist as data attributes.
	CustomAttributes map[string]any `json:"custom_attributes,omitempty"`
}

// contactWriteWire is a write with the owner as a number.
type contactWriteWire struct {
	ContactWrite
	OwnerID Opt[json.Number] `json:"owner_id,omitzero"`
}

// body gives a request the write as its body. Of all versions Preview alone
// takes the language, so a write of it is sent as Preview.
func (w ContactWrite) body(r request, v version) request {
	if !w.LanguageOverride.IsZero() {
		return r.preview().with(w.wire(versionPreview))
	}
	return r.with(w.wire(v))
}

// wire is the write as a version wants it.
func (w ContactWrite) wire(v version) any {
	id, set := w.OwnerID.Get()
	if !set || !v.numericOwner() {
		return w
	}
	if _, err := strconv.ParseInt(id, 10, 64); err != nil {
		return w
	}
	return contactWriteWire{ContactWrite: w, OwnerID: Value(json.Number(id))}
}

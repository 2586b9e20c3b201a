package intercom

import (
	"context"
	"fmt"
)

// BulkContactCreate is a contact that a job creates. Items whose external id
// or e-mail belongs to a user are skipped, unless they are leads. See
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/bulkcreatecontacts
type BulkContactCreate struct {
	Role                   Opt[string]    `json:"role,omitzero"` // "user" or "lead"
	ExternalID             Opt[string]    `json:"external_id,omitzero"`
	Email                  Opt[string]    `json:"email,omitzero"`
	Name                   Opt[string]    `json:"name,omitzero"`
	Phone                  Opt[string]    `json:"phone,omitzero"`
	Avatar                 Opt[string]    `json:"avatar,omitzero"` // URL of a picture
	LanguageOverride       Opt[string]    `json:"language_override,omitzero"`
	OwnerID                Opt[string]    `json:"owner_id,omitzero"`
	UnsubscribedFromEmails Opt[bool]      `json:"unsubscribed_from_emails,omitzero"`
	SignedUpAt             Opt[Time]      `json:"signed_up_at,omitzero"`
	LastSeenAt             Opt[Time]      `json:"last_seen_at,omitzero"`
	CustomAttributes       map[string]any `json:"custom_attributes,omitempty"`
	Companies              []BulkCompany  `json:"companies,omitempty"`
	Tags                   BulkTags       `json:"tags,omitzero"` // Add alone
}

// Update submits changes to at most MaxBulk contacts, which are named by Intercom's ids.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/bulkupdatecontacts
func (s *BulkService) Update(ctx context.Context, contacts []BulkContact) (Job, error) {
	r := bulkRequest("PUT /contacts/bulk", contacts)
	for i := range contacts {
		r = r.naming(fmt.Sprintf("id of contacts[%d]", i), contacts[i].ID)
	}
	return one[jobWire](ctx, s.client, r)
}

// Create submits at most MaxBulk contacts to create. The job does not report their ids.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/bulkcreatecontacts
func (s *BulkService) Create(ctx context.Context, contacts []BulkContactCreate) (Job, error) {
	return one[jobWire](ctx, s.client, bulkRequest("POST /contacts/bulk", contacts))
}

// Delete submits at most MaxBulk contacts to delete for good, by Intercom's ids.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/bulkdeletecontacts
func (s *BulkService) Delete(ctx context.Context, ids []string) (Job, error) {
	items := make([]idBody, len(ids))
	for i, id := range ids {
		items[i].ID = id
	}
	r := bulkRequest("POST /contacts/bulk/delete", items)
	for i, id := range ids {
		r = r.naming(fmt.Sprintf("id of contacts[%d]", i), id)
	}
	return one[jobWire](ctx, s.client, r)
}

// Job returns a job on contacts.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/showbulkupdatecontactsjob
func (s *BulkService) Job(ctx context.Context, id string) (Job, error) {
	return one[jobWire](ctx, s.client, safeRead("GET /contacts/bulk/{job_id}", id).preview())
}

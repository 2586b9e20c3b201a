package intercom

import (
	"context"
	"iter"
	"strings"
)

// ContactService calls the endpoints of contacts and of what belongs to them.
type ContactService service

// Get returns a contact by Intercom's id. A contact that was merged into
// another is an error of KindMerged with MergedInto set.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/showcontact
func (s *ContactService) Get(ctx context.Context, id string) (Contact, error) {
	return one[contactWire](ctx, s.client, safeRead("GET /contacts/{id}", id))
}

// FindByExternalID returns the user with the given external_id. Leads are not
// found. Versions before 2.13 lack it, so it is sent as 2.13 there.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/showcontactbyexternalid
func (s *ContactService) FindByExternalID(ctx context.Context, externalID string) (Contact, error) {
	r := safeRead("GET /contacts/find_by_external_id/{external_id}", externalID)
	contact, err := one[contactWire](ctx, s.client, r.since(13, s.client.conn.version))
	if err == nil && s.client.strict {
		err = contact.Unread("external_id") // it may be another contact
	}
	if err == nil && contact.ExternalID != "" && !strings.EqualFold(contact.ExternalID, externalID) {
		return Contact{}, r.notFound("the contact that was answered has another external_id")
	}
	return contact, err
}

// List returns a page of all contacts, ten by default and at most 150. Archived and merged ones are not among them.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/listcontacts
func (s *ContactService) List(ctx context.Context, options PageOptions) (Page[Contact], error) {
	return list[contactWire](ctx, s.client, safeRead("GET /contacts").page(options, maxPerPage))
}

// All iterates over all contacts, page by page.
func (s *ContactService) All(ctx context.Context, options PageOptions) iter.Seq2[Contact, error] {
	return all(options, func(at PageOptions) (Page[Contact], error) { return s.List(ctx, at) })
}

// Search finds contacts. Contacts that changed within the last minutes may be
// missing from what it finds, or found by what they were.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts
func (s *ContactService) Search(ctx context.Context, search SearchRequest) (Page[Contact], error) {
	r := safeRead("POST /contacts/search").search(search, maxPerPage, s.client.conn.version)
	return list[contactWire](ctx, s.client, r)
}

// SearchAll iterates over everything that a search finds, page by page.
func (s *ContactService) SearchAll(ctx context.Context, search SearchRequest) iter.Seq2[Contact, error] {
	options := PageOptions{PerPage: search.PerPage, Cursor: search.Cursor}
	return all(options, func(at PageOptions) (Page[Contact], error) {
		search.Cursor = at.Cursor
		return s.Search(ctx, search)
	})
}

// Create makes a contact. A user that exists already is an error of
// KindConflict with ConflictID set; leads are never in conflict. An
// answer with other identifiers than those sent is about another contact: an error of KindOutcomeUnknown.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/createcontact
func (s *ContactService) Create(ctx context.Context, contact ContactWrite) (Contact, error) {
	r := contact.body(onceOnly("POST /contacts"), s.client.conn.version)
	return created[contactWire](ctx, s.client, r, contact.identifies)
}

// Update writes to a contact and returns it as it is then.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/updatecontact
func (s *ContactService) Update(ctx context.Context, id string, contact ContactWrite) (Contact, error) {
	r := contact.body(absolute("PUT /contacts/{id}", id), s.client.conn.version)
	return one[contactWire](ctx, s.client, r)
}

package intercom

import (
	"context"
	"iter"
)

// idBody names an object to attach.
type idBody struct {
	ID string `json:"id"`
}

// Tags returns the tags of a contact, with who applied them and when.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/listtagsforacontact
func (s *ContactService) Tags(ctx context.Context, id string) ([]Tag, error) {
	return every[tagWire](ctx, s.client, safeRead("GET /contacts/{id}/tags", id))
}

// AddTag tags a contact. It is idempotent.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/attachtagtocontact
func (s *ContactService) AddTag(ctx context.Context, id, tagID string) (Tag, error) {
	r := idempotent("POST /contacts/{id}/tags", id).naming("tag id", tagID).answering(tagID).with(idBody{tagID})
	return one[tagWire](ctx, s.client, r)
}

// RemoveTag untags a contact. The Tag has its ID alone if the answer was lost
// and a retry found the contact untagged.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/detachtagfromcontact
func (s *ContactService) RemoveTag(ctx context.Context, id, tagID string) (Tag, error) {
	r := idempotent("DELETE /contacts/{id}/tags/{tag_id}", id, tagID).doneWhenGone()
	tag, err := one[tagWire](ctx, s.client, r)
	if err == nil && tag.ID == "" {
		tag.ID = tagID
	}
	return tag, err
}

// Notes returns a page of a contact's notes, newest first.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/notes/listnotes
func (s *ContactService) Notes(ctx context.Context, id string, options PageOptions) (Page[Note], error) {
	r := safeRead("GET /contacts/{id}/notes", id).page(options, maxRelatedPerPage)
	return list[noteWire](ctx, s.client, r)
}

// NotesAll iterates over a contact's notes, newest first.
func (s *ContactService) NotesAll(ctx context.Context, id string, options PageOptions) iter.Seq2[Note, error] {
	return all(options, func(at PageOptions) (Page[Note], error) { return s.Notes(ctx, id, at) })
}

// AddNote writes a note on a contact. Notes cannot be changed or deleted.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/notes/createnote
func (s *ContactService) AddNote(ctx context.Context, id string, note NoteWrite) (Note, error) {
	return one[noteWire](ctx, s.client, onceOnly("POST /contacts/{id}/notes", id).with(note))
}

// Companies returns a page of the companies that a contact belongs to.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/listcompaniesforacontact
func (s *ContactService) Companies(ctx context.Context, id string, options PageOptions) (Page[Company], error) {
	r := safeRead("GET /contacts/{id}/companies", id).page(options, maxRelatedPerPage)
	return list[companyWire](ctx, s.client, r)
}

// CompaniesAll iterates over the companies that a contact belongs to.
func (s *ContactService) CompaniesAll(ctx context.Context, id string, options PageOptions) iter.Seq2[Company, error] {
	return all(options, func(at PageOptions) (Page[Company], error) { return s.Companies(ctx, id, at) })
}

// AttachCompany adds a contact to a company, which is named by Intercom's id.
// It is idempotent.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/attachcontacttoacompany
func (s *ContactService) AttachCompany(ctx context.Context, id, companyID string) (Company, error) {
	r := idempotent("POST /contacts/{id}/companies", id).naming("company id",
		companyID).answering(companyID).with(idBody{companyID})
	return one[companyWire](ctx, s.client, r)
}

// DetachCompany removes a contact from a company. The Company has its ID alone
// if the answer was lost and a retry found the contact detached.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/detachcontactfromacompany
func (s *ContactService) DetachCompany(ctx context.Context, id, companyID string) (Company, error) {
	r := idempotent("DELETE /contacts/{id}/companies/{company_id}", id, companyID).doneWhenGone()
	company, err := one[companyWire](ctx, s.client, r)
	if err == nil && company.ID == "" {
		company.ID = companyID
	}
	return company, err
}

// Segments returns the segments that a contact is in.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/listsegmentsforacontact
func (s *ContactService) Segments(ctx context.Context, id string) ([]Segment, error) {
	return every[segmentWire](ctx, s.client, safeRead("GET /contacts/{id}/segments", id))
}

// Subscriptions returns the subscription types that a contact explicitly
// opted out of or in to.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/listsubscriptionsforacontact
func (s *ContactService) Subscriptions(ctx context.Context, id string) ([]Subscription, error) {
	return every[subscriptionWire](ctx, s.client, safeRead("GET /contacts/{id}/subscriptions", id))
}

// AddSubscription records a contact's choice about a subscription type: it
// opts the contact OUT of an opt-out type, and in to an opt-in type.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/attachsubscriptiontypetocontact
func (s *ContactService) AddSubscription(
	ctx context.Context, id, subscriptionID string, consent Consent,
) (Subscription, error) {
	r := idempotent("POST /contacts/{id}/subscriptions", id).naming("subscription id",
		subscriptionID).answering(subscriptionID).
		with(map[string]string{"id": subscriptionID, "consent_type": string(consent)})
	return one[subscriptionWire](ctx, s.client, r)
}

// RemoveSubscription removes a contact's choice about a subscription type.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/detachsubscriptiontypetocontact
func (s *ContactService) RemoveSubscription(ctx context.Context, id, subscriptionID string) (Subscription, error) {
	r := idempotent("DELETE /contacts/{id}/subscriptions/{subscription_id}", id, subscriptionID).doneWhenGone()
	subscription, err := one[subscriptionWire](ctx, s.client, r)
	if err == nil && subscription.ID == "" {
		subscription.ID = subscriptionID
	}
	return subscription, err
}

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

// RemoveTag untags a contact. The Tag has its ID alone if the answer was lost and a retry found the contact untagged.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/detachtagfromcontact
func (s *ContactService) RemoveTag(ctx context.Context, id, tagID string) (Tag, error) {
	r := idempotent("DELETE /contacts/{id}/tags/{tag_id}", id, tagID).doneWhenGone()
	tag, err := one[tagWire](ctx, s.client, r)
	if err == nil && tag.ID == "" {
		tag.ID = tagID
	}
	return tag, err
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

// AttachCompany adds a contact to a company, which is named by Intercom's id. It is idempotent.
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

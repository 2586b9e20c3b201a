package intercom

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// MaxGrantedCompanies is how many companies a contact can be granted.
const MaxGrantedCompanies = 100

// grantedKeyWire is the company_id of a granted company.
type grantedKeyWire string

func (w grantedKeyWire) model() (string, error) {
	if w == "" {
		return "", errNoID
	}
	return string(w), nil
}

// GrantedCompanies returns a page of the companies that a contact was granted,
// by the company_ids that you gave them, in ascending order: it can read their
// tickets in the customer portal without belonging to them. There are none
// where the workspace lacks granted companies. Up to 2.17 only version Preview
// has it.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/listgrantedcompaniesforacontact
func (s *ContactService) GrantedCompanies(ctx context.Context, id string, options PageOptions) (Page[string], error) {
	r := safeRead("GET /contacts/{id}/granted_companies", id).preview().page(options, maxPerPage).param("order", "asc")
	return list[grantedKeyWire](ctx, s.client, r)
}

// GrantedCompaniesAll iterates over the companies that a contact was granted.
func (s *ContactService) GrantedCompaniesAll(ctx context.Context, id string, options PageOptions) iter.Seq2[string, error] {
	return all(options, func(at PageOptions) (Page[string], error) { return s.GrantedCompanies(ctx, id, at) })
}

// grantedBody is all that a contact is granted. An answer without it does not
// say what the contact can read now.
type grantedBody struct {
	CompanyIDs []string `json:"company_ids"`
}

var errNoCompanyIDs = errors.New("the answer has no company_ids")

func (w grantedBody) model() ([]string, error) {
	if w.CompanyIDs == nil {
		return nil, errNoCompanyIDs
	}
	return w.CompanyIDs, nil
}

// SetGrantedCompanies replaces all that a contact is granted by the companies
// of these company_ids, at most MaxGrantedCompanies, and returns what it is
// granted then. None takes everything away. Where the workspace lacks granted
// companies, the error is of KindPlan.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/replacegrantedcompaniesforacontact
func (s *ContactService) SetGrantedCompanies(ctx context.Context, id string, companyIDs []string) ([]string, error) {
	body := grantedBody{append([]string{}, companyIDs...)}
	r := absolute("PUT /contacts/{id}/granted_companies", id).preview().with(body)
	switch {
	case len(companyIDs) > MaxGrantedCompanies:
		r = r.refuse(fmt.Errorf("%d companies, a contact can be granted %d", len(companyIDs), MaxGrantedCompanies))
	case slices.Contains(companyIDs, ""):
		r = r.refuse(errors.New("a company_id is empty"))
	}
	return one[grantedBody](ctx, s.client, r)
}

// RemoveGrantedCompany takes one company, named by its company_id, from those
// granted to a contact. What is not granted is KindNotFound, unless an answer
// that got lost may be that of its removal.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/removegrantedcompanyfromacontact
func (s *ContactService) RemoveGrantedCompany(ctx context.Context, id, companyID string) error {
	r := idempotent("DELETE /contacts/{id}/granted_companies/{company_key}", id, companyID).
		preview().noContent().doneWhenCode("company_not_found")
	return s.client.perform(ctx, r, func([]byte) error { return nil })
}

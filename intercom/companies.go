package intercom

import (
	"cmp"
	"context"
	"errors"
	"iter"
)

// CompanyService calls the endpoints of companies.
type CompanyService service

// Get returns a company by Intercom's id. It finds companies without contacts too, which no list and no search shows.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/retrieveacompanybyid
func (s *CompanyService) Get(ctx context.Context, id string) (Company, error) {
	return one[companyWire](ctx, s.client, safeRead("GET /companies/{id}", id))
}

// FindByCompanyID returns the company with the given company_id.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/retrievecompany
func (s *CompanyService) FindByCompanyID(ctx context.Context, companyID string) (Company, error) {
	r := safeRead("GET /companies").param("company_id", companyID)
	if companyID == "" {
		r = r.refuse(errors.New("company_id is empty"))
	}
	companies, err := findCompanies(ctx, s.client, r)
	if err != nil {
		return Company{}, err
	}
	var odd error
	for _, c := range companies {
		if c.CompanyID == companyID {
			return c, nil
		}
		odd = cmp.Or(odd, c.Unread("company_id"))
	}
	if odd != nil { // it may be the one
		return Company{}, odd
	}
	return Company{}, r.notFound("Company Not Found")
}

// FindByName returns the companies of exactly that name; none is not an error.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/retrievecompany
func (s *CompanyService) FindByName(ctx context.Context, name string) ([]Company, error) {
	r := safeRead("GET /companies").param("name", name)
	if name == "" {
		r = r.refuse(errors.New("name is empty"))
	}
	companies, err := findCompanies(ctx, s.client, r)
	if KindOf(err) == KindNotFound {
		return nil, nil
	}
	return companies, err
}

// List returns a page of the companies that have contacts, the last active ones first, at most 60. Beyond 10,000
// companies it fails with KindLimit; ScrollAll does not.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/listallcompanies
func (s *CompanyService) List(ctx context.Context, options PageOptions) (Page[Company], error) {
	return list[companyWire](ctx, s.client, safeRead("POST /companies/list").page(options, maxCompaniesPerPage))
}

// All iterates over List's companies, page by page.
func (s *CompanyService) All(ctx context.Context, options PageOptions) iter.Seq2[Company, error] {
	return all(options, func(at PageOptions) (Page[Company], error) { return s.List(ctx, at) })
}

// Contacts returns a page of a company's contacts, at most 150.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/listattachedcontacts
func (s *CompanyService) Contacts(ctx context.Context, id string, options PageOptions) (Page[Contact], error) {
	r := safeRead("GET /companies/{id}/contacts", id).page(options, maxPerPage)
	return list[contactWire](ctx, s.client, r)
}

// ContactsAll iterates over a company's contacts, page by page.
func (s *CompanyService) ContactsAll(ctx context.Context, id string, options PageOptions) iter.Seq2[Contact, error] {
	return all(options, func(at PageOptions) (Page[Contact], error) { return s.Contacts(ctx, id, at) })
}

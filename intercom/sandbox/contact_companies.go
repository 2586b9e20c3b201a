package sandbox

import (
	"net/http"
	"slices"
)

// relationPage is the page size of the companies and notes of a contact.
const (
	relationPage    = 50
	maxRelationPage = 150
)

// maxContactCompanies is how many companies a contact can have.
const maxContactCompanies = 1000

// relationPaging reads the page number and size of a contact's relation.
func (q *request) relationPaging() (page, size int, err *apiError) {
	if size, err = perPage(q.query.Get("per_page"), relationPage, maxRelationPage); err != nil {
		return 0, 0, err
	}
	page, err = pageNumber(q.query.Get("page"))
	return page, size, err
}

// listContactCompanies is GET /contacts/{id}/companies.
func listContactCompanies(q *request, c *contact) (any, *apiError) {
	page, size, err := q.relationPaging()
	if err != nil {
		return nil, err
	}
	rows := make([]*Company, 0, len(c.CompanyIDs))
	for _, id := range c.CompanyIDs {
		rows = append(rows, q.space.companies.byID[id])
	}
	return numberedPage(q, "/contacts/"+c.ID+"/companies", rows, page, size, view{q}.company), nil
}

// attachCompany is POST /contacts/{id}/companies. Attaching again changes nothing.
func attachCompany(q *request, c *contact) (any, *apiError) {
	id, ok := idText(q.body.value("id"))
	if !ok || id == "" {
		return nil, missingField("company")
	}
	firm, err := q.space.companies.find(id)
	if err != nil {
		return nil, err
	}
	if err := q.edit().attach(c, firm); err != nil {
		return nil, err
	}
	return view{q}.company(firm), nil
}

// attach makes a contact one of a company's.
func (e edit) attach(c *contact, firm *Company) *apiError {
	if slices.Contains(c.CompanyIDs, firm.ID) {
		return nil
	}
	if len(c.CompanyIDs) >= maxContactCompanies {
		return fail(http.StatusBadRequest, "contact_company_limit_exceeded",
			"Contact has reached the maximum of %d company associations", maxContactCompanies)
	}
	e.space.contacts.touch(c, e.at)
	c.CompanyIDs = append(slices.Clip(c.CompanyIDs), firm.ID)
	return nil
}

// detachCompany is DELETE /contacts/{id}/companies/{company}.
func detachCompany(q *request, c *contact) (any, *apiError) {
	firm, err := q.space.companies.find(q.vars["company"])
	if err != nil {
		return nil, err
	}
	if !slices.Contains(c.CompanyIDs, firm.ID) {
		return nil, errCompanyNotFound
	}
	q.edit().detach(c, firm.ID)
	return view{q}.company(firm), nil
}

// detach takes a contact out of a company.
func (e edit) detach(c *contact, companyID string) {
	e.space.contacts.touch(c, e.at)
	c.CompanyIDs = without(c.CompanyIDs, companyID)
}

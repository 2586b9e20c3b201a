package sandbox

import (
	"net/http"
	"slices"
)

// maxGrantedCompanies is how many companies a contact can be granted.
const maxGrantedCompanies = 100

// errGrantsOff is the answer to writes where the workspace lacks granted
// companies. The code is published, the text is not.
var errGrantsOff = &apiError{
	status: http.StatusNotFound, code: "granted_companies_not_enabled", message: "Granted companies are not enabled for this workspace",
}

// grantedPageJSON is a page of the companies granted to a contact, named by
// the workspace's own ids. Intercom documents company_ids and the parameters
// of pages; that the rest is as in other lists is assumed.
type grantedPageJSON struct {
	Type       string `json:"type"`
	Data       []any  `json:"company_ids"`
	TotalCount int    `json:"total_count"`
	Pages      any    `json:"pages"`
}

// grantedJSON is all that is granted to a contact. Intercom documents that
// the stored set is answered; that its key and order are those of the list is
// assumed.
type grantedJSON struct {
	Type       string   `json:"type"`
	CompanyIDs []string `json:"company_ids"`
}

// grantedKeys are the workspace's own ids of the companies granted to a
// contact, in the order that a request asks for: anything but asc is desc.
func (q *request) grantedKeys(c *contact) []string {
	keys := make([]string, 0, len(c.GrantedCompanyIDs))
	for _, id := range c.GrantedCompanyIDs {
		keys = append(keys, q.companies[id].CompanyID)
	}
	slices.Sort(keys)
	if q.query.Get("order") != "asc" {
		slices.Reverse(keys)
	}
	return keys
}

// listGrantedCompanies is GET /contacts/{id}/granted_companies: the companies
// whose tickets the contact can read. It need not belong to them.
func listGrantedCompanies(q *request) (any, error) {
	c, err := q.find(q.vars["id"])
	if err != nil {
		return nil, err
	}
	page, size, err := q.relationPaging()
	if err != nil {
		return nil, err
	}
	keys := q.grantedKeys(c)
	if q.noGrants {
		keys = nil
	}
	path := "/contacts/" + c.ID + "/granted_companies"
	return grantedPageJSON(numberedPage(q, path, keys, page, size, func(key string) any { return key })), nil
}

// setGrantedCompanies is PUT /contacts/{id}/granted_companies: what is left
// out is not granted any more. That one unknown company has all refused is
// assumed.
func setGrantedCompanies(q *request) (any, error) {
	if q.noGrants {
		return nil, errGrantsOff
	}
	c, err := q.writable(q.vars["id"])
	if err != nil {
		return nil, err
	}
	ids, err := q.parseGrants()
	if err != nil {
		return nil, err
	}
	if !slices.Equal(sorted(ids), sorted(c.GrantedCompanyIDs)) {
		q.touch(c, q.at)
		c.GrantedCompanyIDs = ids
	}
	return grantedJSON{"list", q.grantedKeys(c)}, nil
}

// parseGrants reads the companies to grant, each once.
func (q *request) parseGrants() ([]string, *apiError) {
	if err := q.only("company_ids"); err != nil {
		return nil, err
	}
	raw, ok := q.body.given("company_ids")
	if !ok {
		return nil, missingField("company_ids")
	}
	items, ok := list(raw)
	if !ok {
		return nil, invalidField("company_ids")
	}
	if len(items) > maxGrantedCompanies {
		return nil, fail(http.StatusBadRequest, "parameter_invalid", "A contact can be granted at most %d companies", maxGrantedCompanies)
	}
	var ids []string
	for _, item := range items {
		key, ok := text(item)
		if !ok || key == "" {
			return nil, invalidField("company_ids")
		}
		firm := q.companyByKey(key)
		if firm == nil {
			return nil, errCompanyNotFound
		}
		if !slices.Contains(ids, firm.ID) {
			ids = append(ids, firm.ID)
		}
	}
	return ids, nil
}

// removeGrantedCompany is DELETE /contacts/{id}/granted_companies/{company_id}.
// A company that is not granted is refused as one that does not exist.
func removeGrantedCompany(q *request) (any, error) {
	if q.noGrants {
		return nil, errGrantsOff
	}
	c, err := q.writable(q.vars["id"])
	if err != nil {
		return nil, err
	}
	firm := q.companyByKey(q.vars["company_id"])
	if firm == nil || !slices.Contains(c.GrantedCompanyIDs, firm.ID) {
		return nil, errCompanyNotFound
	}
	q.ungrant(c, firm.ID)
	return noContent{}, nil
}

// ungrant takes a company from those granted to a contact.
func (q *request) ungrant(c *contact, companyID string) {
	q.touch(c, q.at)
	c.GrantedCompanyIDs = slices.DeleteFunc(slices.Clone(c.GrantedCompanyIDs), func(id string) bool { return id == companyID })
}

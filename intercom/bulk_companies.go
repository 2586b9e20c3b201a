package intercom

import (
	"context"
	"errors"
	"fmt"
)

// BulkCompanyUpdate is what to write to a company named by Intercom's id.
type BulkCompanyUpdate struct {
	ID string `json:"id"`
	CompanyWrite
}

// SaveCompanies submits at most MaxBulk companies to create, or to update
// where there is one with their CompanyID.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/companies/bulkcreatecompanies
func (s *BulkService) SaveCompanies(ctx context.Context, companies []CompanyWrite) (Job, error) {
	r := bulkRequest("POST /companies/bulk", "companies", companies)
	for i := range companies {
		if id, ok := companies[i].CompanyID.Get(); !ok || id == "" {
			r = r.refuse(fmt.Errorf("company_id of companies[%d] is missing", i))
		}
	}
	return one[jobWire](ctx, s.client, r)
}

// UpdateCompanies submits changes to at most MaxBulk companies, which are
// named by Intercom's ids and not created if they do not exist.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/companies/bulkupdatecompanies
func (s *BulkService) UpdateCompanies(ctx context.Context, companies []BulkCompanyUpdate) (Job, error) {
	r := bulkRequest("PUT /companies/bulk", "companies", companies)
	for i := range companies {
		r = r.naming(fmt.Sprintf("id of companies[%d]", i), companies[i].ID)
		if !companies[i].CompanyID.IsZero() {
			r = r.refuse(errors.New("an update cannot set company_id"))
		}
	}
	return one[jobWire](ctx, s.client, r)
}

// DeleteCompanies submits at most MaxBulk companies to archive, by Intercom's
// ids.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/companies/bulkdeletecompanies
func (s *BulkService) DeleteCompanies(ctx context.Context, ids []string) (Job, error) {
	return one[jobWire](ctx, s.client, bulkIDs("POST /companies/bulk/delete", "companies", ids))
}

// CompanyJob returns a job on companies.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/companies/showbulkcompaniesjob
func (s *BulkService) CompanyJob(ctx context.Context, id string) (Job, error) {
	return one[jobWire](ctx, s.client, safeRead("GET /companies/bulk/{job_id}", id).preview())
}

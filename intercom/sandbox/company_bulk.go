package sandbox

// The members that the items of the bulk operations on companies may carry;
// others are passed over.
var (
	bulkCompanyUpdateFields = []string{
		"name", "plan", "size", "website", "industry", "custom_attributes", "remote_created_at", "monthly_spend", "update_last_request_at",
	}
	bulkCompanySaveFields = append([]string{"company_id"}, bulkCompanyUpdateFields...)
)

// The bulk operations on companies. Unlike that on contacts, the first
// updates what is there already.
var (
	companySave   = &bulkOperation{kind: companyJobs, run: bulkSaveCompany}
	companyUpdate = &bulkOperation{kind: companyJobs, byID: true, run: bulkUpdateCompany}
	companyDelete = &bulkOperation{kind: companyJobs, byID: true, run: bulkDeleteCompany}
)

func bulkSaveCompany(q *request, item object) *apiError {
	patch, err := q.parseCompany(item, bulkCompanySaveFields, true)
	if err != nil {
		return err
	}
	_, err = q.upsertCompany(item, patch)
	return err
}

func bulkUpdateCompany(q *request, item object) *apiError {
	c, err := q.bulkCompany(item)
	if err != nil {
		return err
	}
	patch, err := q.parseCompany(item, bulkCompanyUpdateFields, true)
	if err != nil {
		return err
	}
	patch.apply(&c.Company)
	c.UpdatedAt = q.now()
	return nil
}

func bulkDeleteCompany(q *request, item object) *apiError {
	c, err := q.bulkCompany(item)
	if err != nil {
		return err
	}
	q.archiveCompany(c)
	return nil
}

// bulkCompany is the company that an item names.
func (q *request) bulkCompany(item object) (*company, *apiError) {
	raw, _ := item.get("id")
	id, _ := text(raw)
	return q.findCompany(id)
}

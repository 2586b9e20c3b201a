package intercom

import (
	"context"
	"errors"
)

// CompanyWrite is what to write to a company: absent fields stay as they are. The JSON names are Intercom's. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/createorupdatecompany
type CompanyWrite struct {
	CompanyID           Opt[string] `json:"company_id,omitzero"` // your own id; Save and bulk Save alone
	Name                Opt[string] `json:"name,omitzero"`
	Plan                Opt[string] `json:"plan,omitzero"` // the plan's name
	Website             Opt[string] `json:"website,omitzero"`
	Industry            Opt[string] `json:"industry,omitzero"`
	Size                Opt[int64]  `json:"size,omitzero"`
	MonthlySpend        Opt[int64]  `json:"monthly_spend,omitzero"`
	RemoteCreatedAt     Opt[Time]   `json:"remote_created_at,omitzero"`      // not in Update
	UpdateLastRequestAt Opt[bool]   `json:"update_last_request_at,omitzero"` // from 2.16 on, not in Update
	// CustomAttributes are merged by name into those there are. Their names must exist as data attributes.
	CustomAttributes map[string]any `json:"custom_attributes,omitempty"`
}

// Save creates the company with the CompanyID given, or updates it if there is one. An answer with another
// company_id is an error of KindOutcomeUnknown.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/createorupdatecompany
func (s *CompanyService) Save(ctx context.Context, company CompanyWrite) (Company, error) {
	r := absolute("POST /companies").with(company)
	if id, ok := company.CompanyID.Get(); !ok || id == "" {
		r = r.refuse(errors.New("company_id is missing"))
	}
	return created[companyWire](ctx, s.client, r, func(saved *Company) bool {
		return keepsText(company.CompanyID, saved.CompanyID) != differs
	})
}

// Update writes to a company named by Intercom's id and returns it as it is then.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/updatecompany
func (s *CompanyService) Update(ctx context.Context, id string, company CompanyWrite) (Company, error) {
	r := absolute("PUT /companies/{id}", id).with(company)
	if !company.CompanyID.IsZero() || !company.RemoteCreatedAt.IsZero() || !company.UpdateLastRequestAt.IsZero() {
		r = r.refuse(errors.New("an update cannot set company_id, remote_created_at or update_last_request_at"))
	}
	return one[companyWire](ctx, s.client, r)
}

// Delete detaches all contacts from a company and archives it, some time after it returns.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/deletecompany
func (s *CompanyService) Delete(ctx context.Context, id string) error {
	return touch(ctx, s.client, idempotent("DELETE /companies/{id}", id).doneWhenGone())
}

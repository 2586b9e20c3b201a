package tools

import (
	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// writeCompany creates or updates a company and reads it back.
func (a *applier) writeCompany(ctx context.Context, i int, item change.Item) change.Recorded {
	var body intercom.CompanyWrite
	if err := writeFields(item.Patch.Set, &body); err != nil {
		return change.Recorded{Index: i, Outcome: change.Failed, Failure: a.cause(ctx, err)}
	}
	var company intercom.Company
	var sent, read error
	id := item.Contact
	if a.resumed {
		if done, r := a.companyDone(ctx, i, item); done {
			return r
		}
	}
	if id == "" {
		body.CompanyID = intercom.Value(item.Patch.Key)
		_, sent = a.client.Companies.Save(ctx, body)
		company, read = a.client.Companies.FindByCompanyID(ctx, item.Patch.Key)
		id = company.ID
	} else {
		_, sent = a.client.Companies.Update(ctx, id, body)
		company, read = a.client.Companies.Get(ctx, id)
	}
	left := change.Patch{}
	if read == nil {
		left = remaining(item.Patch, companyImage(&company, item.Patch))
	}
	r := a.judge(ctx, i, left, sent, read)
	if item.Contact == "" && read == nil {
		r.Contact, r.Created = id, id
	}
	return r
}

// companyDone reports whether reading proves that a company was written
// before.
func (a *applier) companyDone(ctx context.Context, i int, item change.Item) (bool, change.Recorded) {
	r := change.Recorded{Index: i, Outcome: change.Changed}
	var company intercom.Company
	var err error
	if item.Contact == "" {
		company, err = a.client.Companies.FindByCompanyID(ctx, item.Patch.Key)
		r.Contact, r.Created = company.ID, company.ID
	} else {
		company, err = a.client.Companies.Get(ctx, item.Contact)
	}
	return err == nil && len(remaining(item.Patch, companyImage(&company, item.Patch)).Fields()) == 0, r
}

// companyDrift says what moved on a company since the plan.
func (a *applier) companyDrift(ctx context.Context, item *change.Item) (string, error) {
	company, err := a.client.Companies.Get(ctx, item.Contact)
	if gone(err) {
		return "is gone", nil
	}
	if err != nil {
		return "", err
	}
	now := companyImage(&company, item.Patch)
	for name := range item.Patch.Set {
		if !sameValue(name, item.Before.Set[name], now.Set[name]) {
			return "has " + name + " " + shown(name, now.Set[name]) + " now", nil
		}
	}
	return "", nil
}

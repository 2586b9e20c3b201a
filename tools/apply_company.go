package tools

import (
	"context"
	"maps"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
)

// writeCompany creates or updates a company and reads it back, as writeUpdate does a
// contact.
func (a *applier) writeCompany(ctx context.Context, i int, item change.Item) change.Recorded {
	var body intercom.CompanyWrite
	if err := writeFields(item.Patch.Set, &body); err != nil {
		return change.Recorded{Index: i, Outcome: change.Failed, Failure: a.cause(ctx, err)}
	}
	if a.run.resumed {
		if settled, r := a.settleCompany(ctx, i, item); settled {
			return r
		}
	}
	if item.TargetID == "" {
		return a.createCompany(ctx, i, item, body)
	}
	for again := false; ; again = true {
		_, sent := a.client.Companies.Update(ctx, item.TargetID, body)
		company, read := a.client.Companies.Get(ctx, item.TargetID)
		image := companyImage(&company, item.Patch)
		left := remaining(item.Patch, image)
		if again || read != nil || !lost(sent) || len(left.Fields()) == 0 || a.stopped.Err() != nil {
			return a.judge(ctx, i, left, sent, read)
		}
		if field := foreign(&item, image); field != "" {
			return foreignOutcome(i, field)
		}
	}
}

// createCompany creates a company under the key of its owner's, and reads it back.
func (a *applier) createCompany(ctx context.Context, i int, item change.Item, body intercom.CompanyWrite) change.Recorded {
	body.CompanyID = intercom.Value(item.Patch.Key)
	_, sent := a.client.Companies.Save(ctx, body)
	company, read := a.client.Companies.FindByCompanyID(ctx, item.Patch.Key)
	if directory.Gone(read) && lost(sent) {
		return change.Recorded{Index: i, Outcome: change.Failed, Failure: disproved(a.cause(ctx, sent))}
	}
	r := a.judge(ctx, i, remaining(item.Patch, companyImage(&company, item.Patch)), sent, read)
	if read == nil {
		r.TargetID, r.Created = company.ID, company.ID
	}
	return r
}

// settleCompany reports whether reading settles what became of a company: it
// was written before, or somebody else wrote to it meanwhile. A new one that is
// there is one or the other.
func (a *applier) settleCompany(ctx context.Context, i int, item change.Item) (bool, change.Recorded) {
	r := change.Recorded{Index: i, Outcome: change.Changed}
	company, err := a.readCompany(ctx, item)
	if err != nil {
		return false, r // writing tells
	}
	if item.TargetID == "" {
		r.TargetID, r.Created = company.ID, company.ID
	}
	image := companyImage(&company, item.Patch)
	left := remaining(item.Patch, image)
	if len(left.Fields()) == 0 {
		return true, r
	}
	field := foreign(&item, image)
	if item.TargetID == "" {
		field = slices.Sorted(maps.Keys(left.Set))[0]
	}
	return field != "", foreignOutcome(i, field)
}

// readCompany reads an item's company, a new one by its key.
func (a *applier) readCompany(ctx context.Context, item change.Item) (intercom.Company, error) {
	if item.TargetID == "" {
		return a.client.Companies.FindByCompanyID(ctx, item.Patch.Key)
	}
	return a.client.Companies.Get(ctx, item.TargetID)
}

// companyDrift says what moved on a company since the plan.
func (a *applier) companyDrift(ctx context.Context, item *change.Item) (string, error) {
	company, err := a.client.Companies.Get(ctx, item.TargetID)
	if directory.Gone(err) {
		return "is gone", nil
	}
	if err != nil {
		return "", err
	}
	now := companyImage(&company, item.Patch)
	for _, name := range slices.Sorted(maps.Keys(item.Patch.Set)) {
		if !record.Same(name, item.Before.Set[name], now.Set[name]) {
			return "has another " + name + " now", nil
		}
	}
	return "", nil
}

package engine

import (
	"context"
	"errors"
	"maps"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

// saveCompany writes fields of a company.
type saveCompany struct{}

// send writes the item, once more where the answer was lost, as updateContact does.
func (saveCompany) send(ctx context.Context, a *applier, i int) change.Recorded {
	item := &a.change.Items[i]
	var sent error
	for again := false; ; again = true {
		sent = sentTwice(sent, writeAgain(item.Patch.Set, a.change.Undoes != "", func(set map[string]any) (given, error) {
			var body intercom.CompanyWrite
			if err := writeFields(set, &body); err != nil {
				return nil, err
			}
			company, err := a.client.Companies.Update(ctx, item.TargetID, body)
			return func(field string) any { return record.GivenByCompany(&company, field) }, err
		}))
		company, read := a.client.Companies.Get(ctx, item.TargetID)
		now, odd := companyImage(&company, item.Patch)
		read = errors.Join(read, odd)
		left := unapplied(item, now)
		if again || read != nil || !outcomeUnknown(sent) || left.Empty() || a.run.halt.stopped() {
			return a.judge.outcome(ctx, i, now, sent, read)
		}
		if field := a.judge.masking.modifiedElsewhere(item, now); field != "" {
			return a.judge.conflict(ctx, i, field, now, maybeSent)
		}
	}
}

// reconcile reads whether a company was written before, or modified elsewhere meanwhile.
func (saveCompany) reconcile(ctx context.Context, a *applier, i int) reconciled {
	item := &a.change.Items[i]
	company, err := a.client.Companies.Get(ctx, item.TargetID)
	switch {
	case directory.Gone(err):
		return undone() // writing tells
	case err != nil:
		return reconciled{unsure: "it could not be read: " + a.words.Explain(ctx, err).Reason()}
	}
	now, err := companyImage(&company, item.Patch)
	if err != nil {
		return reconciled{recorded: a.judge.outcome(ctx, i, now, nil, err)}
	}
	r, left := a.judge.reconcile(ctx, i, now, maybeSent)
	if r.Outcome == change.Pending && a.run.halt.final() && len(left.Parts()) < len(item.Patch.Parts()) {
		r = a.judge.outcome(ctx, i, now, nil, nil)
	}
	return reconciled{recorded: r}
}

func (saveCompany) drift(ctx context.Context, a *applier, item *change.Item, _ seen) (string, error) {
	company, err := a.client.Companies.Get(ctx, item.TargetID)
	if directory.Gone(err) {
		return isGone, nil
	}
	if err != nil {
		return "", err
	}
	return companyDrift(item, &company)
}

// masksNothing is about companies, of which no field is masked.
func masksNothing(string) bool { return false }

// companyDrift says what changed of what an item touches on a company.
func companyDrift(item *change.Item, c *intercom.Company) (string, error) {
	now, err := companyImage(c, item.Patch)
	if err != nil {
		return "", err
	}
	return imageDrift(masksNothing, item, now), nil
}

func (saveCompany) undo(ctx context.Context, u *undoing, item *change.Item) error {
	company, err := u.client.Companies.Get(ctx, item.TargetID)
	if directory.Gone(err) {
		u.conflict(item, isGone)
		return nil
	}
	if err != nil {
		return err
	}
	now, err := companyImage(&company, item.Patch)
	if err != nil {
		u.conflict(item, cannotTell(err))
		return nil
	}
	patch, conflicts := u.reverse(item, now)
	for _, what := range conflicts {
		u.conflict(item, what)
	}
	if len(patch.Set) > 0 {
		u.plan.Noun = "company"
		if err := u.planner.Company(ctx, &company, item.Label, patch); err != nil {
			return err
		}
		u.leave(item, patch, now)
	}
	return nil
}

func (saveCompany) reads() reads              { return reads{} }
func (saveCompany) checkWith() string         { return "get_company" }
func (saveCompany) requests(change.Patch) int { return 2 }

// createCompany creates a company under the key of its owner's. Intercom keeps one company of a key, so that it can be
// told at once whether it was created.
type createCompany struct{}

// send creates the company, once more where the answer was lost and no list shows it, which may be behind.
func (op createCompany) send(ctx context.Context, a *applier, i int) change.Recorded {
	item := &a.change.Items[i]
	var body intercom.CompanyWrite
	if err := writeFields(item.Patch.Set, &body); err != nil {
		return a.judge.failedWith(ctx, i, err)
	}
	body.CompanyID = intercom.Value(item.Patch.Key)
	for again := false; ; again = true {
		saved, sent := a.client.Companies.Save(ctx, body)
		company, read := a.client.Companies.FindByCompanyID(ctx, item.Patch.Key)
		if again || !directory.Gone(read) || !outcomeUnknown(sent) || answered(sent) || a.run.halt.stopped() {
			return op.outcome(ctx, a, i, company, saved.ID, sent, read)
		}
	}
}

// outcome decides about a company that was sent, by what its key shows, and the id that Intercom answered with.
func (createCompany) outcome(ctx context.Context, a *applier, i int, company intercom.Company, saved string,
	sent, read error) change.Recorded {
	item := &a.change.Items[i]
	if directory.Gone(read) && sent == nil { // no list shows it yet, but the record itself is never behind
		if company, read = a.client.Companies.Get(ctx, saved); directory.Gone(read) {
			return change.Recorded{Index: i, Outcome: change.Unknown, TargetID: saved, Created: saved,
				Failure: unknownOutcome("Intercom answered that it was created as "+saved+", and does not show it yet", item.Patch)}
		}
	}
	switch {
	case directory.Gone(read) && outcomeUnknown(sent): // which a list may not show yet
		return change.Recorded{Index: i, Outcome: change.Unknown,
			Failure: unknownOutcome(a.judge.cause(ctx, sent).Reason, item.Patch)}
	case sent != nil && isDefinitive(sent): // what is there is another client's
		return a.judge.failedWith(ctx, i, sent)
	}
	now, odd := companyImage(&company, item.Patch)
	r := a.judge.outcome(ctx, i, now, sent, errors.Join(read, odd))
	if read == nil {
		r.TargetID, r.Created = company.ID, company.ID
	}
	return r
}

// reconcile looks for the company by its key. One that was there before the work began is another client's.
func (createCompany) reconcile(ctx context.Context, a *applier, i int) reconciled {
	item := &a.change.Items[i]
	company, err := a.client.Companies.FindByCompanyID(ctx, item.Patch.Key)
	switch {
	case directory.Gone(err):
		return undone()
	case err != nil:
		return reconciled{unsure: "it could not be read: " + a.words.Explain(ctx, err).Reason()}
	}
	now, err := companyImage(&company, item.Patch)
	if err != nil {
		return reconciled{recorded: a.judge.outcome(ctx, i, now, nil, err)}
	}
	left := unapplied(item, now)
	if !left.Empty() && !a.sinceApplied(company.CreatedAt) {
		return reconciled{recorded: change.Recorded{Index: i, Outcome: change.Failed, Failure: change.Failure{
			Code:   string(toolerr.ChangeStale),
			Reason: "a company of that key was there before; it was skipped. Make the plan anew."}}}
	}
	r := a.judge.outcome(ctx, i, now, nil, nil)
	if !left.Empty() {
		r = a.judge.conflict(ctx, i, slices.Sorted(maps.Keys(left.Set))[0], now, maybeSent)
	}
	r.TargetID, r.Created = company.ID, company.ID
	return reconciled{recorded: r}
}

// drift says when another client has created the company since: saving would write over it.
func (createCompany) drift(ctx context.Context, a *applier, item *change.Item, _ seen) (string, error) {
	_, err := a.client.Companies.FindByCompanyID(ctx, item.Patch.Key)
	switch {
	case directory.Gone(err):
		return "", nil
	case err != nil:
		return "", err
	}
	return "was created since", nil
}

func (createCompany) undo(_ context.Context, u *undoing, item *change.Item) error {
	u.conflict(item, "a company that was created is not deleted")
	return nil
}

func (createCompany) reads() reads              { return reads{} }
func (createCompany) checkWith() string         { return "get_company" }
func (createCompany) requests(change.Patch) int { return 2 }

package engine

import (
	"context"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// deleteCompany deletes a company. Intercom does so in its own time, so that reading tells only once it is gone.
type deleteCompany struct{}

func (deleteCompany) send(ctx context.Context, a *applier, i int) change.Recorded {
	sent := a.client.Companies.Delete(ctx, a.change.Items[i].TargetID)
	return a.judge.trustResponse(ctx, i, sent, "Intercom deletes companies in its own time")
}

func (deleteCompany) reconcile(ctx context.Context, a *applier, i int) reconciled {
	if _, err := a.client.Companies.Get(ctx, a.change.Items[i].TargetID); directory.Gone(err) {
		return reconciled{recorded: change.Recorded{Outcome: change.Changed}}
	}
	return reconciled{unsure: "nothing that can be read shows it"}
}

func (deleteCompany) drift(context.Context, *applier, *change.Item, seen) (string, error) {
	return "", nil
}

func (deleteCompany) undo(_ context.Context, u *undoing, item *change.Item) error {
	if item.Outcome != change.Failed {
		u.conflict(item, "Intercom offers no way to bring a deleted company back")
	}
	return nil
}

func (deleteCompany) reads() reads              { return reads{} }
func (deleteCompany) checkWith() string         { return "get_company" }
func (deleteCompany) requests(change.Patch) int { return 1 }

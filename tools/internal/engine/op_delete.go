package engine

import (
	"context"

	"intercom-mcp/policy/change"
)

// deleteContact deletes a contact for good.
type deleteContact struct{}

func (deleteContact) send(ctx context.Context, a *applier, i int) change.Recorded {
	id := a.change.Items[i].TargetID
	sent := a.client.Contacts.Delete(ctx, id)
	return a.judge.verifyPresence(ctx, i, sent, probeContact(ctx, a.client, id), wantGone)
}

func (deleteContact) reconcile(ctx context.Context, a *applier, i int) reconciled {
	return a.judge.reconcilePresence(ctx, i, probeContact(ctx, a.client, a.change.Items[i].TargetID), wantGone)
}

func (deleteContact) drift(ctx context.Context, a *applier, item *change.Item, seen seen) (string, error) {
	return contactDrift(ctx, a, item, seen)
}

func (deleteContact) undo(_ context.Context, u *undoing, item *change.Item) error {
	if item.Outcome != change.Failed {
		u.conflict(item, "Intercom cannot bring back who was deleted")
	}
	return nil
}

func (deleteContact) reads() reads              { return reads{drift: true} }
func (deleteContact) checkWith() string         { return "get_contact" }
func (deleteContact) requests(change.Patch) int { return 2 }

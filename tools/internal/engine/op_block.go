package engine

import (
	"context"

	"intercom-mcp/policy/change"
)

// uncheckable says what to do about an outcome that no tool shows: that of a block alone.
const uncheckable = " Look at the contact in Intercom before repeating it. " +
	"Blocking twice does no more than once."

// block blocks a contact. Intercom does not show who is blocked, and blocking twice does no more than once.
type block struct{}

func (block) send(ctx context.Context, a *applier, i int) change.Recorded {
	sent := a.client.Contacts.Block(ctx, a.change.Items[i].TargetID)
	return a.judge.trustResponse(ctx, i, sent, "Intercom does not show who is blocked")
}

func (block) reconcile(context.Context, *applier, int) reconciled {
	return reconciled{unsure: "nothing that can be read shows it"}
}

func (block) drift(ctx context.Context, a *applier, item *change.Item, seen seen) (string, error) {
	return contactDrift(ctx, a, item, seen)
}

func (block) undo(_ context.Context, u *undoing, item *change.Item) error {
	if item.Outcome != change.Failed {
		u.conflict(item, "Intercom offers no way to unblock a contact through its API")
	}
	return nil
}

func (block) reads() reads              { return reads{drift: true} }
func (block) checkWith() string         { return "" }
func (block) requests(change.Patch) int { return 1 }

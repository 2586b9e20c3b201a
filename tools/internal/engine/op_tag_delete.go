package engine

import (
	"context"

	"intercom-mcp/policy/change"
)

// deleteTag deletes a tag, and so takes it off all who have it.
type deleteTag struct{}

func (deleteTag) send(ctx context.Context, a *applier, i int) change.Recorded {
	id := a.change.Items[i].TargetID
	sent := a.client.Tags.Delete(ctx, id)
	return a.judge.verifyPresence(ctx, i, sent, probeTag(ctx, a, id), wantGone)
}

// probeTag reads a tag, and lets the names of tags be read anew.
func probeTag(ctx context.Context, a *applier, id string) error {
	if _, err := a.lists.Tags.Younger(ctx, 0); err != nil {
		return err
	}
	_, err := a.client.Tags.Get(ctx, id)
	return err
}

func (deleteTag) reconcile(ctx context.Context, a *applier, i int) reconciled {
	return a.judge.reconcilePresence(ctx, i, probeTag(ctx, a, a.change.Items[i].TargetID), wantGone)
}

func (deleteTag) drift(context.Context, *applier, *change.Item, seen) (string, error) { return "", nil }

func (deleteTag) undo(_ context.Context, u *undoing, item *change.Item) error {
	if item.Outcome != change.Failed {
		u.conflict(item, "Intercom does not record who had the tag")
	}
	return nil
}

func (deleteTag) reads() reads              { return reads{} }
func (deleteTag) checkWith() string         { return "list_tags" }
func (deleteTag) requests(change.Patch) int { return 3 }

package engine

import (
	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// merge merges a lead or a user into a user, for good.
type merge struct{}

func (op merge) send(ctx context.Context, a *applier, i int) change.Recorded {
	item := &a.change.Items[i]
	_, sent := a.client.Contacts.Merge(ctx, intercom.Merge{From: item.TargetID, Into: item.Patch.Into.ID,
		Users: item.Patch.Users})
	if sent != nil && whereMerged(sent) == item.Patch.Into.ID { // by another client
		return change.Recorded{Index: i, Outcome: change.Unchanged}
	}
	read := probeContact(ctx, a.client, item.TargetID)
	if sent != nil && !isDefinitive(sent) && directory.Gone(read) {
		return op.whereTo(ctx, a, i, read)
	}
	return a.judge.verifyPresence(ctx, i, sent, read, wantGone)
}

// whereTo decides about a contact that is gone: merged as planned, merged elsewhere, or not merged at all.
func (merge) whereTo(ctx context.Context, a *applier, i int, why error) change.Recorded {
	item := &a.change.Items[i]
	r := change.Recorded{Index: i, Outcome: change.Changed}
	if whereMerged(why) == item.Patch.Into.ID {
		return r
	}
	for merged, err := range a.client.Contacts.MergeHistoryAll(ctx, item.Patch.Into.ID, intercom.PageOptions{}) {
		if err != nil {
			r.Outcome, r.Failure = change.Unknown,
				unknownOutcome("it is gone, and whether into "+item.Patch.Into.ID+" could not be read: "+a.words.Explain(ctx,
					err).Message, item.Patch)
			return r
		}
		if merged.SourceID == item.TargetID {
			return r
		}
	}
	return a.judge.failedWith(ctx, i, why)
}

func (op merge) reconcile(ctx context.Context, a *applier, i int) reconciled {
	switch read := probeContact(ctx, a.client, a.change.Items[i].TargetID); {
	case read == nil:
		return undone()
	case directory.Gone(read):
		return reconciled{recorded: op.whereTo(ctx, a, i, read)}
	default:
		return reconciled{unsure: "it could not be read: " + a.words.Explain(ctx, read).Reason()}
	}
}

func (merge) drift(ctx context.Context, a *applier, item *change.Item, seen seen) (string, error) {
	return contactDrift(ctx, a, item, seen)
}

func (merge) undo(_ context.Context, u *undoing, item *change.Item) error {
	if item.Outcome != change.Failed {
		u.conflict(item, "Intercom cannot take a merge apart")
	}
	return nil
}

func (merge) reads() reads              { return reads{drift: true} }
func (merge) checkWith() string         { return "get_contact" }
func (merge) requests(change.Patch) int { return 2 }

package engine

import (
	"context"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// archive takes a contact out of every list, until unarchived.
type archive struct{}

func (archive) send(ctx context.Context, a *applier, i int) change.Recorded {
	id := a.change.Items[i].TargetID
	sent := a.client.Contacts.Archive(ctx, id)
	return a.judge.verifyPresence(ctx, i, sent, probeContact(ctx, a.client, id), wantGone)
}

func (archive) reconcile(ctx context.Context, a *applier, i int) reconciled {
	return a.judge.reconcilePresence(ctx, i, probeContact(ctx, a.client, a.change.Items[i].TargetID), wantGone)
}

func (archive) drift(ctx context.Context, a *applier, item *change.Item, seen seen) (string, error) {
	return contactDrift(ctx, a, item, seen)
}

// undo brings back whom a change archived. Intercom shows an archived contact to nobody, so who is shown is not
// archived any more.
func (archive) undo(ctx context.Context, u *undoing, item *change.Item) error {
	err := probeContact(ctx, u.client, item.TargetID)
	switch into := whereMerged(err); {
	case err == nil && item.Outcome != change.Failed:
		u.conflict(item, "is not archived any more")
	case err == nil:
	case into != "":
		u.conflict(item, "was merged into "+into)
	case directory.Gone(err):
		u.restore(item, change.Unarchive)
	default:
		return err
	}
	return nil
}

func (archive) reads() reads              { return reads{drift: true} }
func (archive) checkWith() string         { return "get_contact" }
func (archive) requests(change.Patch) int { return 2 }

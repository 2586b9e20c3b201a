package engine

import (
	"context"

	"intercom-mcp/policy/change"
)

// unarchive brings an archived contact back. It cannot be read before.
type unarchive struct{}

func (unarchive) send(ctx context.Context, a *applier, i int) change.Recorded {
	id := a.change.Items[i].TargetID
	sent := a.client.Contacts.Unarchive(ctx, id)
	return a.judge.verifyPresence(ctx, i, sent, probeContact(ctx, a.client, id), wantThere)
}

func (unarchive) reconcile(ctx context.Context, a *applier, i int) reconciled {
	return a.judge.reconcilePresence(ctx, i, probeContact(ctx, a.client, a.change.Items[i].TargetID), wantThere)
}

func (unarchive) drift(context.Context, *applier, *change.Item, seen) (string, error) { return "", nil }

// undo archives again who was unarchived, unless another client has written to them since.
func (unarchive) undo(ctx context.Context, u *undoing, item *change.Item) error {
	contact, err := u.contact(ctx, item)
	if contact == nil {
		return err
	}
	switch err := contact.Unread("updated_at"); {
	case err != nil:
		u.conflict(item, cannotTell(err))
	case contact.UpdatedAt.Time().After(u.ended.Add(ownWrites)):
		u.conflict(item, "was written to since, and is left as it is; archive_contacts archives it all the same")
	default:
		u.restore(item, change.Archive)
	}
	return nil
}

func (unarchive) reads() reads              { return reads{undo: true} }
func (unarchive) checkWith() string         { return "get_contact" }
func (unarchive) requests(change.Patch) int { return 2 }

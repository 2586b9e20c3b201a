package tools

import (
	"context"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// stoppedOne says what became of an item that is not to be sent any more, and
// that an earlier process may have sent: reading tells, where anything does.
func (a *applier) stoppedOne(ctx context.Context, i int, item change.Item) change.Recorded {
	var read error
	switch {
	case item.Patch.Note != nil:
		if id, err := a.findNote(ctx, item, a.change.AppliedAt); err != nil || id != "" {
			return a.noteFound(ctx, i, id, err)
		}
	case item.Patch.Op == change.Update: // it was settled before
	case item.Patch.Op == change.Create:
		return a.stoppedNew(ctx, i, item)
	case item.Patch.Op == change.SaveCompany:
		if settled, r := a.settleCompany(ctx, i, item); settled {
			return r
		}
		_, read = a.readCompany(ctx, item)
	case item.Patch.Op == change.Block, item.Patch.Op == change.DeleteCompany:
		return mayBeSent(i, item, "nothing that can be read shows it")
	default:
		if r := a.settleWhole(ctx, i, item); r.Outcome != change.Pending {
			return r
		}
		read = a.wholeRead(item)(ctx)
	}
	if read != nil && !directory.Gone(read) {
		return mayBeSent(i, item, "it could not be read: "+a.explain(ctx, read).Error())
	}
	return a.notSent(i)
}

// stoppedNew does so for a contact that was to be created. Only your own id
// finds somebody at once.
func (a *applier) stoppedNew(ctx context.Context, i int, item change.Item) change.Recorded {
	for _, found := range a.likeNew(ctx, item.Patch) {
		if a.sinceApplied(&found) {
			r := a.readBack(ctx, i, found.ID, item, nil)
			r.TargetID, r.Created = found.ID, found.ID
			return r
		}
	}
	if key, ok := item.Patch.Set["external_id"].(string); ok && item.Patch.Set["role"] != "lead" {
		if _, err := a.client.Contacts.FindByExternalID(ctx, key); err == nil || directory.Gone(err) {
			return a.notSent(i)
		}
	}
	return mayBeSent(i, item, "no search shows it for sure")
}

// mayBeSent is the outcome of an item that an earlier process may have sent,
// and that is not sent again.
func mayBeSent(i int, item change.Item, why string) change.Recorded {
	return change.Recorded{Index: i, Outcome: change.Unknown, Failure: unknownOutcome(
		"the server had stopped and may have sent it before; it is not sent again, and "+why, checkWith(item.Patch))}
}

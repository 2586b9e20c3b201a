package tools

import (
	"context"
	"errors"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// writeNew creates a contact, links it, and reads it back.
func (a *applier) writeNew(ctx context.Context, i int, item change.Item) change.Recorded {
	if a.resumed {
		if found, r := a.createdBefore(ctx, i, item); found {
			return r
		}
	}
	body, err := contactWrite(item.Patch.Set)
	if err != nil {
		return change.Recorded{Index: i, Outcome: change.Failed, Failure: a.cause(ctx, err)}
	}
	contact, err := a.client.Contacts.Create(ctx, body)
	switch {
	case err == nil:
		return a.finishNew(ctx, i, contact.ID, item, nil)
	case intercom.KindOf(err) == intercom.KindOutcomeUnknown:
		return a.lostNew(ctx, i, item, err)
	case a.resumed && a.isOurs(ctx, err):
		return a.finishNew(ctx, i, existingID(err), item, nil)
	}
	return change.Recorded{Index: i, Outcome: change.Failed, Failure: a.cause(ctx, err)}
}

// finishNew links a contact that was created, and reads it back.
func (a *applier) finishNew(ctx context.Context, i int, id string, item change.Item, sent error) change.Recorded {
	r := a.readBack(ctx, i, id, item, errors.Join(sent, a.link(ctx, id, item.Patch)))
	r.Contact, r.Created = id, id
	return r
}

// lostNew says what became of a create whose answer was lost: a contact is
// found by your own id at once, and by e-mail only as the search allows.
func (a *applier) lostNew(ctx context.Context, i int, item change.Item, err error) change.Recorded {
	if key, ok := item.Patch.Set["external_id"].(string); ok {
		if found, readErr := a.client.Contacts.FindByExternalID(ctx, key); readErr == nil {
			return a.finishNew(ctx, i, found.ID, item, err)
		}
	}
	return unknownNew(i)
}

func unknownNew(i int) change.Recorded {
	return change.Recorded{Index: i, Outcome: change.Unknown, Failure: unknownOutcome(
		"the connection broke after the contact was sent; look for it with search_contacts in some minutes before creating it again", "search_contacts")}
}

// createdBefore reports whether an earlier process may have created the
// contact, and with what outcome. Nothing tells a lead from another one alike,
// so a lead that may have been sent is not sent again.
func (a *applier) createdBefore(ctx context.Context, i int, item change.Item) (bool, change.Recorded) {
	if item.Patch.Set["role"] == "lead" {
		return true, unknownNew(i)
	}
	key, ok := item.Patch.Set["external_id"].(string)
	if !ok {
		return false, change.Recorded{} // Intercom refuses a second user with the e-mail
	}
	found, err := a.client.Contacts.FindByExternalID(ctx, key)
	if err != nil || !a.sinceApplied(&found) {
		return false, change.Recorded{}
	}
	return true, a.finishNew(ctx, i, found.ID, item, nil)
}

// isOurs reports whether a conflict is with the contact that an earlier
// process created for this very change.
func (a *applier) isOurs(ctx context.Context, conflict error) bool {
	id := existingID(conflict)
	if id == "" {
		return false
	}
	found, err := a.client.Contacts.Get(ctx, id)
	return err == nil && a.sinceApplied(&found)
}

// sinceApplied reports whether a contact came to be since work on the change
// began.
func (a *applier) sinceApplied(c *intercom.Contact) bool {
	return !c.CreatedAt.Time().Before(a.change.AppliedAt.Add(-clockSkew))
}

// existingID is the id that a conflict names, or "".
func existingID(err error) string {
	var upstream *intercom.Error
	if errors.As(err, &upstream) {
		return upstream.ConflictID
	}
	return ""
}

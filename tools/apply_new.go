package tools

import (
	"context"
	"errors"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// writeNew creates a contact, links it, and reads it back.
func (a *applier) writeNew(ctx context.Context, i int, item change.Item) change.Recorded {
	if a.run.resumed {
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
		return a.finishNew(ctx, i, contact.ID, item, item.Patch, nil)
	case intercom.KindOf(err) == intercom.KindOutcomeUnknown:
		return a.lostNew(ctx, i, item, err)
	case a.run.resumed && a.isOurs(ctx, err):
		return a.finishFound(ctx, i, existingID(err), item, nil)
	}
	return change.Recorded{Index: i, Outcome: change.Failed, Failure: a.cause(ctx, err)}
}

// finishNew gives a contact that was created its links, and reads it back.
func (a *applier) finishNew(ctx context.Context, i int, id string, item change.Item, links change.Patch, sent error) change.Recorded {
	r := a.readBack(ctx, i, id, item, errors.Join(sent, a.link(ctx, id, links)))
	r.TargetID, r.Created = id, id
	return r
}

// finishFound does what is left to do of a contact that turns out to have been
// created.
func (a *applier) finishFound(ctx context.Context, i int, id string, item change.Item, sent error) change.Recorded {
	left, err := a.left(ctx, id, item.Patch)
	if err != nil {
		left = item.Patch // linking twice does no more than once
	}
	return a.finishNew(ctx, i, id, item, left, sent)
}

// lostNew says what became of a create whose answer was lost: a contact is
// found by your own id at once, and by e-mail only as the search allows.
func (a *applier) lostNew(ctx context.Context, i int, item change.Item, err error) change.Recorded {
	if key, ok := item.Patch.Set["external_id"].(string); ok {
		if found, readErr := a.client.Contacts.FindByExternalID(ctx, key); readErr == nil && a.sinceApplied(&found) {
			return a.finishFound(ctx, i, found.ID, item, err)
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
	for _, found := range a.likeNew(ctx, item.Patch) {
		if a.sinceApplied(&found) {
			return true, a.finishFound(ctx, i, found.ID, item, nil)
		}
	}
	// Who is not found yet is told by Intercom, which refuses a second user
	// with the same external_id or e-mail.
	return false, change.Recorded{}
}

// likeNew looks for users who have the identity of a new one.
func (a *applier) likeNew(ctx context.Context, p change.Patch) []intercom.Contact {
	var users []intercom.Contact
	if key, ok := p.Set["external_id"].(string); ok {
		if found, err := a.client.Contacts.FindByExternalID(ctx, key); err == nil {
			users = append(users, found)
		}
	} else if email, ok := p.Set["email"].(string); ok {
		// An error here shows no more than a search that is behind the times.
		_ = directory.SearchEach(ctx, a.client, "email", []string{email}, func(c *intercom.Contact) {
			if c.Role == "user" {
				users = append(users, *c)
			}
		})
	}
	return users
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

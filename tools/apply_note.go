package tools

import (
	"context"
	"errors"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// writeNote adds a note and reads it back. A note is never sent twice: where
// the answer was lost, the contact's notes tell whether it arrived.
func (a *applier) writeNote(ctx context.Context, i int, item change.Item) change.Recorded {
	r := change.Recorded{Index: i}
	sentAt := time.Now()
	written, err := a.client.Contacts.AddNote(ctx, item.Contact, intercom.NoteWrite{Body: item.Patch.Note.Body, AdminID: item.Patch.Note.Admin})
	var upstream *intercom.Error
	lost := errors.As(err, &upstream) && upstream.Kind() == intercom.KindOutcomeUnknown
	if err != nil && !lost {
		r.Outcome, r.Failure = change.Failed, a.cause(ctx, err)
		return r
	}
	page, err := a.client.Contacts.Notes(ctx, item.Contact, intercom.PageOptions{PerPage: 50})
	if err != nil {
		r.Outcome, r.Created = change.Unknown, written.ID
		r.Failure = unknownOutcome("it could not be read back: "+a.explain(ctx, err).Error()+" Check with list_notes before adding it again.", "list_notes")
		return r
	}
	for _, n := range page.Items {
		ours := n.ID == written.ID
		if lost {
			fresh := !n.CreatedAt.Time().Before(sentAt.Add(-time.Minute))
			ours = fresh && plainText(n.Body) == plainText(item.Patch.Note.Body) && n.Author.ID == item.Patch.Note.Admin
		}
		if ours {
			r.Outcome, r.Created = change.Changed, n.ID
			return r
		}
	}
	r.Outcome, r.Created = change.Unknown, written.ID
	r.Failure = unknownOutcome("reading back does not show it; check with list_notes before adding it again", "list_notes")
	return r
}

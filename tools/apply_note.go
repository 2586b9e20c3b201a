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
	if a.resumed {
		if id, err := a.findNote(ctx, item, a.change.AppliedAt); err != nil || id != "" {
			return a.noteFound(ctx, i, id, err)
		}
	}
	sentAt := time.Now()
	written, err := a.client.Contacts.AddNote(ctx, item.Contact, intercom.NoteWrite{Body: item.Patch.Note.Body, AdminID: item.Patch.Note.Admin})
	var upstream *intercom.Error
	lost := errors.As(err, &upstream) && upstream.Kind() == intercom.KindOutcomeUnknown
	if err != nil && !lost {
		r.Outcome, r.Failure = change.Failed, a.cause(ctx, err)
		return r
	}
	if lost {
		id, err := a.findNote(ctx, item, sentAt)
		return a.noteFound(ctx, i, id, err)
	}
	_, err = a.client.Notes.Get(ctx, written.ID)
	r = a.noteFound(ctx, i, written.ID, err)
	r.Created = written.ID
	return r
}

// noteFound is the outcome of a note that was looked for; no id means that it
// was not found.
func (a *applier) noteFound(ctx context.Context, i int, id string, err error) change.Recorded {
	r := change.Recorded{Index: i, Created: id}
	switch {
	case err != nil:
		r.Outcome = change.Unknown
		r.Failure = unknownOutcome("it could not be read back: "+a.explain(ctx, err).Error()+" Check with list_notes before adding it again.", "list_notes")
	case id == "":
		r.Outcome = change.Unknown
		r.Failure = unknownOutcome("reading back does not show it; check with list_notes before adding it again", "list_notes")
	default:
		r.Outcome = change.Changed
	}
	return r
}

// clockSkew is how far Intercom's clock may be behind ours.
const clockSkew = time.Minute

// findNote looks for an item's note among the contact's newest: by its author
// and text, written since the time given. It returns no id for none.
func (a *applier) findNote(ctx context.Context, item change.Item, since time.Time) (string, error) {
	page, err := a.client.Contacts.Notes(ctx, item.Contact, intercom.PageOptions{PerPage: 50})
	if err != nil {
		return "", err
	}
	for _, n := range page.Items {
		fresh := !n.CreatedAt.Time().Before(since.Add(-clockSkew))
		if fresh && n.Author.ID == item.Patch.Note.Admin && plainText(n.Body) == plainText(item.Patch.Note.Body) {
			return n.ID, nil
		}
	}
	return "", nil
}

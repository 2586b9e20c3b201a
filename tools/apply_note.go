package tools

import (
	"context"
	"errors"
	"slices"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

// errAlike tells that a note like an item's is there, and nobody can tell
// whether it is that item's.
var errAlike = errors.New("a note just like it is there, and nobody can tell whether it is this one")

// writeNote adds a note and reads it back. A note is never sent twice: where
// the answer was lost, the contact's notes tell whether it arrived.
func (a *applier) writeNote(ctx context.Context, i int, item change.Item) change.Recorded {
	r := change.Recorded{Index: i}
	if a.run.resumed {
		if id, err := a.findNote(ctx, item, a.change.AppliedAt); err != nil || id != "" {
			return a.noteFound(ctx, i, id, err)
		}
	}
	sentAt := time.Now()
	written, err := a.client.Contacts.AddNote(ctx, item.TargetID, intercom.NoteWrite{Body: item.Patch.Note.Body, AdminID: item.Patch.Note.Admin})
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
	case errors.Is(err, errAlike):
		r.Outcome = change.Unknown
		r.Failure = unknownOutcome(err.Error()+"; check with list_notes before adding it again", "list_notes")
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

// notesLike lists those of a contact's latest notes that have a note's author
// and text.
func (s *session) notesLike(ctx context.Context, contact string, note *change.Note) ([]intercom.Note, error) {
	page, err := s.client.Contacts.Notes(ctx, contact, intercom.PageOptions{PerPage: 50})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(page.Items, func(n intercom.Note) bool {
		return n.Author.ID != note.Admin || text.FromHTML(n.Body) != text.FromHTML(note.Body)
	}), nil
}

// findNote looks for an item's note, which was sent after since, if at all. It
// is the one note just like it that was not there when the item was planned, and
// that no other change has written. It returns no id where there is none, and
// errAlike where it may be another's.
func (a *applier) findNote(ctx context.Context, item change.Item, since time.Time) (string, error) {
	alike, err := a.notesLike(ctx, item.TargetID, item.Patch.Note)
	if err != nil {
		return "", err
	}
	// Intercom tells whole seconds of its own clock. Where the plan is old, that
	// leaves some notes that were written before, or just after by a slow clock.
	surely := since.Truncate(time.Second)
	if since.Sub(a.change.CreatedAt) <= planHolds {
		surely = since.Add(-clockSkew)
	}
	alike = slices.DeleteFunc(alike, func(n intercom.Note) bool {
		return slices.Contains(item.Before.Notes, n.ID) || n.CreatedAt.Time().Before(since.Add(-clockSkew))
	})
	if len(alike) == 0 {
		return "", nil
	}
	others, open, err := a.notesOfOthers(ctx)
	if err != nil {
		return "", err
	}
	alike = slices.DeleteFunc(alike, func(n intercom.Note) bool { return others[n.ID] })
	switch {
	case len(alike) == 0:
		return "", nil
	case len(alike) > 1, alike[0].CreatedAt.Time().Before(surely), open:
		return "", errAlike
	}
	return alike[0].ID, nil
}

// notesOfOthers are the notes that other changes of the same effect have
// written. It reports whether one of these may have written one that it does not
// know of.
func (a *applier) notesOfOthers(ctx context.Context) (notes map[string]bool, open bool, err error) {
	list, err := a.store.List(ctx, a.change.Principal, change.Query{Fingerprint: a.change.Fingerprint, Limit: 50})
	notes = make(map[string]bool)
	for _, summary := range list {
		if summary.ID == a.change.ID {
			continue
		}
		c, err := a.store.Get(ctx, a.change.Principal, summary.ID)
		if err != nil {
			return nil, false, err
		}
		for _, item := range c.Items {
			notes[item.Created] = item.Created != ""
		}
		began := c.Status == change.StatusApplying || c.Status == change.StatusUnknown
		open = open || began && change.CountItems(c.Items).Changed == 0
	}
	return notes, open, err
}

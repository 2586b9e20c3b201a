package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

// addNote adds a note to a contact. It is never sent twice: where the answer was lost, the contact's notes tell whether
// it arrived.
type addNote struct{}

// errAlike tells that a note like an item's is there, which may be another's.
var errAlike = errors.New("a note just like it is there, and nobody can tell whether it is this one")

func (op addNote) send(ctx context.Context, a *applier, i int) change.Recorded {
	item := &a.change.Items[i]
	sentAt := time.Now()
	written, err := a.client.Notes.AddToContact(ctx, item.TargetID, intercom.NoteWrite{Body: item.Patch.Note.Body,
		AdminID: item.Patch.Note.Admin})
	switch {
	case outcomeUnknown(err):
		id, err := findNote(ctx, a, item, sentAt)
		return op.found(ctx, a, i, id, err)
	case err != nil:
		return a.judge.failedWith(ctx, i, err)
	}
	_, err = a.client.Notes.Get(ctx, written.ID)
	return op.found(ctx, a, i, written.ID, err)
}

// found is the outcome of a note that was looked for; no id means that it was not found.
func (addNote) found(ctx context.Context, a *applier, i int, id string, err error) change.Recorded {
	r := change.Recorded{Index: i, Created: id, Outcome: change.Unknown}
	p := a.change.Items[i].Patch
	switch {
	case errors.Is(err, errAlike):
		r.Failure = unknownOutcome(err.Error(), p)
	case err != nil:
		r.Failure = unknownOutcome("it may be there: it could not be read back: "+a.words.Explain(ctx, err).Message, p)
	case id == "":
		r.Failure = unknownOutcome("reading back does not show it", p)
	default:
		r.Outcome = change.Changed
	}
	return r
}

func (op addNote) reconcile(ctx context.Context, a *applier, i int) reconciled {
	id, err := findNote(ctx, a, &a.change.Items[i], a.change.AppliedAt)
	if err != nil || id != "" {
		return reconciled{recorded: op.found(ctx, a, i, id, err)}
	}
	return undone()
}

func (addNote) drift(ctx context.Context, a *applier, item *change.Item, seen seen) (string, error) {
	return contactDrift(ctx, a, item, seen)
}

func (addNote) undo(_ context.Context, u *undoing, item *change.Item) error {
	u.conflict(item, "Intercom cannot delete notes")
	return nil
}

func (addNote) reads() reads              { return reads{drift: true} }
func (addNote) checkWith() string         { return "list_notes" }
func (addNote) requests(change.Patch) int { return 2 }

// clockSkew is how far Intercom's clock may be behind ours.
const clockSkew = time.Minute

// plainWords is the text of a note, however its lines and blanks are kept.
func plainWords(markup string) string {
	return strings.Join(strings.Fields(text.FromHTML(markup)), " ")
}

// notesLike lists those of a contact's latest notes that have a note's author and text.
func notesLike(ctx context.Context, client *intercom.Client, contact string, note *change.Note) ([]intercom.Note,
	error) {
	page, err := client.Notes.OfContact(ctx, contact, intercom.PageOptions{PerPage: 50})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(page.Items, func(n intercom.Note) bool {
		return n.Author.ID != note.Admin || plainWords(n.Body) != plainWords(note.Body)
	}), nil
}

// findNote looks for an item's note, which was sent after since, if at all. It is the one note just like it that was
// not there when the item was planned, and that no other change has written. It returns no id where there is none, and
// errAlike where it may be another's.
func findNote(ctx context.Context, a *applier, item *change.Item, since time.Time) (string, error) {
	alike, err := notesLike(ctx, a.client, item.TargetID, item.Patch.Note)
	if err != nil {
		return "", err
	}
	// Intercom tells whole seconds of its own clock. Where the plan is old, that leaves some notes that were written
	// before, or just after by a slow clock.
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
	others, open, err := notesOfOthers(ctx, a)
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

// notesOfOthers lists the notes that other changes of the same fingerprint have written. It reports whether one of
// these changes may have written a note that is not on record.
func notesOfOthers(ctx context.Context, a *applier) (notes map[string]bool, open bool, err error) {
	list, err := a.store.List(ctx, a.change.Principal, change.Query{Fingerprint: a.change.Fingerprint, Limit: 50})
	notes = make(map[string]bool)
	for _, summary := range list {
		if summary.Change.ID == a.change.ID {
			continue
		}
		c, err := a.store.Get(ctx, a.change.Principal, summary.Change.ID)
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

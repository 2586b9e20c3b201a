package engine

import (
	"context"
	"errors"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// probeContact reads a contact, to see whether it is still there: Intercom shows what is archived, deleted or merged to
// nobody who asks for its id. One of which something cannot be read is there.
func probeContact(ctx context.Context, client *intercom.Client, id string) error {
	_, err := client.Contacts.Get(ctx, id)
	var odd *intercom.UnreadableError
	if errors.As(err, &odd) && odd.Value.Record == "contact "+id {
		return nil
	}
	return err
}

// presence is what an operation wants of a record: that it can be read, or that it cannot.
type presence bool

const (
	wantThere presence = true
	wantGone  presence = false
)

// verifyPresence decides about an operation that makes a record vanish, or appear again, by whether it can be read
// afterwards. sent is the error of sending it, read that of reading. Who was merged into another by another client is
// neither archived nor deleted.
func (j judge) verifyPresence(ctx context.Context, i int, sent, read error, wanted presence) change.Recorded {
	r := change.Recorded{Index: i}
	switch {
	case read != nil && !directory.Gone(read):
		r.Outcome, r.Failure = change.Unknown, j.notReadBack(ctx, j.change.Items[i].Patch, sent, read)
	case sent != nil && !isDefinitive(sent) && intercom.KindOf(read) == intercom.KindMerged:
		r.Outcome, r.Failure = change.Failed, j.cause(ctx, read)
	case wanted.is(read) && (sent == nil || !isDefinitive(sent)):
		r.Outcome = change.Changed
	case mayLandLate(sent):
		return j.notYet(ctx, i, sent)
	case sent != nil:
		r.Outcome, r.Failure = change.Failed, confirmedFailed(j.cause(ctx, sent))
	default:
		r.Outcome = change.Failed
		r.Failure = change.Failure{Code: string(toolerr.InvalidArgument),
			Reason: "Intercom accepted it, but reading back shows no change"}
	}
	return r
}

// trustResponse decides by Intercom's answer, where nothing can be read back, for the reason why.
func (j judge) trustResponse(ctx context.Context, i int, sent error, why string) change.Recorded {
	switch {
	case sent == nil:
		return change.Recorded{Index: i, Outcome: change.Changed}
	case outcomeUnknown(sent):
		return change.Recorded{Index: i, Outcome: change.Unknown,
			Failure: unknownOutcome(j.words.Explain(ctx, sent).Message+" "+why+".", j.change.Items[i].Patch)}
	}
	return j.failedWith(ctx, i, sent)
}

// is reports whether reading a record came to what is wanted.
func (p presence) is(read error) bool { return directory.Gone(read) == (p == wantGone) }

// reconcilePresence is what reading a record tells of an operation that makes it vanish, or appear. Who was merged into
// another by another client is neither archived nor deleted.
func (j judge) reconcilePresence(ctx context.Context, i int, read error, wanted presence) reconciled {
	switch {
	case intercom.KindOf(read) == intercom.KindMerged && wanted == wantGone:
		return reconciled{recorded: j.failedWith(ctx, i, read)}
	case read != nil && !directory.Gone(read):
		return reconciled{unsure: "it could not be read: " + j.words.Explain(ctx, read).Reason()}
	case wanted.is(read):
		return reconciled{recorded: change.Recorded{Outcome: change.Changed}}
	}
	return undone()
}

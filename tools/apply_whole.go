package tools

import (
	"context"
	"errors"
	"fmt"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// writeWhole does what is done to a record as a whole, and reads it back.
func (a *applier) writeWhole(ctx context.Context, i int, item change.Item) change.Recorded {
	id := item.TargetID
	if a.run.resumed {
		if r := a.settleWhole(ctx, i, item); r.Outcome != change.Pending {
			return r
		}
	}
	switch item.Patch.Op {
	case change.Archive:
		return a.vanished(ctx, i, a.client.Contacts.Archive(ctx, id), a.contactGone(id), true)
	case change.Unarchive:
		return a.vanished(ctx, i, a.client.Contacts.Unarchive(ctx, id), a.contactGone(id), false)
	case change.Delete:
		return a.vanished(ctx, i, a.client.Contacts.Delete(ctx, id), a.contactGone(id), true)
	case change.Merge:
		_, err := a.client.Contacts.Merge(ctx, intercom.Merge{From: id, Into: item.Patch.Into.ID})
		return a.mergedNow(ctx, i, item, err)
	case change.DeleteTag:
		return a.vanished(ctx, i, a.client.Tags.Delete(ctx, id), a.tagGone(id), true)
	case change.Block:
		return a.answeredYes(ctx, i, a.client.Contacts.Block(ctx, id), "Intercom does not show who is blocked")
	case change.DeleteCompany:
		return a.answeredYes(ctx, i, a.client.Companies.Delete(ctx, id), "Intercom deletes companies in its own time")
	}
	return change.Recorded{Index: i, Outcome: change.Failed, Failure: change.Failure{
		Code: string(toolerr.Internal), Reason: fmt.Sprintf("this version cannot %s", item.Patch.Op)}}
}

// settleWhole says what reading proves of an operation that may have been done
// before. It leaves an item pending that was not done.
func (a *applier) settleWhole(ctx context.Context, i int, item change.Item) change.Recorded {
	done := false
	switch item.Patch.Op {
	case change.Archive, change.Delete:
		err := a.contactGone(item.TargetID)(ctx)
		if intercom.KindOf(err) == intercom.KindMerged { // which is neither
			return change.Recorded{Index: i, Outcome: change.Failed, Failure: a.cause(ctx, err)}
		}
		done = directory.Gone(err)
	case change.Merge:
		return a.settleMerge(ctx, i, item)
	case change.Unarchive:
		done = a.contactGone(item.TargetID)(ctx) == nil
	case change.DeleteTag:
		done = directory.Gone(a.tagGone(item.TargetID)(ctx))
	case change.DeleteCompany:
		_, err := a.client.Companies.Get(ctx, item.TargetID)
		done = directory.Gone(err)
	}
	if done {
		return change.Recorded{Index: i, Outcome: change.Changed}
	}
	return change.Recorded{Index: i}
}

// settleMerge does so for a merge.
func (a *applier) settleMerge(ctx context.Context, i int, item change.Item) change.Recorded {
	why := a.contactGone(item.TargetID)(ctx)
	if !directory.Gone(why) {
		return change.Recorded{Index: i}
	}
	return a.mergedWhere(ctx, i, item, why)
}

// mergedNow decides what became of a merge that was sent.
func (a *applier) mergedNow(ctx context.Context, i int, item change.Item, sent error) change.Recorded {
	switch {
	case sent != nil && whereMerged(sent) == item.Patch.Into.ID: // by somebody else
		return change.Recorded{Index: i, Outcome: change.Unchanged}
	case sent != nil && !definite(sent):
		if why := a.contactGone(item.TargetID)(ctx); directory.Gone(why) {
			return a.mergedWhere(ctx, i, item, why)
		}
	}
	return a.vanished(ctx, i, sent, a.contactGone(item.TargetID), true)
}

// whereMerged is the contact into which the error says that another was merged,
// or "".
func whereMerged(err error) string {
	var upstream *intercom.Error
	if errors.As(err, &upstream) && upstream.Kind() == intercom.KindMerged {
		return upstream.MergedInto
	}
	return ""
}

// mergedWhere decides about a lead that is gone. It was merged as it was to be,
// or elsewhere, or not at all.
func (a *applier) mergedWhere(ctx context.Context, i int, item change.Item, why error) change.Recorded {
	r := change.Recorded{Index: i, Outcome: change.Changed}
	if whereMerged(why) == item.Patch.Into.ID {
		return r
	}
	for merged, err := range a.client.Contacts.MergeHistoryAll(ctx, item.Patch.Into.ID, intercom.PageOptions{}) {
		if err != nil {
			r.Outcome, r.Failure = change.Unknown, unknownOutcome("it is gone, and whether into "+item.Patch.Into.ID+" could not be read: "+a.explain(ctx, err).Error(), "get_contact")
			return r
		}
		if merged.SourceID == item.TargetID {
			return r
		}
	}
	r.Outcome, r.Failure = change.Failed, a.cause(ctx, why)
	return r
}

// wholeRead reads what an operation is done to.
func (a *applier) wholeRead(item change.Item) func(context.Context) error {
	if item.Patch.Op == change.DeleteTag {
		return a.tagGone(item.TargetID)
	}
	return a.contactGone(item.TargetID)
}

// contactGone reads a contact, to see whether it is still there.
func (a *applier) contactGone(id string) func(context.Context) error {
	return func(ctx context.Context) error { _, err := a.client.Contacts.Get(ctx, id); return err }
}

// tagGone reads a tag, and lets the names of tags be read anew.
func (a *applier) tagGone(id string) func(context.Context) error {
	return func(ctx context.Context) error {
		if _, err := a.lists.Tags.Younger(ctx, 0); err != nil {
			return err
		}
		_, err := a.client.Tags.Get(ctx, id)
		return err
	}
}

// vanished decides by whether the record can be read afterwards: Intercom
// shows what is archived, deleted or merged to nobody who asks for its id. Who
// was merged into another by somebody else is neither archived nor deleted.
func (a *applier) vanished(ctx context.Context, i int, sent error, read func(context.Context) error, want bool) change.Recorded {
	err := read(ctx)
	r := change.Recorded{Index: i}
	switch {
	case err != nil && !directory.Gone(err):
		r.Outcome, r.Failure = change.Unknown, unknownOutcome("it could not be read back: "+a.explain(ctx, err).Message, checkWith(a.change.Items[i].Patch))
	case sent != nil && !definite(sent) && intercom.KindOf(err) == intercom.KindMerged:
		r.Outcome, r.Failure = change.Failed, a.cause(ctx, err)
	case directory.Gone(err) == want && (sent == nil || !definite(sent)):
		r.Outcome = change.Changed
	case sent != nil:
		r.Outcome, r.Failure = change.Failed, disproved(a.cause(ctx, sent))
	default:
		r.Outcome = change.Failed
		r.Failure = change.Failure{Code: string(toolerr.InvalidArgument), Reason: "Intercom accepted it, but reading back shows no change"}
	}
	return r
}

// definite reports whether an error is Intercom's own no, so that what is
// read back afterwards was so before.
func definite(err error) bool {
	kind := intercom.KindOf(err)
	return kind != intercom.KindOutcomeUnknown && kind != intercom.KindUnavailable
}

// answeredYes decides by Intercom's answer, where nothing can be read back.
func (a *applier) answeredYes(ctx context.Context, i int, sent error, why string) change.Recorded {
	r := change.Recorded{Index: i, Outcome: change.Changed}
	switch {
	case sent == nil:
	case intercom.KindOf(sent) == intercom.KindOutcomeUnknown:
		r.Outcome, r.Failure = change.Unknown, unknownOutcome(a.explain(ctx, sent).Message+" "+why+".", checkWith(a.change.Items[i].Patch))
	default:
		r.Outcome, r.Failure = change.Failed, a.cause(ctx, sent)
	}
	return r
}

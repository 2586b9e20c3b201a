package tools

import (
	"context"

	"intercom-mcp/policy/change"
)

// writeArchived archives or unarchives a contact and reads it back: Intercom
// shows an archived contact to nobody who asks for its id.
func (a *applier) writeArchived(ctx context.Context, i int, item change.Item) change.Recorded {
	write := a.client.Contacts.Archive
	if item.Patch.Op == change.Unarchive {
		write = a.client.Contacts.Unarchive
	}
	sent := write(ctx, item.Contact)
	_, err := a.client.Contacts.Get(ctx, item.Contact)
	r := change.Recorded{Index: i}
	switch {
	case err != nil && !gone(err):
		r.Outcome, r.Failure = change.Unknown, unknownOutcome("it could not be read back: "+a.explain(ctx, err).Error(), "get_contact")
	case gone(err) == (item.Patch.Op == change.Archive):
		r.Outcome = change.Changed
	case sent != nil:
		r.Outcome, r.Failure = change.Failed, a.cause(ctx, sent)
	default:
		r.Outcome = change.Failed
		r.Failure = change.Failure{Code: string(InvalidArgument), Reason: "Intercom accepted it, but reading back shows no change"}
	}
	return r
}

package engine

import (
	"context"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/exports"
)

// cutAgain is how long after a failure it is tried again to cut off what is old.
const cutAgain = time.Hour

// CutOld exports the part of the audit trail that is older than the policy keeps it, with its changes, and cuts it off,
// a bounded part of it at a time. It returns when to do so again. While it fails, all of it is kept, and a warning is
// logged once.
func (r *Resumer) CutOld(ctx context.Context) (again time.Duration) {
	keep, cuts := r.engine.policy().Retention, r.engine.store.Shared().Cuts
	if keep.Records == 0 || cuts == nil {
		return 0 // a policy may be read anew
	}
	// Whole days, so that servers that try at the same time, and those that try again, export the same.
	before := time.Now().Add(-keep.Records).UTC().Truncate(24 * time.Hour)
	cut, err := exports.Cut(ctx, cuts, before, keep.Folder)
	if err == nil && cut.From == 0 {
		err = r.expireOverdue(ctx, before) // so that it may be cut the next time
	}
	switch {
	case errors.Is(err, context.Canceled):
		return cutAgain
	case errors.Is(err, change.ErrStatusChanged):
		return 0 // another server was quicker, or somebody wrote to what was exported
	case err != nil:
		if !r.uncut.Swap(true) {
			r.engine.log.WarnContext(ctx, "cutting off what is older than the policy keeps it; all of it is kept", "err", err)
		}
		return cutAgain
	}
	r.uncut.Store(false)
	if cut.From == 0 {
		return PurgeEvery
	}
	r.engine.log.InfoContext(ctx, "cut off and exported the oldest changes and events", "from", cut.From, "to", cut.To.Seq,
		"changes", len(cut.Changes), "folder", keep.Folder)
	return 0 // more may be left
}

// expireOverdue has the changes that were created before a time, and that nobody confirmed in time, be expired on
// record, too: what waits is not cut.
func (r *Resumer) expireOverdue(ctx context.Context, before time.Time) error {
	for c, err := range r.engine.listed(ctx, "", change.Query{Status: change.StatusAwaiting, Before: before}) {
		if err != nil {
			return err
		}
		if !c.Overdue(time.Now()) {
			continue
		}
		step := change.Step{To: change.StatusExpired, At: time.Now(), Actor: change.Actor{By: change.Server}}
		_, err := r.engine.store.Advance(ctx, c.ID, step)
		if err != nil && !errors.Is(err, change.ErrStatusChanged) && !errors.Is(err, change.ErrNotFound) {
			return err
		}
	}
	return nil
}

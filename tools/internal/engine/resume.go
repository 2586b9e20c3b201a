package engine

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

const (
	ResumeFirst = time.Second      // after the start, off its critical path
	resumeEvery = 30 * time.Second // other processes may die later
	// approvedEvery is how often a server looks for what people approved, where they can.
	approvedEvery = time.Second
	PurgeEvery    = 24 * time.Hour
	// resumedTogether is of how many principals changes are resumed at the same time.
	resumedTogether = 4
	// KeepFor is how long the values that changes wrote, and those before them, are kept where no policy says so.
	KeepFor = 90 * 24 * time.Hour
)

// Resumer takes up the changes whose process died, purges old values, and cuts off what is old. Its work belongs to its
// engine. It is safe for concurrent use.
type Resumer struct {
	engine    *Engine
	approvers bool
	resumable func(ctx context.Context, c *change.Change) (change.Decide, bool)
	resuming  *semaphore.Weighted // one unit for each principal whose changes are resumed
	failing   atomic.Bool         // the store failed at the last look, which was logged
	uncut     atomic.Bool         // what is old could not be cut off the last time, which was logged
}

// NewResumer returns what resumes changes by an engine; approvers tells that people may approve some. resumable reports
// whether this server may begin a change that was allowed and not begun, and has the last word about it as a
// [change.Decide]. False leaves it to another server.
func NewResumer(e *Engine, approvers bool,
	resumable func(ctx context.Context, c *change.Change) (change.Decide, bool)) *Resumer {
	return &Resumer{engine: e, approvers: approvers, resumable: resumable,
		resuming: semaphore.NewWeighted(resumedTogether)}
}

// Resume periodically resumes changes whose owner's lease has expired, begins those that people approved, within about
// a second, purges values that are older than the policy keeps them, and exports and cuts off records and trail that
// are, until the engine ends. It returns at once. A server that may only read does none of it.
func (r *Resumer) Resume() {
	var purged, cut time.Time
	every := resumeEvery
	if r.approvers {
		every = approvedEvery
	}
	r.engine.each(ResumeFirst, func(ctx context.Context) (pause time.Duration) {
		if !r.engine.policy().Mode.Allows(policy.Write) {
			return every
		}
		if begun := r.claim(ctx); len(begun) > 0 {
			r.engine.runs.working.Go(func() { r.resume(ctx, begun) })
		}
		if time.Since(purged) > PurgeEvery {
			r.PurgeOld(ctx)
			purged = time.Now()
		}
		if !time.Now().Before(cut) {
			cut = time.Now().Add(r.CutOld(ctx))
		}
		return every
	})
}

// PurgeOld drops the values of old changes from the store, which otherwise would grow for ever and keep what was
// deleted in Intercom.
func (r *Resumer) PurgeOld(ctx context.Context) {
	n, err := r.engine.store.PurgeValues(ctx, time.Now().Add(-cmp.Or(r.engine.policy().Retention.Values, KeepFor)))
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		r.engine.log.WarnContext(ctx, "purging the values of old changes", "err", err)
	case n > 0:
		r.engine.log.InfoContext(ctx, "purged the values of old changes", "changes", n)
	}
}

// ResumeInterrupted takes over what was interrupted, and returns when that is done: the changes of a principal one
// after another, and those of at most four principals at the same time.
func (r *Resumer) ResumeInterrupted(ctx context.Context) { r.resume(ctx, r.claim(ctx)) }

// claim takes over what was interrupted, begins what was not begun, and returns the rest.
func (r *Resumer) claim(ctx context.Context) (begun []change.Change) {
	interrupted, err := r.engine.store.ClaimInterrupted(ctx)
	if err != nil {
		if !errors.Is(err, context.Canceled) && !r.failing.Swap(true) {
			r.engine.log.WarnContext(ctx, "looking for interrupted changes", "err", err)
		}
		return nil
	}
	r.failing.Store(false)
	for _, c := range interrupted {
		if ctx.Err() != nil {
			return begun // the rest is left to its leases
		}
		r.engine.log.InfoContext(ctx, "resuming a change", "change", c.ID, "status", c.Status, "pending",
			change.CountItems(c.Items).Pending)
		if c.Status != change.StatusApproved {
			begun = append(begun, c)
		} else if err := r.startOrphaned(ctx, c); err != nil {
			r.engine.log.WarnContext(ctx, "beginning what was left", "change", c.ID, "err", err)
		}
	}
	return begun
}

// resume goes on with changes that were begun, as ResumeInterrupted says.
func (r *Resumer) resume(ctx context.Context, begun []change.Change) {
	var principals []string // in the order of their first changes
	of := make(map[string][]change.Change)
	for _, c := range begun {
		if of[c.Principal] == nil {
			principals = append(principals, c.Principal)
		}
		of[c.Principal] = append(of[c.Principal], c)
	}
	var working sync.WaitGroup
	defer working.Wait()
	for _, principal := range principals {
		if r.resuming.Acquire(ctx, 1) != nil {
			return // the rest is left to its leases
		}
		working.Go(func() {
			defer r.resuming.Release(1)
			r.resumeEach(ctx, of[principal])
		})
	}
}

// resumeEach goes on with changes that were begun, one after another.
func (r *Resumer) resumeEach(ctx context.Context, begun []change.Change) {
	for _, c := range begun {
		if ctx.Err() != nil || !r.engine.runs.begin() {
			return // the rest is left to its leases
		}
		r.goOn(ctx, c)
	}
}

// withdrawn reports whether the access of a change's principal is known to be withdrawn.
func (r *Resumer) withdrawn(c *change.Change) bool {
	return r.engine.gone != nil && r.engine.gone(c.Principal)
}

// goOn goes on with a change whose work was begun, as a piece of work that the engine has begun. Of a principal whose
// access was withdrawn while nobody was there to stop the change, it is stopped, as [Engine.StopAllOf] would have done.
func (r *Resumer) goOn(ctx context.Context, c change.Change) {
	if r.withdrawn(&c) {
		err := r.engine.StopChange(ctx, c.ID, Withdrawal, whyWithdrawn)
		if err != nil && !errors.Is(err, change.ErrStatusChanged) {
			r.engine.log.WarnContext(ctx, "stopping a change whose principal's access was withdrawn", "change", c.ID, "err", err)
			r.engine.runs.working.Done()
			return // the rest is left to its lease
		}
	}
	r.engine.execute(ctx, r.engine.runs.register(c, resumed), c)
}

// TakeUp goes on with the change id where its owner's lease has expired, as [Resumer.Resume] would in time, and returns
// at once. It reports whether it did. A server that may only read leaves the change.
func (r *Resumer) TakeUp(ctx context.Context, id string) bool {
	if r.engine.runs.find(id) != nil || !r.engine.policy().Mode.Allows(policy.Write) {
		return false
	}
	interrupted, err := r.engine.store.ClaimInterrupted(ctx, id)
	for _, c := range interrupted {
		switch {
		case c.Status == change.StatusApproved:
			err = r.startOrphaned(ctx, c)
		case r.engine.runs.begin():
			go r.goOn(ctx, c)
		}
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		r.engine.log.WarnContext(ctx, "taking up a change", "change", id, "err", err)
	}
	return len(interrupted) > 0
}

// startOrphaned begins a change that was allowed and recorded by a process that died before it began: whoever called it
// got no answer, and may learn from the record that it is done. It is over where the policy would not allow it now, or
// too much time has passed. What Intercom holds meanwhile is checked as for every change that is begun a while after
// its plan.
func (r *Resumer) startOrphaned(ctx context.Context, c change.Change) error {
	decide, ok := r.resumable(ctx, &c)
	if !ok {
		return nil // for a server that offers the tool
	}
	by := change.Actor{By: change.Server}
	switch {
	case r.withdrawn(&c):
		return r.abandonUnstarted(ctx, c, change.StatusCancelled, Withdrawal, whyWithdrawn)
	case c.Overdue(time.Now()):
		return r.abandonUnstarted(ctx, c, change.StatusExpired, by, "")
	}
	_, err := r.engine.Start(ctx, c, change.Step{Decide: decide})
	var refused *toolerr.Error
	var frozen *change.FrozenError
	switch {
	case errors.Is(err, change.ErrStatusChanged), errors.As(err, &frozen):
		return nil // another process was quicker, or it waits until it may begin or expires
	case errors.As(err, &refused) && refused.Code == toolerr.Busy && (c.Unowned() || r.engine.Ending()):
		return nil // likewise: another change may still write the same, or the server is stopping
	case errors.As(err, &refused) && c.Unowned():
		return r.abandonUnstarted(ctx, c, change.StatusCancelled, by, "it was approved, and not begun: "+refused.Message)
	case errors.As(err, &refused) && refused.Code == toolerr.Busy:
		return r.abandonUnstarted(ctx, c, change.StatusCancelled, by,
			"the server was stopped before it began, and then another change wrote the same")
	case errors.As(err, &refused):
		return r.abandonUnstarted(ctx, c, change.StatusCancelled, by,
			"the server was stopped before it began, and the policy would not allow it now")
	}
	return err
}

// abandonUnstarted ends a change that was not begun.
func (r *Resumer) abandonUnstarted(ctx context.Context, c change.Change, to change.Status, by change.Actor,
	why string) error {
	step := change.Step{To: to, At: time.Now(), Actor: by, Reason: why}
	_, err := r.engine.store.Advance(ctx, c.ID, step)
	if errors.Is(err, change.ErrStatusChanged) {
		return nil // another process was quicker
	}
	return err
}

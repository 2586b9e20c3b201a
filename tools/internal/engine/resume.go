package engine

import (
	"context"
	"errors"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

const (
	ResumeFirst = time.Second      // after the start, off its critical path
	resumeEvery = 30 * time.Second // other processes may die later
	PurgeEvery  = 24 * time.Hour
	// KeepFor is how long the values that changes wrote, and those before them, are kept.
	KeepFor = 90 * 24 * time.Hour
)

// Resume periodically resumes changes whose owner's lease has expired, and purges values older than 90 days, until the
// engine ends. It returns at once; the work belongs to the engine. One that may only read does neither.
func (e *Engine) Resume() {
	e.runs.working.Go(func() {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		e.runs.working.Go(func() {
			select {
			case <-e.runs.quit:
				stop()
			case <-ctx.Done():
			}
		})
		var purged time.Time
		for pause := ResumeFirst; ; pause = resumeEvery {
			timer := time.NewTimer(pause)
			select {
			case <-timer.C:
			case <-e.runs.quit:
				timer.Stop()
				return
			}
			if e.policy().Mode.Allows(policy.Write) {
				e.ResumeInterrupted(ctx)
				if time.Since(purged) > PurgeEvery {
					e.PurgeOld(ctx)
					purged = time.Now()
				}
			}
		}
	})
}

// PurgeOld drops the values of old changes from the store, which otherwise would grow for ever and keep what was
// deleted in Intercom.
func (e *Engine) PurgeOld(ctx context.Context) {
	n, err := e.store.PurgeValues(ctx, time.Now().Add(-KeepFor))
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		e.log.WarnContext(ctx, "purging the values of old changes", "err", err)
	case n > 0:
		e.log.InfoContext(ctx, "purged the values of old changes", "changes", n)
	}
}

// ResumeInterrupted takes over what was interrupted, one change after another, and returns when that is done.
func (e *Engine) ResumeInterrupted(ctx context.Context) {
	interrupted, err := e.store.ClaimInterrupted(ctx)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			e.log.WarnContext(ctx, "looking for interrupted changes", "err", err)
		}
		return
	}
	for _, c := range interrupted {
		if ctx.Err() != nil {
			return // the rest is left to its leases
		}
		e.log.InfoContext(ctx, "resuming a change", "change", c.ID, "status", c.Status, "pending",
			change.CountItems(c.Items).Pending)
		if c.Status == change.StatusApproved {
			if err := e.startOrphaned(ctx, c); err != nil {
				e.log.WarnContext(ctx, "beginning what was left", "change", c.ID, "err", err)
			}
			continue
		}
		if !e.runs.begin() {
			return
		}
		e.execute(ctx, e.runs.register(c, true), c)
	}
}

// TakeUp goes on with the change id where its owner's lease has expired, as [Engine.Resume] would in time, and returns
// at once: the work belongs to the engine. It reports whether it did. One that may only read leaves the change.
func (e *Engine) TakeUp(ctx context.Context, id string) bool {
	if e.runs.find(id) != nil || !e.policy().Mode.Allows(policy.Write) {
		return false
	}
	interrupted, err := e.store.ClaimInterrupted(ctx, id)
	for _, c := range interrupted {
		switch {
		case c.Status == change.StatusApproved:
			err = e.startOrphaned(ctx, c)
		case e.runs.begin():
			go e.execute(ctx, e.runs.register(c, true), c)
		}
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		e.log.WarnContext(ctx, "taking up a change", "change", id, "err", err)
	}
	return len(interrupted) > 0
}

// startOrphaned begins a change that was allowed and recorded by a process that died before it began: whoever called it
// got no answer, and may learn from the record that it is done. It is over where the policy would not allow it now, or
// too much time has passed. What Intercom holds meanwhile is checked as for every change that is begun a while after
// its plan.
func (e *Engine) startOrphaned(ctx context.Context, c change.Change) error {
	decide, ok := e.resumable(&c)
	if !ok {
		return nil // for a server that offers the tool
	}
	if c.Overdue(time.Now()) {
		return e.AbandonUnstarted(ctx, c, change.StatusExpired, "")
	}
	_, err := e.Start(ctx, c, change.Step{Decide: decide})
	var refused *toolerr.Error
	switch {
	case errors.Is(err, change.ErrStatusChanged):
		return nil // another process was quicker
	case errors.As(err, &refused) && refused.Code != toolerr.Busy:
		return e.AbandonUnstarted(ctx, c, change.StatusCancelled,
			"the server was stopped before it began, and the policy would not allow it now")
	}
	return err
}

// AbandonUnstarted ends a change that was not begun.
func (e *Engine) AbandonUnstarted(ctx context.Context, c change.Change, to change.Status, why string) error {
	step := change.Step{To: to, At: time.Now(), Actor: change.Actor{By: change.Server}, Reason: why}
	_, err := e.store.Advance(ctx, c.ID, step)
	if errors.Is(err, change.ErrStatusChanged) {
		return nil // another process was quicker
	}
	return err
}

package tools

import (
	"context"
	"errors"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

const (
	resumeFirst = time.Second      // after the start, off its critical path
	resumeEvery = 30 * time.Second // other processes may die later
	forgetEvery = 24 * time.Hour
	// keepFor is how long it is kept what changes wrote, and what was there before.
	keepFor = 90 * 24 * time.Hour
)

// Resume goes on with changes whose process died while applying them, or just
// before, now and then until the pipeline is closed; and has the store forget
// what is old. It returns at once; the work belongs to the pipeline. A pipeline
// that may only read does neither.
func (p *Pipeline) Resume() {
	p.running.Go(func() {
		var forgot time.Time
		for pause := resumeFirst; ; pause = resumeEvery {
			timer := time.NewTimer(pause)
			select {
			case <-timer.C:
			case <-p.stopped.Done():
				timer.Stop()
				return
			}
			if p.current().Mode.Allows(policy.Write) {
				p.resumeInterrupted(p.stopped)
				if time.Since(forgot) > forgetEvery {
					p.forgetOld(p.stopped)
					forgot = time.Now()
				}
			}
		}
	})
}

// forgetOld has the store forget what old changes wrote, so that it does not grow
// for ever, nor keep for ever what was deleted in Intercom.
func (p *Pipeline) forgetOld(ctx context.Context) {
	n, err := p.store.PurgeValues(ctx, time.Now().Add(-keepFor))
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		p.log.WarnContext(ctx, "forgetting old changes", "err", err)
	case n > 0:
		p.log.InfoContext(ctx, "forgot what old changes wrote", "changes", n)
	}
}

// resumeInterrupted takes over what was interrupted, one change after another.
func (p *Pipeline) resumeInterrupted(ctx context.Context) {
	interrupted, err := p.store.ClaimInterrupted(ctx)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			p.log.WarnContext(ctx, "looking for interrupted changes", "err", err)
		}
		return
	}
	for _, c := range interrupted {
		if ctx.Err() != nil {
			return // the rest is left to its leases
		}
		p.log.InfoContext(ctx, "resuming a change", "change", c.ID, "status", c.Status, "pending", change.CountItems(c.Items).Pending)
		if c.Status == change.StatusApproved {
			if err := p.beginLeft(ctx, c); err != nil {
				p.log.WarnContext(ctx, "beginning what was left", "change", c.ID, "err", err)
			}
			continue
		}
		if !p.admit() {
			return
		}
		r, stopped := p.enlist(c, true)
		p.carry(ctx, stopped, r, c)
	}
}

// errLeft tells that a change is left as it is, to be resumed another time.
var errLeft = errors.New("left to be resumed another time")

// leaves reports whether what is not sent yet is to be left for another time. What was
// resumed is none of those whom this server is stopped for.
func (a *applier) leaves() bool {
	return a.stopped.Err() != nil && (a.paused.Load() || a.run.resumed) && !a.cancelled()
}

// cancelled reports whether the change was taken back.
func (a *applier) cancelled() bool { return errors.Is(context.Cause(a.stopped), errCancelled) }

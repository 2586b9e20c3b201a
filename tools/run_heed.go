package tools

import (
	"context"
	"errors"
	"sync"
	"time"

	"intercom-mcp/policy/change"
)

// heedEvery is how often it is looked whether another process wants a change to
// be stopped.
const heedEvery = time.Second

// markWithin is how long it is tried to put on record that a change is stopped for
// good, while the process ends.
const markWithin = 3 * time.Second

// stopForGood has whoever goes on with a change, where this process does not live to
// end it, send nothing more: only read back what was sent. It is tried for longer than
// the work itself may go on, since nothing else keeps the rest from being sent. What
// was resumed is none of those whom this process is stopped for.
func (p *Pipeline) stopForGood(ctx context.Context, r *run, id string) {
	if p.paused.Load() || r.resumed {
		return
	}
	ctx, enough := context.WithTimeout(context.WithoutCancel(ctx), markWithin)
	defer enough()
	switch err := p.store.RequestStop(ctx, id, "the server", "it ended before the change did"); {
	case err == nil, errors.Is(err, change.ErrStatusChanged): // it has ended
		r.marked.Store(true)
	default:
		p.log.ErrorContext(ctx, "a change is stopped, and that is not on record: what is left of it may be sent yet", "change", id, "err", err)
	}
}

// heedCancel stops a run when another process asks for it, until ctx ends. A
// resumed one may have been asked already. It returns how to wait for that end.
func (p *Pipeline) heedCancel(ctx context.Context, r *run, id string) (wait func()) {
	heed := func() bool {
		_, asked, err := p.store.StopRequested(ctx, id)
		if err != nil && ctx.Err() == nil {
			p.log.WarnContext(ctx, "looking whether a change is to be stopped", "change", id, "err", err)
		}
		if asked {
			r.cancel(errCancelled)
		}
		return asked
	}
	if r.resumed && heed() {
		return func() {}
	}
	stopping := p.stopped.Done()
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(heedEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				if stopping != nil && p.stopped.Err() != nil { // both came at once
					p.stopForGood(ctx, r, id)
				}
				return
			case <-stopping:
				stopping = nil
				p.stopForGood(ctx, r, id)
			case <-ticker.C:
				if heed() {
					return
				}
			}
		}
	})
	return watching.Wait
}

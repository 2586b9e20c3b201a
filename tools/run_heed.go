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

// stopForGood has whoever goes on with a change, where this process does not live to
// end it, send nothing more: only read back what was sent.
func (p *Pipeline) stopForGood(ctx context.Context, id string) {
	if p.paused.Load() {
		return
	}
	if err := p.store.AskCancel(ctx, id); err != nil && !errors.Is(err, change.ErrMoved) && ctx.Err() == nil {
		p.log.WarnContext(ctx, "having a change stopped for good", "change", id, "err", err)
	}
}

// heedCancel stops a run when another process asks for it, until ctx ends. A
// resumed one may have been asked already. It returns how to wait for that end.
func (p *Pipeline) heedCancel(ctx context.Context, r *run, id string, resumed bool) (wait func()) {
	heed := func() bool {
		asked, err := p.store.CancelAsked(ctx, id)
		if err != nil && ctx.Err() == nil {
			p.log.WarnContext(ctx, "looking whether a change is to be stopped", "change", id, "err", err)
		}
		if asked {
			r.cancel(errCancelled)
		}
		return asked
	}
	if resumed && heed() {
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
				return
			case <-stopping:
				stopping = nil
				p.stopForGood(ctx, id)
			case <-ticker.C:
				if heed() {
					return
				}
			}
		}
	})
	return watching.Wait
}

package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"intercom-mcp/policy/change"
)

// watchEvery is the interval at which a run looks for a reason to stop: a request of another process, or a policy that
// now denies the change.
const watchEvery = time.Second

// PersistWithin bounds the attempt to put a stop on record while the process ends.
const PersistWithin = 3 * time.Second

// persistStop persists a stop, so that a process that resumes the change only reconciles and sends nothing. The attempt
// may outlast the work itself, since nothing else keeps the rest from being sent.
func (e *Engine) persistStop(ctx context.Context, r *run, id string) {
	if !stopRules[r.halt.get()].persist || r.tried.Load() {
		return
	}
	ctx, enough := context.WithTimeout(context.WithoutCancel(ctx), PersistWithin)
	defer enough()
	r.tried.Store(true)
	switch err := e.store.RequestStop(ctx, id, change.Actor{By: change.Server}, r.halt.reason()); {
	case err == nil, errors.Is(err, change.ErrStatusChanged): // it has ended
		r.persisted.Store(true)
	default:
		e.log.ErrorContext(ctx, "a change is stopped, and that is not on record: what is left of it may be sent yet",
			"change", id, "err", err)
	}
}

// watch stops a run when somebody asks for it, or the policy in force denies it, and leaves it when the engine abandons
// its work, until ctx ends. A resumed run may have been asked, or denied, already. It returns how to wait for the end.
func (e *Engine) watch(ctx context.Context, leave context.CancelFunc, r *run, c *change.Change) (wait func()) {
	revision := c.Revision
	if r.resumed {
		revision = "" // decided anew
		e.lookForStop(ctx, r, c, &revision)
	}
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(watchEvery)
		defer ticker.Stop()
		stopped := r.halt.done
		for {
			select {
			case <-ctx.Done():
				e.persistStop(ctx, r, c.ID) // where both came at once
				return
			case <-e.runs.abandoned:
				leave()
				e.persistStop(ctx, r, c.ID)
				return
			case <-stopped:
				stopped = nil
				ticker.Stop()
				e.persistStop(ctx, r, c.ID)
			case <-ticker.C:
				e.lookForStop(ctx, r, c, &revision)
			}
		}
	})
	return watching.Wait
}

// lookForStop stops a run that a recorded request, or the policy in force, wants to be stopped. revision is the policy
// that was asked last.
func (e *Engine) lookForStop(ctx context.Context, r *run, c *change.Change, revision *string) {
	request, asked, err := e.store.StopRequested(ctx, c.ID)
	if err != nil && ctx.Err() == nil {
		e.log.WarnContext(ctx, "looking whether a change is to be stopped", "change", c.ID, "err", err)
	}
	if asked {
		r.halt.set(cancelled, request)
		return
	}
	now := e.policy().Revision
	if now == *revision {
		return
	}
	*revision = now
	if why := e.denied(c); why != "" {
		e.log.WarnContext(ctx, "a change is stopped: the policy in force denies it", "change", c.ID, "why", why)
		r.halt.set(forbidden, change.StopRequest{})
	}
}

// StopChange stops the work on a change, here or in another process, and returns at once. It returns
// [change.ErrStatusChanged] where the change is not being applied.
func (e *Engine) StopChange(ctx context.Context, id string, by change.Actor, reason string) error {
	if err := e.store.RequestStop(ctx, id, by, reason); err != nil {
		return err
	}
	if r := e.runs.find(id); r != nil {
		r.halt.set(cancelled, change.StopRequest{By: by.By, Reason: reason})
	}
	return nil
}

// StopAllOf stops what is being applied here for a principal, such as one whose last token was withdrawn.
func (e *Engine) StopAllOf(ctx context.Context, principal string, by change.Actor, reason string) error {
	var failures []error
	for _, id := range e.runs.of(principal) {
		if err := e.StopChange(ctx, id, by, reason); err != nil && !errors.Is(err, change.ErrStatusChanged) {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

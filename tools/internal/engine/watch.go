package engine

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// watchEvery is the interval at which a run looks for a reason to stop: a request of another process, or a policy that
// now denies the change.
const watchEvery = time.Second

// PersistWithin bounds the attempt to put a stop on record while the process ends.
const PersistWithin = 3 * time.Second

// watcher looks, while a run goes on, for reasons to stop it.
type watcher struct {
	engine    *Engine
	run       *run
	id        string
	principal string
	unchanged []bool // of each item: whether it was planned as unchanged
	revision  string // of the policy that was asked last
}

// watch stops a run when somebody asks for it, or the policy in force denies it, and leaves it when the engine abandons
// its work, until ctx ends. A resumed run may have been asked, or denied, already. It returns how to wait for the end;
// it does not keep c.
func (e *Engine) watch(ctx context.Context, leave context.CancelFunc, r *run, c *change.Change) (wait func()) {
	w := &watcher{engine: e, run: r, id: c.ID, principal: c.Principal, unchanged: make([]bool, len(c.Items)),
		revision: c.Revision}
	for i := range c.Items {
		w.unchanged[i] = c.Items[i].Outcome == change.Unchanged
	}
	if r.resumed {
		w.revision = "" // decided anew
		w.look(ctx, func(context.Context) (change.Change, error) { return *c, nil })
	}
	var watching sync.WaitGroup
	watching.Go(func() { w.watch(ctx, leave) })
	return watching.Wait
}

// watch looks every second, until ctx ends or the engine abandons its work.
func (w *watcher) watch(ctx context.Context, leave context.CancelFunc) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	stopped := w.run.halt.done
	for {
		select {
		case <-ctx.Done():
			w.persistStop(ctx) // where both came at once
			return
		case <-w.engine.runs.abandoned:
			leave()
			w.persistStop(ctx)
			return
		case <-stopped:
			stopped = nil
			ticker.Stop()
			w.persistStop(ctx)
		case <-ticker.C:
			w.look(ctx, w.recorded)
		}
	}
}

// recorded reads the change as it was planned: the copy that the run has is written to.
func (w *watcher) recorded(ctx context.Context) (change.Change, error) {
	c, err := w.engine.store.Get(ctx, w.principal, w.id)
	for i := range c.Items {
		if c.Items[i].Outcome = change.Pending; i < len(w.unchanged) && w.unchanged[i] {
			c.Items[i].Outcome = change.Unchanged
		}
	}
	return c, err
}

// look stops the run where a recorded request, or the policy in force, wants it to be stopped.
func (w *watcher) look(ctx context.Context, read func(context.Context) (change.Change, error)) {
	request, asked, err := w.engine.store.Shared().Stops.Requested(ctx, w.id)
	if err != nil && ctx.Err() == nil {
		w.engine.log.WarnContext(ctx, "looking whether a change is to be stopped", "change", w.id, "err", err)
	}
	if asked {
		w.run.halt.set(cancelled, request)
		return
	}
	now := w.engine.policy().Revision
	if now == w.revision {
		return
	}
	c, err := read(ctx)
	if err != nil { // it is asked again the next time
		w.engine.log.WarnContext(ctx, "asking the policy in force about a change", "change", w.id, "err", err)
		return
	}
	w.revision = now
	if why := w.engine.denied(ctx, &c); why != "" {
		w.engine.log.WarnContext(ctx, "a change is stopped: the policy in force denies it", "change", w.id, "why", why)
		w.run.halt.set(forbidden, change.StopRequest{})
	}
}

// persistStop persists a stop, so that a process that resumes the change only reconciles and sends nothing. The attempt
// may outlast the work itself, since nothing else keeps the rest from being sent.
func (w *watcher) persistStop(ctx context.Context) {
	r, id := w.run, w.id
	if !stopRules[r.halt.get()].persist || r.tried.Load() {
		return
	}
	ctx, enough := context.WithTimeout(context.WithoutCancel(ctx), PersistWithin)
	defer enough()
	r.tried.Store(true)
	err := w.engine.store.Shared().Stops.Request(ctx, id, change.Actor{By: change.Server}, r.halt.reason())
	if err == nil || errors.Is(err, change.ErrStatusChanged) { // it has ended
		r.persisted.Store(true)
		return
	}
	w.engine.log.ErrorContext(ctx, "a change is stopped, and that is not on record: what is left of it may be sent yet",
		"change", id, "err", err)
}

// StopChange stops the work on a change, here or in another process, and returns at once. It returns
// [change.ErrStatusChanged] where the change is not being applied.
func (e *Engine) StopChange(ctx context.Context, id string, by change.Actor, reason string) error {
	if err := e.store.Shared().Stops.Request(ctx, id, by, reason); err != nil {
		return err
	}
	if r := e.runs.find(id); r != nil {
		r.halt.set(cancelled, change.StopRequest{By: by.By, Reason: reason})
	}
	return nil
}

// Withdrawal is who ends the changes of a principal whose access was withdrawn.
var Withdrawal = change.Actor{By: "the operator", Level: policy.LevelUser, Method: "token file"}

// whyWithdrawn is why they end that no server met until it took them over.
const whyWithdrawn = "the access of its principal was withdrawn"

// StopAllOf ends what has not ended of a principal's changes, such as one whose last token was withdrawn: what waits,
// and what was approved and has not begun, is cancelled; what is being applied is stopped, here or in another process.
func (e *Engine) StopAllOf(ctx context.Context, principal string, by change.Actor, reason string) error {
	var failures []error
	// In the order in which a change advances: one that advances meanwhile is met again.
	for _, status := range []change.Status{change.StatusAwaiting, change.StatusApproved, change.StatusApplying} {
		for c, err := range e.listed(ctx, principal, change.Query{Status: status}) {
			switch {
			case err != nil:
			case status == change.StatusApplying:
				err = e.StopChange(ctx, c.ID, by, reason)
			default:
				step := change.Step{To: change.StatusCancelled, At: time.Now(), Actor: by, Reason: reason}
				_, err = e.store.Advance(ctx, c.ID, step)
			}
			if err != nil && !errors.Is(err, change.ErrStatusChanged) {
				failures = append(failures, err)
			}
		}
	}
	return errors.Join(failures...)
}

// listedAtOnce is how many changes are read from the store at a time.
const listedAtOnce = 100

// listed lists changes as [change.Store] does, and all of them, without their items. An error is the last.
func (e *Engine) listed(ctx context.Context, principal string, query change.Query) iter.Seq2[*change.Change, error] {
	query.Limit = listedAtOnce
	return func(yield func(*change.Change, error) bool) {
		for {
			list, err := e.store.List(ctx, principal, query)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range list {
				query.After = list[i].Change.ID
				if !yield(&list[i].Change, nil) {
					return
				}
			}
			if len(list) < query.Limit {
				return
			}
		}
	}
}

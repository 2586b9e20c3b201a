package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

const (
	// askedEvery is how often a server looks for what people ask, and retryEvery how often where it cannot.
	askedEvery = time.Second
	retryEvery = 30 * time.Second
	// answerAtOnce is how many requests are answered at the same time.
	answerAtOnce = 4
	// mostTaken is how often a request is taken: a server that answers it may die of it.
	mostTaken = 3
)

// Answerer answers what people ask of the servers by way of the store, and says there that this server is there. Its
// work belongs to its engine. It is safe for concurrent use.
type Answerer struct {
	engine   *Engine
	undo     func(ctx context.Context, r change.Request) change.Answer
	instance func() (i change.Instance, undoes bool)
	slots    *semaphore.Weighted
}

// NewAnswerer returns what answers requests by an engine. undo plans the undo that a person asked for, and begins it
// where that is allowed. instance is this server as others see it, and whether it offers an undo.
func NewAnswerer(
	e *Engine, undo func(context.Context, change.Request) change.Answer, instance func() (change.Instance, bool),
) *Answerer {
	return &Answerer{e, undo, instance, semaphore.NewWeighted(answerAtOnce)}
}

// Serve answers requests within about a second, until the engine ends, and returns at once. A server that may only read
// answers none, and does not say that it is there.
func (a *Answerer) Serve() {
	var seen time.Time
	warned := make(map[string]bool)
	failed := false
	a.engine.each(ResumeFirst, func(ctx context.Context) (pause time.Duration) {
		if !a.engine.policy().Mode.Allows(policy.Write) {
			return askedEvery
		}
		var err error
		if now := time.Now(); now.Sub(seen) >= change.SeenEvery {
			i, _ := a.instance()
			if err = a.engine.store.Shared().Servers.Seen(ctx, i); err == nil {
				err = a.warn(ctx, i, warned)
			}
			seen = now
		}
		if err == nil {
			err = a.answerOpen(ctx)
		}
		if err != nil && ctx.Err() == nil && !failed {
			a.engine.log.WarnContext(ctx, "looking for what people ask", "err", err)
		}
		if failed = err != nil; failed {
			return retryEvery
		}
		return askedEvery
	})
}

// warn tells once of every other server on the store that differs from this one, as while they are updated one by one:
// whichever gets a call decides by its own policy.
func (a *Answerer) warn(ctx context.Context, here change.Instance, warned map[string]bool) error {
	list, err := a.engine.store.Shared().Servers.List(ctx, change.SeenWithin)
	for _, other := range list {
		differences := strings.Join(here.Differences(other), "; ")
		if len(warned) > change.MaxServers {
			clear(warned)
		}
		if key := other.ID + differences; other.ID != here.ID && differences != "" && !warned[key] {
			warned[key] = true
			a.engine.log.WarnContext(ctx, "another server on the same changes differs", "server", other.ID, "how", differences)
		}
	}
	return err
}

// answerOpen takes the requests that are open, as many as there is room for, and begins to answer them.
func (a *Answerer) answerOpen(ctx context.Context) error {
	room := 0
	for a.slots.TryAcquire(1) {
		room++
	}
	if room == 0 {
		return nil
	}
	kinds := []change.RequestKind{change.RequestCheck}
	if _, undoes := a.instance(); undoes {
		kinds = append(kinds, change.RequestUndo)
	}
	taken, err := a.engine.store.Shared().Requests.Take(ctx, change.RequestLease, room, kinds...)
	for _, r := range taken {
		a.engine.runs.working.Go(func() {
			defer a.slots.Release(1)
			a.answer(ctx, r)
		})
	}
	a.slots.Release(int64(room - len(taken)))
	return err
}

// answer answers a request that was taken, unless the engine ends before, or another server has taken it since.
func (a *Answerer) answer(ctx context.Context, r change.Request) {
	ctx, stop := context.WithTimeout(ctx, change.RequestHolds)
	defer stop()
	released := a.renewing(ctx, stop, r)
	answer := a.find(ctx, r)
	released()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		answer = change.Answer{Problem: "it took too long; ask again"}
		ctx = context.WithoutCancel(ctx)
	}
	err := ctx.Err()
	if err == nil {
		err = a.engine.store.Shared().Requests.Answer(ctx, r, answer)
	}
	if err != nil && !errors.Is(err, change.ErrFenced) && !errors.Is(err, context.Canceled) {
		a.engine.log.WarnContext(ctx, "answering a request", "change", r.Change, "kind", r.Kind, "err", err)
	}
}

// renewing renews the lease of a request until the function that it returns is called, and stops the work on it where
// another server has taken it.
func (a *Answerer) renewing(ctx context.Context, stop func(), r change.Request) (released func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	a.engine.runs.working.Go(func() {
		defer close(ended)
		ticker := time.NewTicker(change.RequestLease / 3)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			err := a.engine.store.Shared().Requests.Renew(ctx, r, change.RequestLease)
			if errors.Is(err, change.ErrFenced) {
				stop()
			}
		}
	})
	return func() {
		close(over)
		<-ended
	}
}

// find is the answer to a request.
func (a *Answerer) find(ctx context.Context, r change.Request) (answer change.Answer) {
	defer func() {
		if caught := recover(); caught != nil {
			a.engine.log.ErrorContext(ctx, "answering a request panicked", "change", r.Change, "kind", r.Kind,
				"panic", fmt.Sprint(caught), "stack", string(debug.Stack()))
			answer = change.Answer{Problem: "the server failed at it; its log says more"}
		}
	}()
	switch {
	case r.Taken > mostTaken:
		return change.Answer{Problem: "servers have failed at it, or were stopped; ask again"}
	case r.Kind == change.RequestUndo:
		return a.undo(ctx, r)
	}
	return a.check(ctx, r)
}

// check looks whether what a waiting change touches is still as it was planned.
func (a *Answerer) check(ctx context.Context, r change.Request) change.Answer {
	c, err := a.engine.store.Find(ctx, r.Change)
	switch now := c.StatusAt(time.Now()); {
	case err != nil:
		return change.Answer{Problem: "the change could not be read: " + err.Error()}
	case now != change.StatusAwaiting && now != change.StatusApproved:
		return change.Answer{Problem: "the change waits no more: it is " + string(now)}
	}
	moved, err := a.engine.Check(ctx, c)
	if err != nil {
		return change.Answer{Problem: "its targets could not be read again: " + a.engine.words(&c).Explain(ctx, err).Reason()}
	}
	return change.Answer{Stale: len(moved) > 0, Moved: moved}
}

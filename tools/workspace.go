package tools

import (
	"context"
	"sync/atomic"
	"time"

	"intercom-mcp/intercom"
)

// workspace caches the small lists by which people name things: tags,
// segments, teammates, attributes. A name that is not found refreshes the
// list, so that what was made in Intercom a moment ago is seen.
type workspace struct {
	tags              *cached[[]intercom.Tag]
	segments          *cached[[]intercom.Segment]
	admins            *cached[[]intercom.Admin]
	me                *cached[intercom.Me]
	contactAttributes *cached[[]intercom.DataAttribute]
	companyAttributes *cached[[]intercom.DataAttribute]
}

func newWorkspace(client *intercom.Client) *workspace {
	attributes := func(model intercom.Model) *cached[[]intercom.DataAttribute] {
		return newCached(func(ctx context.Context) ([]intercom.DataAttribute, error) {
			return client.DataAttributes.List(ctx, model, false)
		})
	}
	return &workspace{
		tags:              newCached(client.Tags.List),
		segments:          newCached(client.Segments.List),
		admins:            newCached(client.Admins.List),
		me:                newCached(client.Admins.Me),
		contactAttributes: attributes(intercom.ModelContact),
		companyAttributes: attributes(intercom.ModelCompany),
	}
}

const (
	cacheFor   = 5 * time.Minute // how long a list serves
	cacheFresh = 5 * time.Second // younger than this, a miss does not refresh it
)

// cached is a value that is fetched when first needed and kept for a while.
// Concurrent callers share one fetch; each obeys its own context.
type cached[T any] struct {
	fetch func(context.Context) (T, error)
	turn  turn // whoever has it may read and fetch
	value T
	at    time.Time
	last  atomic.Pointer[T] // value, for those who do not wait; nil before the first
}

func newCached[T any](fetch func(context.Context) (T, error)) *cached[T] {
	return &cached[T]{fetch: fetch, turn: newTurn()}
}

// get returns the value, at most cacheFor old.
func (c *cached[T]) get(ctx context.Context) (T, error) { return c.younger(ctx, cacheFor) }

// younger returns the value if it is younger than age, else fetches it.
func (c *cached[T]) younger(ctx context.Context, age time.Duration) (T, error) {
	if err := c.turn.take(ctx); err != nil {
		var none T
		return none, err
	}
	defer c.turn.give()
	if !c.at.IsZero() && time.Since(c.at) < age {
		return c.value, nil
	}
	value, err := c.fetch(ctx)
	if err != nil {
		return value, err
	}
	c.value, c.at = value, time.Now()
	c.last.Store(&value)
	return value, nil
}

// peek returns the value that was fetched last, however old, without waiting.
func (c *cached[T]) peek() (value T, ok bool) {
	if last := c.last.Load(); last != nil {
		return *last, true
	}
	return value, false
}

// find looks something up in a cached list, refreshing the list once when it
// is not there. The list is returned for the sake of near misses.
func find[T any](ctx context.Context, c *cached[[]T], matches func(T) bool) (found []T, all []T, err error) {
	for _, age := range []time.Duration{cacheFor, cacheFresh} {
		if all, err = c.younger(ctx, age); err != nil {
			return nil, nil, err
		}
		for _, candidate := range all {
			if matches(candidate) {
				found = append(found, candidate)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	return found, all, nil
}

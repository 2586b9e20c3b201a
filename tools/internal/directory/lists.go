package directory

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"intercom-mcp/intercom"
)

// Lists caches the small lists by which people name things: tags, segments, teammates, attributes. A name that is not
// found refreshes the list, so that what was made in Intercom a moment ago is seen.
type Lists struct {
	Tags              *Cached[[]intercom.Tag]
	Segments          *Cached[[]intercom.Segment]
	Admins            *Cached[[]intercom.Admin]
	Me                *Cached[intercom.Me]
	ContactAttributes *Cached[[]intercom.DataAttribute]
	CompanyAttributes *Cached[[]intercom.DataAttribute]
	// SeenValues are the values that contacts' text attributes of few values have, by name, as a sample shows them.
	SeenValues *Cached[map[string][]string]
	// SeenOfCompanies are those of companies' attributes.
	SeenOfCompanies *Cached[map[string][]string]
	// Zone is the time zone of days and times that are written without one; nil stands for the workspace's.
	Zone *time.Location
}

func NewLists(client *intercom.Client) *Lists {
	attributes := func(model intercom.Model) *Cached[[]intercom.DataAttribute] {
		return newCached(func(ctx context.Context) ([]intercom.DataAttribute, error) {
			return client.DataAttributes.List(ctx, model, false)
		})
	}
	return &Lists{
		Tags:              newCached(client.Tags.List),
		Segments:          newCached(client.Segments.List),
		Admins:            newCached(client.Admins.List),
		Me:                newCached(client.Admins.Me),
		ContactAttributes: attributes(intercom.ModelContact),
		CompanyAttributes: attributes(intercom.ModelCompany),
		SeenValues: newCached(func(ctx context.Context) (map[string][]string, error) {
			return seenValues(ctx, client)
		}),
		SeenOfCompanies: newCached(func(ctx context.Context) (map[string][]string, error) {
			return seenOfCompanies(ctx, client)
		}),
		Zone: time.UTC,
	}
}

const (
	cacheFor   = 5 * time.Minute // how long a list serves
	SeenFor    = time.Hour       // how long a sample of values does
	CacheFresh = 5 * time.Second // younger than this, a miss does not refresh it

	fetchTimeout = 30 * time.Second // how long one caller may keep the others waiting
)

// Cached is a value that is fetched when first needed and kept for a while.
// Concurrent callers share one fetch; each obeys its own context.
type Cached[T any] struct {
	fetch func(context.Context) (T, error)
	turn  *semaphore.Weighted // whoever has it may read and fetch
	value T
	odd   []intercom.Unreadable // what of value could not be read, told with it each time
	At    time.Time
	last  atomic.Pointer[T] // value, for those who do not wait; nil before the first
}

func newCached[T any](fetch func(context.Context) (T, error)) *Cached[T] {
	return &Cached[T]{fetch: fetch, turn: semaphore.NewWeighted(1)}
}

// Get returns the value, at most cacheFor old.
func (c *Cached[T]) Get(ctx context.Context) (T, error) { return c.Younger(ctx, cacheFor) }

// Younger returns the value if it is younger than age, else fetches it.
func (c *Cached[T]) Younger(ctx context.Context, age time.Duration) (T, error) {
	if err := c.turn.Acquire(ctx, 1); err != nil {
		var none T
		return none, err
	}
	defer c.turn.Release(1)
	if !c.At.IsZero() && time.Since(c.At) < age {
		intercom.ReportUnreadable(ctx, c.odd...)
		return c.value, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	var odd []intercom.Unreadable
	value, err := c.fetch(intercom.WithUnreadable(ctx, func(u intercom.Unreadable) { odd = append(odd, u) }))
	if err != nil {
		return value, err
	}
	intercom.ReportUnreadable(ctx, odd...)
	c.value, c.odd, c.At = value, odd, time.Now()
	c.last.Store(&value)
	return value, nil
}

// Expire has the next caller fetch the value anew, once Intercom has shown that it is behind. ctx bounds the wait for a
// fetch under way; where it ends first, the value stays.
func (c *Cached[T]) Expire(ctx context.Context) {
	if c.turn.Acquire(ctx, 1) == nil {
		c.At = time.Time{}
		c.turn.Release(1)
	}
}

// Peek returns the value that was fetched last, however old, without waiting.
func (c *Cached[T]) Peek() (value T, ok bool) {
	if last := c.last.Load(); last != nil {
		return *last, true
	}
	return value, false
}

// find looks something up in a cached list, refreshing the list once when it
// is not there. The list is returned for the sake of near misses.
func find[T any](ctx context.Context, c *Cached[[]T], matches func(T) bool) (found []T, all []T, err error) {
	for _, age := range []time.Duration{cacheFor, CacheFresh} {
		if all, err = c.Younger(ctx, age); err != nil {
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

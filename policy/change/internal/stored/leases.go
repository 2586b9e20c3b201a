package stored

import (
	"context"
	"errors"
	"sync"
	"time"

	"intercom-mcp/policy/change"
)

// Leases are those of the changes that a store applies. One goroutine renews them while there are any.
//
// A store never takes over a change that it has or has lost. So its name is enough to tell a worker whose lease has
// expired from the one that took over. They are safe for concurrent use.
type Leases struct {
	every   func() time.Duration                          // between two renewals
	renew   func(ctx context.Context, ids []string) error // of the changes that the store still owns
	mu      sync.Mutex                                    // guards held and running
	held    map[string]bool                               // by id of the change; false once another store has taken over
	running bool                                          // whether renewLoop runs
	closing chan struct{}                                 // closed when no lease is to be renewed any more
	once    sync.Once                                     // closes it
	loops   sync.WaitGroup
}

// NewLeases returns the leases of a store that renews those of some changes by renew, after a pause that every tells.
func NewLeases(every func() time.Duration, renew func(ctx context.Context, ids []string) error) *Leases {
	return &Leases{every: every, renew: renew, held: make(map[string]bool), closing: make(chan struct{})}
}

// Close has no lease be renewed any more.
func (l *Leases) Close() { l.once.Do(func() { close(l.closing) }) }

// Wait returns when nothing is renewed any more.
func (l *Leases) Wait() { l.loops.Wait() }

// Known reports whether the store has the change, or has lost it.
func (l *Leases) Known(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.held[id]
	return known
}

// Fence notes that another store has taken a change over, where err, which it returns, says so.
func (l *Leases) Fence(id string, err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[id] && errors.Is(err, change.ErrFenced) {
		l.held[id] = false
	}
	return err
}

// renewing lists the changes whose leases are to be renewed. Where there are none it returns nil, and renewLoop ends.
func (l *Leases) renewing() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for id, held := range l.held {
		if held {
			ids = append(ids, id)
		}
	}
	l.running = ids != nil
	return ids
}

// Keep starts to renew the leases of those of some changes that are being applied.
func (l *Leases) Keep(changes ...change.Change) {
	for i := range changes {
		if changes[i].Status == change.StatusApplying {
			l.keep(changes[i].ID)
		}
	}
}

func (l *Leases) keep(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[id] = true
	if !l.running {
		l.running = true
		l.loops.Go(l.renewLoop)
	}
}

// Follow keeps the lease of a change that was started, and drops that of one whose run has ended, recorded or not:
// where the end could not be recorded, the lease expires and the change is taken over.
func (l *Leases) Follow(id string, step change.Step, err error) {
	switch {
	case step.To == change.StatusApplying && err == nil:
		l.keep(id)
	case errors.Is(err, change.ErrFenced):
		_ = l.Fence(id, err)
	case change.StatusApplying.CanBecome(step.To):
		l.mu.Lock()
		delete(l.held, id)
		l.mu.Unlock()
	}
}

// renewLoop renews the leases until there are none or the store is closed.
func (l *Leases) renewLoop() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l.loops.Go(func() {
		select {
		case <-l.closing:
			cancel()
		case <-ctx.Done():
		}
	})
	ticker := time.NewTicker(l.every())
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ids := l.renewing()
		if ids == nil {
			return
		}
		// A lease that cannot be renewed now may be at the next tick; if not, the run's own writes fail and say so.
		_ = l.renew(ctx, ids)
	}
}

package stored

import (
	"context"
	"fmt"
	"sync"
	"time"

	"intercom-mcp/policy/change"
)

const (
	// soon is how long an event waits at most for another write to go along with.
	soon = time.Second
	// soonAtEnd is how long the end of the store may take to write what waits.
	soonAtEnd = 2 * time.Second
)

// Backlog are the events that wait for the next write, which takes them. It is safe for concurrent use.
type Backlog struct {
	write   func(context.Context) error // has a write take what waits
	closing chan struct{}               // closed with the store
	once    sync.Once                   // closes it
	timers  sync.WaitGroup

	mu        sync.Mutex     // guards what follows
	events    []change.Event // oldest first
	lost      int            // those beyond [change.MaxWaiting]
	err       error          // why they could not be written the last time; nil where that was not tried
	scheduled bool           // whether a goroutine writes them soon
}

// NewBacklog returns an empty one. Where no other write comes along in time, it calls write.
func NewBacklog(write func(context.Context) error) *Backlog {
	return &Backlog{write: write, closing: make(chan struct{})}
}

// Add adds events at the end, to be written within a second, as [change.Store.AppendSoon] says.
func (b *Backlog) Add(events []change.Event) error {
	for i := range events {
		if events[i].Time.IsZero() {
			events[i].Time = time.Now()
		}
	}
	unscheduled, err := b.put(events)
	if unscheduled {
		b.timers.Go(b.writeSoon)
	}
	return err
}

// put adds events at the end, and reports whether nobody is about to write them.
func (b *Backlog) put(events []change.Event) (unscheduled bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, events...)
	b.bound()
	unscheduled = !b.scheduled
	b.scheduled = true
	if b.err != nil {
		err = fmt.Errorf("%d events wait, %d are lost: %w", len(b.events), b.lost, b.err)
	}
	return unscheduled, err
}

// writeSoon has what waits be written in a moment, unless the store is closed, which writes it.
func (b *Backlog) writeSoon() {
	timer := time.NewTimer(soon)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.closing:
		return
	}
	if b.due() {
		_ = b.write(context.Background()) // a failure is told by the next Add
	}
}

// Take takes the events that wait.
func (b *Backlog) Take() []change.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.events
	b.events = nil
	return taken
}

// Done tells what became of events that were taken: those that were not written wait on.
func (b *Backlog) Done(events []change.Event, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err = err; err != nil {
		b.events = append(events, b.events...)
		b.bound()
	}
}

// Close has nothing be scheduled any more, and writes what waits, in two seconds or not at all.
func (b *Backlog) Close() error {
	b.once.Do(func() { close(b.closing) })
	b.timers.Wait()
	if !b.due() {
		return nil
	}
	ctx, enough := context.WithTimeout(context.Background(), soonAtEnd)
	defer enough()
	err := b.write(ctx)
	b.Take()
	return err
}

// bound drops the newest events beyond what may wait. b.mu is held.
func (b *Backlog) bound() {
	if excess := len(b.events) - change.MaxWaiting; excess > 0 {
		b.events, b.lost = b.events[:change.MaxWaiting], b.lost+excess
	}
}

// due reports whether events wait, when it is time to write them; the next ones are scheduled anew.
func (b *Backlog) due() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.scheduled = false
	return len(b.events) > 0
}

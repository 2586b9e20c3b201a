package sqlite

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

// backlog are the events that wait for the next write. It is safe for concurrent use.
type backlog struct {
	mu        sync.Mutex
	events    []change.Event // oldest first
	lost      int            // those beyond [change.MaxWaiting]
	err       error          // why they could not be written the last time; nil where that was not tried
	scheduled bool           // whether a goroutine writes them soon
}

// add adds events at the end, and reports whether nobody is about to write them.
func (b *backlog) add(events []change.Event) (unscheduled bool, err error) {
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

// take takes the events that wait.
func (b *backlog) take() []change.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.events
	b.events = nil
	return taken
}

// done tells what became of events that were taken: those that were not written wait on.
func (b *backlog) done(events []change.Event, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err = err; err != nil {
		b.events = append(events, b.events...)
		b.bound()
	}
}

// bound drops the newest events beyond what may wait.
func (b *backlog) bound() {
	if excess := len(b.events) - change.MaxWaiting; excess > 0 {
		b.events, b.lost = b.events[:change.MaxWaiting], b.lost+excess
	}
}

// due reports whether events wait, when it is time to write them; the next ones are scheduled anew.
func (b *backlog) due() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.scheduled = false
	return len(b.events) > 0
}

// AppendSoon implements [change.Store].
func (s *Store) AppendSoon(events ...change.Event) error {
	for i := range events {
		if events[i].Time.IsZero() {
			events[i].Time = time.Now()
		}
	}
	unscheduled, err := s.writer.soon.add(events)
	if unscheduled {
		s.writer.loops.Go(func() {
			timer := time.NewTimer(soon)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-s.writer.closing: // Close writes them
				return
			}
			if s.writer.soon.due() {
				_ = s.Append(context.Background()) // a failure is told by the next AppendSoon
			}
		})
	}
	return err
}

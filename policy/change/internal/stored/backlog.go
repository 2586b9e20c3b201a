package stored

import (
	"fmt"
	"sync"

	"intercom-mcp/policy/change"
)

// Backlog are the events that wait for the next write. It is safe for concurrent use.
type Backlog struct {
	mu        sync.Mutex
	events    []change.Event // oldest first
	lost      int            // those beyond [change.MaxWaiting]
	err       error          // why they could not be written the last time; nil where that was not tried
	scheduled bool           // whether a goroutine writes them soon
}

// Add adds events at the end, and reports whether nobody is about to write them.
func (b *Backlog) Add(events []change.Event) (unscheduled bool, err error) {
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

// bound drops the newest events beyond what may wait.
func (b *Backlog) bound() {
	if excess := len(b.events) - change.MaxWaiting; excess > 0 {
		b.events, b.lost = b.events[:change.MaxWaiting], b.lost+excess
	}
}

// Due reports whether events wait, when it is time to write them; the next ones are scheduled anew.
func (b *Backlog) Due() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.scheduled = false
	return len(b.events) > 0
}

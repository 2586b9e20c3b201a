package sqlite

import (
	"context"
	"time"

	"intercom-mcp/policy/change"
)

const (
	// soon is how long an event waits at most for another write to go along with.
	soon = time.Second
	// soonAtEnd is how long the end of the store may take to write what waits.
	soonAtEnd = 2 * time.Second
)

// AppendSoon implements [change.Store].
func (s *Store) AppendSoon(events ...change.Event) error {
	for i := range events {
		if events[i].Time.IsZero() {
			events[i].Time = time.Now()
		}
	}
	unscheduled, err := s.writer.soon.Add(events)
	if unscheduled {
		s.writer.loops.Go(func() {
			timer := time.NewTimer(soon)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-s.writer.closing: // Close writes them
				return
			}
			if s.writer.soon.Due() {
				_ = s.Append(context.Background()) // a failure is told by the next AppendSoon
			}
		})
	}
	return err
}

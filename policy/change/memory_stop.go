package change

import (
	"context"
	"time"
)

// memoryStops are those of a [Memory].
type memoryStops struct{ of *Memory }

// Request implements [Stops].
func (s memoryStops) Request(ctx context.Context, id string, by Actor, reason string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	c, ok := s.of.changes[id]
	switch {
	case !ok:
		return ErrNotFound
	case c.Status != StatusApplying:
		return ErrStatusChanged
	}
	if _, requested := s.of.stops[id]; !requested {
		s.of.stops[id] = StopRequest{by.By, reason}
	}
	return nil
}

// Requested implements [Stops].
func (s memoryStops) Requested(ctx context.Context, id string) (StopRequest, bool, error) {
	if err := ctx.Err(); err != nil {
		return StopRequest{}, false, err
	}
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if _, ok := s.of.changes[id]; !ok {
		return StopRequest{}, false, ErrNotFound
	}
	stop, requested := s.of.stops[id]
	return stop, requested, nil
}

// Freeze implements [Stops].
func (s memoryStops) Freeze(ctx context.Context, by Actor, reason string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.of.freeze != nil {
		return &FrozenError{*s.of.freeze}
	}
	s.of.freeze = &Freeze{By: by.By, Reason: reason, At: time.Now()}
	s.of.shared.outbox.write(Event{Time: s.of.freeze.At, Kind: KindFrozen})
	for id, c := range s.of.changes {
		if _, requested := s.of.stops[id]; c.Status == StatusApplying && !requested {
			s.of.stops[id] = s.of.freeze.Stop()
		}
	}
	return nil
}

// frozen returns the freeze in force, as an error. m.mu is held.
func (m *Memory) frozen() error {
	if m.freeze == nil {
		return nil
	}
	return &FrozenError{*m.freeze}
}

// Unfreeze implements [Stops].
func (s memoryStops) Unfreeze(ctx context.Context, _ Actor) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	frozen := s.of.freeze != nil
	s.of.freeze = nil
	return frozen, nil
}

// Frozen implements [Stops].
func (s memoryStops) Frozen(ctx context.Context) (Freeze, bool, error) {
	if err := ctx.Err(); err != nil {
		return Freeze{}, false, err
	}
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.of.freeze == nil {
		return Freeze{}, false, nil
	}
	return *s.of.freeze, true, nil
}

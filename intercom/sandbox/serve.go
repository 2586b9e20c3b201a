package sandbox

import (
	"context"
	"time"
)

// serve lets a request pass through faults, time and the workspace. It fails
// where the connection breaks or the context ends.
func (s *Sandbox) serve(ctx context.Context, in *incoming) (*reply, error) {
	s.mu.Lock()
	fault := s.faults.strike(in.method, in.plain)
	s.mu.Unlock()
	err := pause(ctx, s.latency+fault.Latency)
	if err == nil && fault.Hang {
		<-ctx.Done()
		err = ctx.Err()
	}
	if err == nil && fault.Reset {
		err = errReset
	}
	if err != nil {
		s.journal.add(in.call(nil, s.clock.now()))
		return nil, err
	}
	out := s.answer(fault, in)
	if fault.ResetAfter {
		return nil, errReset
	}
	out.truncated = fault.Truncate
	return out, nil
}

// pause waits for d or for the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer lets the fault, if it answers, or else the API answer a request.
func (s *Sandbox) answer(fault Fault, in *incoming) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	var out *reply
	if fault.answers() {
		out = s.api.fail(fault, now)
	} else {
		out = s.api.answer(in, now)
	}
	s.journal.add(in.call(out, now))
	return out
}

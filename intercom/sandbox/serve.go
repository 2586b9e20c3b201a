package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// serve lets a request pass through faults, time and the workspace. It fails
// where the connection breaks or the context ends.
func (s *Sandbox) serve(ctx context.Context, in *incoming) (*reply, error) {
	s.mu.Lock()
	fault := s.faults.strike(in.method, in.plain)
	s.mu.Unlock()
	err := pause(ctx, s.opts.Latency+fault.Latency)
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
	if fault.answers() {
		return s.faultReply(fault, in), nil
	}
	out := s.answer(in)
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

// answer runs one request against the workspace.
func (s *Sandbox) answer(in *incoming) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	out := &reply{status: http.StatusOK, header: http.Header{}}
	requestID := randomUUID(s.requests)
	out.header.Set("X-Request-Id", requestID)
	value, err := s.dispatch(in, out, now)
	var refused *apiError
	switch {
	case errors.As(err, &refused):
		out.refuse(refused, requestID)
	case err != nil:
		panic(fmt.Sprintf("sandbox: %s %s: %v", in.method, in.path, err))
	default:
		if v, ok := value.(accepted); ok {
			out.status, value = http.StatusAccepted, v.value
		}
		if value != nil {
			out.encode(value)
		}
	}
	s.journal.add(in.call(out, now))
	return out
}

// accepted marks a value to answer with 202.
type accepted struct{ value any }

// dispatch checks a request in the order in which Intercom does and calls the
// operation's handler. It sets the headers that every answer carries.
func (s *Sandbox) dispatch(in *incoming, out *reply, now time.Time) (any, error) {
	token, refused := s.opts.authenticate(in.header)
	if refused != nil {
		return nil, refused
	}
	fits := s.rate.take(now)
	s.rate.describe(out.header)
	if !fits {
		return nil, s.rate.exceeded()
	}
	if !acceptsJSON(in.header) {
		return nil, errNotAcceptable
	}
	v := s.pinned
	if asked := in.header.Get("Intercom-Version"); asked != "" {
		var known bool
		if v, known = parseVersion(asked); !known {
			return nil, errVersionUnknown
		}
	}
	out.header.Set("Intercom-Version", v.String())
	r := in.route
	if r == nil {
		return nil, errResourceNotFound
	}
	if v < r.since || r.since == preview && s.opts.NoPreview {
		return nil, errVersionLacks
	}
	if refused := token.permits(r.scope); refused != nil {
		return nil, refused
	}
	body, refused := in.object()
	if refused != nil {
		return nil, refused
	}
	s.space.catchUp(now)
	return r.handle(&request{
		space: s.space, version: v, vars: in.vars, query: in.query, body: body, base: in.base, at: now,
	})
}

package change

import (
	"context"
	"slices"
	"sync"
	"time"
)

// memoryRequests are the requests of a [Memory].
type memoryRequests struct {
	mu  sync.Mutex
	of  *Memory
	all []*memoryRequest // oldest first
}

// memoryRequest is a request with who holds it, and its answer.
type memoryRequest struct {
	request    Request
	leaseUntil time.Time
	answer     *Answer
}

// Ask implements [Requests].
func (m *memoryRequests) Ask(ctx context.Context, r Request) (Request, error) {
	if _, err := m.of.Find(ctx, r.Change); err != nil {
		return Request{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.all = slices.DeleteFunc(m.all, func(kept *memoryRequest) bool { return now.Sub(kept.request.AskedAt) > RequestKept })
	var open []Request
	for _, kept := range m.all {
		if kept.answer == nil && kept.request.Open(now) {
			open = append(open, kept.request)
		}
	}
	if same, joined, err := r.Join(open); joined || err != nil {
		return same, err
	}
	m.all = slices.DeleteFunc(m.all, func(kept *memoryRequest) bool {
		return kept.request.same(r)
	})
	r.AskedAt, r.Taken = now, 0
	m.all = append(m.all, &memoryRequest{request: r})
	return r, nil
}

// Take implements [Requests].
func (m *memoryRequests) Take(
	ctx context.Context, lease time.Duration, limit int, kinds ...RequestKind,
) (taken []Request, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for _, r := range m.all {
		if len(taken) < limit && r.answer == nil && r.request.Open(now) && !now.Before(r.leaseUntil) &&
			slices.Contains(kinds, r.request.Kind) {
			r.leaseUntil = now.Add(lease)
			r.request.Taken++
			taken = append(taken, r.request)
		}
	}
	return taken, nil
}

// held returns the request that a caller has taken, or ErrFenced. m.mu is held.
func (m *memoryRequests) held(r Request) (*memoryRequest, error) {
	for _, kept := range m.all {
		if kept.request.same(r) && kept.answer == nil && kept.request.Taken == r.Taken && r.Taken > 0 &&
			kept.request.AskedAt.Equal(r.AskedAt) {
			return kept, nil
		}
	}
	return nil, ErrFenced
}

// Renew implements [Requests].
func (m *memoryRequests) Renew(ctx context.Context, r Request, lease time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, err := m.held(r)
	if err == nil {
		kept.leaseUntil = time.Now().Add(lease)
	}
	return err
}

// Answer implements [Requests].
func (m *memoryRequests) Answer(ctx context.Context, r Request, a Answer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, err := m.held(r)
	if err == nil {
		a.At = time.Now()
		kept.answer = &a
	}
	return err
}

// Find implements [Requests].
func (m *memoryRequests) Find(ctx context.Context, change string, kind RequestKind) (Request, *Answer, error) {
	if err := ctx.Err(); err != nil {
		return Request{}, nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, kept := range m.all {
		if kept.request.same(Request{Change: change, Kind: kind}) {
			return kept.request, kept.answer.clone(), nil
		}
	}
	return Request{}, nil, ErrNotFound
}

func (a *Answer) clone() *Answer {
	if a == nil {
		return nil
	}
	copied := *a
	copied.Moved = slices.Clone(a.Moved)
	return &copied
}

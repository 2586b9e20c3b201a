package change

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// memoryOutbox is the outbox of a [Memory].
type memoryOutbox struct {
	mu      sync.Mutex
	wanted  map[NoticeKind]time.Time // until when
	waiting []*memoryNotice          // oldest first
	added   map[string]time.Time     // by ID, when: of those that were added
}

// memoryNotice is a notice with when it is to be sent.
type memoryNotice struct {
	notice                   Notice
	written, due, leaseUntil time.Time
}

// write writes the notices that events bring and somebody wants.
func (m *memoryOutbox) write(events ...Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range Notices(events...) {
		m.add(n)
	}
}

// add adds a notice that somebody wants. m.mu is held.
func (m *memoryOutbox) add(n Notice) {
	now := time.Now()
	if !now.Before(m.wanted[n.Kind]) {
		return
	}
	m.waiting = append(m.waiting, &memoryNotice{notice: n, written: now})
	m.waiting = slices.DeleteFunc(m.waiting, func(kept *memoryNotice) bool { return now.Sub(kept.written) > NoticeHolds })
	m.waiting = m.waiting[max(0, len(m.waiting)-MaxNotices):]
}

// Want implements [Outbox].
func (m *memoryOutbox) Want(ctx context.Context, until time.Time, kinds ...NoticeKind) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wanted == nil {
		m.wanted = make(map[NoticeKind]time.Time)
	}
	for _, kind := range kinds {
		m.wanted[kind] = until
	}
	return nil
}

// Add implements [Outbox].
func (m *memoryOutbox) Add(ctx context.Context, n Notice) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(m.added, func(_ string, at time.Time) bool { return now.Sub(at) > NoticeHolds })
	if _, again := m.added[n.ID]; again {
		return nil
	}
	if m.added == nil {
		m.added = make(map[string]time.Time)
	}
	m.added[n.ID] = now
	m.add(n)
	return nil
}

// Take implements [Outbox].
func (m *memoryOutbox) Take(
	ctx context.Context, lease time.Duration, limit int, kinds ...NoticeKind,
) (taken []Notice, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for _, n := range m.waiting {
		if len(taken) < limit && !now.Before(n.due) && !now.Before(n.leaseUntil) && slices.Contains(kinds, n.notice.Kind) {
			n.leaseUntil = now.Add(lease)
			n.notice.Taken++
			taken = append(taken, n.notice)
		}
	}
	return taken, nil
}

// held returns the place of a notice that a caller has taken, or ErrFenced. m.mu is held.
func (m *memoryOutbox) held(n Notice) (int, error) {
	i := slices.IndexFunc(m.waiting, func(kept *memoryNotice) bool {
		return kept.notice.ID == n.ID && kept.notice.Taken == n.Taken && n.Taken > 0
	})
	if i < 0 {
		return 0, ErrFenced
	}
	return i, nil
}

// Delivered implements [Outbox].
func (m *memoryOutbox) Delivered(ctx context.Context, n Notice) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i, err := m.held(n)
	if err == nil {
		m.waiting = slices.Delete(m.waiting, i, i+1)
	}
	return err
}

// Retry implements [Outbox].
func (m *memoryOutbox) Retry(ctx context.Context, n Notice, at time.Time, why string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i, err := m.held(n)
	if err == nil {
		kept := m.waiting[i]
		kept.due, kept.leaseUntil, kept.notice.Problem = at, time.Time{}, why
		kept.notice.Tried++
	}
	return err
}

// GiveUp implements [Outbox]. There is no trail.
func (m *memoryOutbox) GiveUp(ctx context.Context, n Notice, _ string) error {
	return m.Delivered(ctx, n)
}

// Waiting implements [Outbox].
func (m *memoryOutbox) Waiting(ctx context.Context, limit int) (list []Notice, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.waiting[:min(limit, len(m.waiting))] {
		list = append(list, n.notice)
	}
	return list, nil
}

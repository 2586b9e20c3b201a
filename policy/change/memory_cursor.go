package change

import (
	"context"
	"slices"
	"sync"
	"time"
)

// cursor is one that a [Memory] keeps.
type cursor struct {
	handle, position string
	at               time.Time
}

// memoryCursors are the cursors of a [Memory].
type memoryCursors struct {
	mu sync.Mutex
	by map[string][]cursor // by principal, oldest first
}

// Keep implements [Cursors].
func (m *memoryCursors) Keep(ctx context.Context, principal, handle, position string, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for who, kept := range m.by {
		kept = slices.DeleteFunc(kept, func(c cursor) bool {
			return at.Sub(c.at) > CursorHolds || who == principal && c.handle == handle
		})
		if m.by[who] = kept; len(kept) == 0 {
			delete(m.by, who)
		}
	}
	if m.by == nil {
		m.by = make(map[string][]cursor)
	}
	kept := append(m.by[principal], cursor{handle, position, at})
	m.by[principal] = kept[max(0, len(kept)-MaxCursors):]
	return nil
}

// Find implements [Cursors].
func (m *memoryCursors) Find(ctx context.Context, principal, handle string, at time.Time) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.by[principal] {
		if c.handle == handle && at.Sub(c.at) <= CursorHolds {
			return c.position, nil
		}
	}
	return "", ErrNotFound
}

package change

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"intercom-mcp/policy"
)

// Memory is a [Store] that lives as long as the process. It keeps the newest
// changes and, beyond its capacity, forgets the oldest that are over. It keeps no
// audit trail.
type Memory struct {
	mu       sync.Mutex
	changes  map[string]*Change
	order    []string // ids, oldest first
	capacity int
}

// NewMemory returns an empty store that keeps at most capacity changes, more
// only where they have not ended and may yet be confirmed.
func NewMemory(capacity int) *Memory {
	return &Memory{changes: make(map[string]*Change), capacity: capacity}
}

var _ Store = (*Memory)(nil)

// Create implements [Store].
func (m *Memory) Create(ctx context.Context, c Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := c.checkNew(); err != nil {
		return err
	}
	if _, taken := m.changes[c.ID]; taken {
		return fmt.Errorf("there is a change %s already", c.ID)
	}
	kept := c.clone()
	m.changes[c.ID] = &kept
	m.order = append(m.order, c.ID)
	m.forget()
	return nil
}

// forget drops the oldest changes beyond the capacity that have ended, or have
// waited too long.
func (m *Memory) forget() {
	excess := len(m.order) - m.capacity
	if excess <= 0 {
		return
	}
	now := time.Now()
	m.order = slices.DeleteFunc(m.order, func(id string) bool {
		if excess <= 0 || !m.changes[id].over(now) {
			return false
		}
		excess--
		delete(m.changes, id)
		return true
	})
}

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, principal, id string) (Change, error) {
	if err := ctx.Err(); err != nil {
		return Change{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.changes[id]
	if !ok || c.Principal != principal {
		return Change{}, ErrNotFound
	}
	return c.clone(), nil
}

// Advance implements [Store].
func (m *Memory) Advance(ctx context.Context, id string, step Step) (Change, error) {
	if err := ctx.Err(); err != nil {
		return Change{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.changes[id]
	if !ok {
		return Change{}, ErrNotFound
	}
	unresolved := c.unresolved(step)
	if err := c.take(step); err != nil {
		return c.clone(), err
	}
	c.recordAll(unresolved)
	return c.clone(), nil
}

// Record implements [Store].
func (m *Memory) Record(ctx context.Context, id string, outcomes []Recorded) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.changes[id]
	if !ok {
		return ErrNotFound
	}
	if err := c.checkRecord(len(c.Items), outcomes); err != nil {
		return err
	}
	c.recordAll(outcomes)
	return nil
}

// List implements [Store].
func (m *Memory) List(ctx context.Context, principal string, query Query) ([]Summary, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	list := []Summary{}
	reached := query.After == ""
	for _, id := range slices.Backward(m.order) {
		c := m.changes[id]
		if c.Principal != principal {
			continue
		}
		if !reached {
			reached = id == query.After
			continue
		}
		if query.Status != "" && c.Status != query.Status || query.Effect != "" && c.Effect != query.Effect || !query.Before.IsZero() && !c.CreatedAt.Before(query.Before) {
			continue
		}
		if len(list) == query.Limit {
			break
		}
		list = append(list, Summary{c.ID, c.Tool, c.Title, c.Status, c.CreatedAt, CountItems(c.Items)})
	}
	return list, nil
}

// Written implements [Store].
func (m *Memory) Written(ctx context.Context, principal string, since time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	written := 0
	for _, id := range slices.Backward(m.order) {
		c := m.changes[id]
		started := c.startedAt()
		if c.Principal != principal || started.IsZero() || started.Before(since) || c.Approval != nil && c.Approval.Level >= policy.LevelUser {
			continue
		}
		n := CountItems(c.Items)
		written += n.Changed + n.Unknown + n.Pending
	}
	return written, nil
}

// Latest implements [Store].
func (m *Memory) Latest(ctx context.Context, principal, effect string) (Change, error) {
	if err := ctx.Err(); err != nil {
		return Change{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Backward(m.order) {
		if c := m.changes[id]; c.Principal == principal && c.Effect == effect {
			return c.clone(), nil
		}
	}
	return Change{}, ErrNotFound
}

// Interrupted implements [Store]: what was being applied ended with the
// process, and so did this store.
func (m *Memory) Interrupted(ctx context.Context) ([]Change, error) { return nil, ctx.Err() }

// Forget implements [Store].
func (m *Memory) Forget(ctx context.Context, before time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, c := range m.changes {
		if !c.Forgotten && c.CreatedAt.Before(before) && c.Status != StatusApplying {
			c.forget()
			n++
		}
	}
	return n, nil
}

// Append implements [Store]. A store in memory keeps no trail, since there is
// nobody who could read it afterwards.
func (m *Memory) Append(ctx context.Context, _ Event) error { return ctx.Err() }

package change

import (
	"context"
	"slices"
	"sync"
	"time"
)

// memoryServers are the servers of a [Memory].
type memoryServers struct {
	mu  sync.Mutex
	all []Instance // the latest first
}

// Seen implements [Servers].
func (m *memoryServers) Seen(ctx context.Context, i Instance) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i.SeenAt = time.Now()
	rest := slices.DeleteFunc(m.all, func(kept Instance) bool { return kept.ID == i.ID })
	m.all = append([]Instance{i}, rest[:min(len(rest), MaxServers-1)]...)
	return nil
}

// List implements [Servers].
func (m *memoryServers) List(ctx context.Context, within time.Duration) (list []Instance, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	since := time.Now().Add(-within)
	for _, i := range m.all {
		if !i.SeenAt.Before(since) {
			list = append(list, i)
		}
	}
	return list, nil
}

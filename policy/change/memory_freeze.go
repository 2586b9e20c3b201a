package change

import (
	"context"
	"time"
)

// Freeze implements [Store].
func (m *Memory) Freeze(ctx context.Context, by Actor, reason string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.freeze != nil {
		return &FrozenError{*m.freeze}
	}
	m.freeze = &Freeze{By: by.By, Reason: reason, At: time.Now()}
	m.shared.outbox.write(Event{Time: m.freeze.At, Kind: KindFrozen})
	for id, c := range m.changes {
		if _, requested := m.stops[id]; c.Status == StatusApplying && !requested {
			m.stops[id] = m.freeze.Stop()
		}
	}
	return nil
}

// Unfreeze implements [Store].
func (m *Memory) Unfreeze(ctx context.Context, _ Actor) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	frozen := m.freeze != nil
	m.freeze = nil
	return frozen, nil
}

// Frozen implements [Store].
func (m *Memory) Frozen(ctx context.Context) (Freeze, bool, error) {
	if err := ctx.Err(); err != nil {
		return Freeze{}, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.freeze == nil {
		return Freeze{}, false, nil
	}
	return *m.freeze, true, nil
}

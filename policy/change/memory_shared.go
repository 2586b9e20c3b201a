package change

import (
	"cmp"
	"context"
)

// memoryShared is what a [Memory] shares between those who use it.
type memoryShared struct {
	cursors  memoryCursors
	requests memoryRequests
	servers  memoryServers
	sessions memorySessions
	outbox   memoryOutbox
}

// alone are the rates of a store that no other process shares.
type alone struct{}

// Lease implements [Rates].
func (alone) Lease(ctx context.Context, _ string, _ int64, _, _ int) (granted, left int, err error) {
	return 0, 0, cmp.Or(ctx.Err(), ErrNotFound)
}

// Shared implements [Store].
func (m *Memory) Shared() Shared {
	return Shared{
		Stops: memoryStops{m}, Cursors: &m.shared.cursors, Requests: &m.shared.requests, Servers: &m.shared.servers,
		Sessions: &m.shared.sessions, Outbox: &m.shared.outbox, Rates: alone{},
	}
}

package change

// memoryShared is what a [Memory] shares between those who use it.
type memoryShared struct {
	cursors  memoryCursors
	requests memoryRequests
	servers  memoryServers
	sessions memorySessions
	outbox   memoryOutbox
}

// Shared implements [Store].
func (m *Memory) Shared() Shared {
	return Shared{
		Cursors: &m.shared.cursors, Requests: &m.shared.requests, Servers: &m.shared.servers,
		Sessions: &m.shared.sessions, Outbox: &m.shared.outbox,
	}
}

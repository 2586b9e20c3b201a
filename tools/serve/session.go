package serve

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// session is one session: its requests, which the client may cancel, and its elicitations. Both are kept here, since
// mcp-go takes some answers for something else, and the ids 3 and "3" for the same. It is safe for concurrent use.
type session struct {
	principal string

	// These belong to [sessions].
	used time.Time   // when its last request began or ended
	busy int         // requests under way
	idle *time.Timer // fires when the session may have been idle for too long

	pending *pendingElicitations
	ended   chan struct{} // closed when the session has ended

	mu       sync.Mutex
	requests map[string]func() // cancel those without a response, by id
}

// idlerThan reports whether a session is the one to end of two.
func (s *session) idlerThan(other *session) bool {
	if idle := s.busy == 0; idle != (other.busy == 0) {
		return idle
	}
	return s.used.Before(other.used)
}

// start enters a request, to be ended by cancel, until it is done. It reports whether the id is free: a second request
// would hide the first.
func (s *session) start(m jsonrpc.Message, cancel func()) (done func(), ok bool) {
	if m.Kind != jsonrpc.KindRequest {
		return func() {}, true
	}
	id := jsonrpc.IDKey(m.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.requests[id]; taken {
		return nil, false
	}
	s.requests[id] = cancel
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.requests, id)
	}, true
}

// cancel ends the request that notifications/cancelled names.
func (s *session) cancel(m jsonrpc.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel, ok := s.requests[jsonrpc.IDKey(m.Params["requestId"])]; ok {
		cancel()
	}
}

var errNoStream = errors.New("the client takes no event stream to be asked on")

// elicit sends an elicitation to the client, on the stream of the request that asks, and waits for the answer as long
// as ctx and the session.
func (s *session) elicit(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	e := exchangeFrom(ctx)
	if e.noStream {
		return nil, errNoStream
	}
	return s.pending.ask(ctx, request, s.ended, func(line []byte) error { e.sendElicitation(line); return nil })
}

package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// session is one session of the handshake era: its requests, which the client may
// cancel, and what the client was asked. Both are kept here, since mcp-go takes some
// answers for something else, and the ids 3 and "3" for the same. It is safe for
// concurrent use.
type session struct {
	principal string

	// These belong to [sessions].
	used time.Time   // when its last request began or ended
	busy int         // requests under way
	end  *time.Timer // fires when the session may have been idle for too long

	lastID *atomic.Int64 // of the questions in all sessions
	over   chan struct{} // closed when the session has ended

	mu        sync.Mutex
	requests  map[string]func()       // cancel those without a response, by id as sent
	questions map[string]chan message // without an answer, by id as sent
}

// idlerThan reports whether a session is the one to end of two.
func (s *session) idlerThan(other *session) bool {
	if idle := s.busy == 0; idle != (other.busy == 0) {
		return idle
	}
	return s.used.Before(other.used)
}

// start enters a request, to be ended by cancel, until it is done. It reports
// whether the id is free: a second request would hide the first.
func (s *session) start(m message, cancel func()) (done func(), ok bool) {
	if m.kind != kindRequest {
		return func() {}, true
	}
	id := string(m.id)
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
func (s *session) cancel(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel, ok := s.requests[string(m.params["requestId"])]; ok {
		cancel()
	}
}

var errDeaf = errors.New("the client takes no event stream to be asked on")

// elicit puts a question to the client, on the stream of the request that asks,
// and waits for the answer as long as ctx and the session.
func (s *session) elicit(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	e := exchangeFrom(ctx)
	if e.deaf {
		return nil, errDeaf
	}
	id := strconv.FormatInt(s.lastID.Add(1), 10)
	line, err := json.Marshal(struct {
		JSONRPC string                `json:"jsonrpc"`
		ID      json.RawMessage       `json:"id"`
		Method  mcp.MCPMethod         `json:"method"`
		Params  mcp.ElicitationParams `json:"params"`
	}{mcp.JSONRPC_VERSION, json.RawMessage(id), mcp.MethodElicitationCreate, request.Params})
	if err != nil {
		return nil, fmt.Errorf("encoding elicitation/create: %w", err)
	}
	reply := make(chan message, 1)
	s.mu.Lock()
	s.questions[id] = reply
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.questions, id)
	}()
	e.put(line)
	select {
	case m := <-reply:
		return elicitationOf(m)
	case <-s.over:
		return nil, errNoSession
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// deliver hands a response to the question it answers, or reports that there is
// none.
func (s *session) deliver(m message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply, ok := s.questions[string(m.id)]
	if ok {
		delete(s.questions, string(m.id))
		reply <- m // never blocks: one slot, one delivery
	}
	return ok
}

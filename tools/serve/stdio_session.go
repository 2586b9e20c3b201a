package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// stdioSession is the one client behind stdin and stdout, as mcp-go sees it:
// what the client declared, and how to put a question to it. mcp-go's own is a
// variable of the process, which two servers in one process would share.
type stdioSession struct {
	write       func([]byte) error
	initialized atomic.Bool
	lastID      atomic.Int64

	mu           sync.Mutex
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
	version      string
	pending      map[string]chan message // questions without an answer, by id as sent
}

func newStdioSession(write func([]byte) error) *stdioSession {
	return &stdioSession{write: write, pending: make(map[string]chan message)}
}

var (
	_ server.SessionWithClientInfo      = stdioRequest{}
	_ server.SessionWithElicitation     = stdioRequest{}
	_ server.SessionWithProtocolVersion = stdioRequest{}
)

// SessionID implements [server.ClientSession].
func (s *stdioSession) SessionID() string { return "stdio" }

// Initialize implements [server.ClientSession].
func (s *stdioSession) Initialize() { s.initialized.Store(true) }

// Initialized implements [server.ClientSession].
func (s *stdioSession) Initialized() bool { return s.initialized.Load() }

// GetClientInfo implements [server.SessionWithClientInfo].
func (s *stdioSession) GetClientInfo() mcp.Implementation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info
}

// SetClientInfo implements [server.SessionWithClientInfo].
func (s *stdioSession) SetClientInfo(info mcp.Implementation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info = info
}

// GetClientCapabilities implements [server.SessionWithClientInfo].
func (s *stdioSession) GetClientCapabilities() mcp.ClientCapabilities {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.capabilities
}

// SetClientCapabilities implements [server.SessionWithClientInfo].
func (s *stdioSession) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.capabilities = capabilities
}

// ProtocolVersion implements [server.SessionWithProtocolVersion].
func (s *stdioSession) ProtocolVersion() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// SetProtocolVersion is how mcp-go tells the session what initialize agreed on.
func (s *stdioSession) SetProtocolVersion(version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = version
}

// elicit puts a question to the client, and waits for the answer as long as
// ctx.
func (s *stdioSession) elicit(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
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
	s.pending[id] = reply
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.pending, id)
	}()
	if err := s.write(line); err != nil {
		return nil, fmt.Errorf("writing elicitation/create: %w", err)
	}
	select {
	case m := <-reply:
		return elicitationOf(m)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// elicitationOf reads the client's response to elicitation/create.
func elicitationOf(m message) (*mcp.ElicitationResult, error) {
	if m.err != nil {
		return nil, errors.New("the client answered elicitation/create with an error")
	}
	var result mcp.ElicitationResult
	if err := json.Unmarshal(m.result, &result); err != nil {
		return nil, fmt.Errorf("reading the answer to elicitation/create: %w", err)
	}
	return &result, nil
}

// deliver hands a response to the question it answers. A response to nothing
// is dropped.
func (s *stdioSession) deliver(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reply, ok := s.pending[string(m.id)]; ok {
		delete(s.pending, string(m.id))
		reply <- m // never blocks: one slot, one delivery
	}
}

// stdioRequest is the session as one request sees it: its notifications belong
// to the request, and its questions end; see [core.elicit].
type stdioRequest struct {
	*stdioSession
	core     *core
	exchange *exchange
}

// SetClientInfo implements [server.SessionWithClientInfo]. What a request of the
// stateless era declares is true of that request alone.
func (r stdioRequest) SetClientInfo(info mcp.Implementation) {
	if !r.exchange.modern {
		r.stdioSession.SetClientInfo(info)
	}
}

// SetClientCapabilities is SetClientInfo for what the client can do.
func (r stdioRequest) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	if !r.exchange.modern {
		r.stdioSession.SetClientCapabilities(capabilities)
	}
}

// NotificationChannel implements [server.ClientSession].
func (r stdioRequest) NotificationChannel() chan<- mcp.JSONRPCNotification { return r.exchange.own }

// RequestElicitation implements [server.SessionWithElicitation].
func (r stdioRequest) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return r.core.elicit(ctx, r.stdioSession.elicit, request)
}

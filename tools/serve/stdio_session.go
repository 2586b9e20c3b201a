package serve

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// stdioSession is the one client behind stdin and stdout, as mcp-go sees it: what the client declared, and how to send
// an elicitation to it. mcp-go's own is a variable of the process, which two servers in one process would share.
type stdioSession struct {
	write       func([]byte) error
	initialized atomic.Bool
	pending     *pendingElicitations

	mu           sync.Mutex
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
	version      string
	logLevel     mcp.LoggingLevel // that the client set; "" where it has not
}

func newStdioSession(write func([]byte) error) *stdioSession {
	return &stdioSession{write: write, pending: newPendingElicitations(new(atomic.Int64))}
}

var (
	_ server.SessionWithClientInfo      = stdioRequest{}
	_ server.SessionWithElicitation     = stdioRequest{}
	_ server.SessionWithProtocolVersion = stdioRequest{}
	_ server.SessionWithLogging         = stdioRequest{}
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

// SetLogLevel implements [server.SessionWithLogging].
func (s *stdioSession) SetLogLevel(level mcp.LoggingLevel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logLevel = level
}

// GetLogLevel implements [server.SessionWithLogging].
func (s *stdioSession) GetLogLevel() mcp.LoggingLevel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logLevel
}

// elicit sends an elicitation to the client, and waits for the answer as long as ctx.
func (s *stdioSession) elicit(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return s.pending.ask(ctx, request, nil, s.write)
}

// stdioRequest is the session as one request sees it: its notifications belong to the request, and its elicitations
// end; see [core.elicit].
type stdioRequest struct {
	*stdioSession
	core     *core
	exchange *exchange
}

// SetClientInfo implements [server.SessionWithClientInfo]. What a request of a sessionless revision declares is true of
// that request alone.
func (r stdioRequest) SetClientInfo(info mcp.Implementation) {
	if !r.exchange.sessionless {
		r.stdioSession.SetClientInfo(info)
	}
}

// SetClientCapabilities is SetClientInfo for what the client can do.
func (r stdioRequest) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	if !r.exchange.sessionless {
		r.stdioSession.SetClientCapabilities(capabilities)
	}
}

// NotificationChannel implements [server.ClientSession].
func (r stdioRequest) NotificationChannel() chan<- mcp.JSONRPCNotification {
	return r.exchange.notificationChannel()
}

// RequestElicitation implements [server.SessionWithElicitation].
func (r stdioRequest) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult,
	error) {
	return r.core.elicit(ctx, r.stdioSession.elicit, request)
}

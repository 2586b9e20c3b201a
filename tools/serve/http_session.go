package serve

import (
	"context"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// httpSession is what mcp-go's own session offers to handlers.
type httpSession interface {
	server.SessionWithClientInfo
	server.SessionWithElicitation
	server.SessionWithSampling
	server.SessionWithRoots
	server.SessionWithLogging
	server.SessionWithProtocolVersion
	server.SessionWithSubscriptionFilter
	SetProtocolVersion(string)
}

// httpRequest is the session as one request sees it: its notifications belong to the request, and its elicitations end;
// see [core.elicit].
type httpRequest struct {
	httpSession
	core     *core
	exchange *exchange
}

// withSession puts the request's view of the session in the place of mcp-go's.
func (s *httpServer) withSession(ctx context.Context, _ *http.Request) context.Context {
	if session, ok := server.ClientSessionFromContext(ctx).(httpSession); ok {
		return s.core.mcp.WithContext(ctx, httpRequest{session, s.core, exchangeFrom(ctx)})
	}
	return ctx
}

// Initialize implements [server.ClientSession].
func (r httpRequest) Initialize() {
	r.exchange.handshakeDone = true
	r.httpSession.Initialize()
}

// NotificationChannel implements [server.ClientSession].
func (r httpRequest) NotificationChannel() chan<- mcp.JSONRPCNotification {
	return r.exchange.notificationChannel()
}

// RequestElicitation implements [server.SessionWithElicitation].
func (r httpRequest) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult,
	error) {
	if r.exchange.session == nil {
		return nil, errNoSession
	}
	return r.core.elicit(ctx, r.exchange.session.elicit, request)
}

package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/toolerr"
)

// HTTPOptions is what the HTTP transport needs on top of [Options].
type HTTPOptions struct {
	Options Options
	// Auth names the principals, and so does Issuer. Without either loopback addresses alone are served, to the one
	// principal "local".
	Auth *Tokens
	// Issuer admits those who signed in at an identity provider. It needs PublicURL.
	Issuer *Issuer
	// PublicURL is the address of the server as clients have it, scheme and host: https://mcp.example.com.
	PublicURL string
	// Admin is where /metrics, /healthz and /readyz are served, and then no longer on the main address; nil: there. On a
	// loopback address they ask for no token. It is closed when the server ends.
	Admin net.Listener
	// Certificate secures the connections; nil: they are not secured.
	Certificate *Certificate
	// BehindProxy tells that a proxy in front secures the connections, and that its X-Forwarded-For names the client, for
	// the log alone (the console has a setting of its own). An address that other machines reach needs either it or
	// Certificate.
	BehindProxy bool
	// AllowedHosts are further values of the Host header to accept, with or without port. Besides them a loopback
	// address accepts loopback names alone, and any other one the address alone at which the connection came in. A name
	// of the machine or of a proxy therefore has to be listed. Without authentication none may be: whatever calls by
	// another name than a loopback one comes from elsewhere.
	AllowedHosts []string
	// AllowedOrigins are the web origins (scheme://host[:port]) that browsers may call from, besides the server's own.
	AllowedOrigins []string
	// MaxCalls and MaxCallsPerPrincipal cap the calls under way; beyond them a call is answered "busy". They cap the
	// streams that listen, too. 0 means 256 and 64.
	MaxCalls, MaxCallsPerPrincipal int
	// MaxConnections caps the open connections, of which a quarter may be of those who have not authenticated and half of
	// one principal. It has to be less than the files that the process may open. 0 means 4,096.
	MaxConnections int
	// IdleTimeout is after how long a connection without requests is closed; proxies want it longer than their own. 0
	// means 2 minutes.
	IdleTimeout time.Duration
	// ShutdownDelay is how long calls are still taken after the end of the context, while /readyz says that the server
	// stops: a load balancer needs that long to send no more here.
	ShutdownDelay time.Duration
	// Console serves people, at /console and below it; nil: they are told what it needs. It sees to who signs in, and to
	// where forms come from, by itself.
	Console http.Handler
	// Ready tells for /readyz whether calls can succeed; nil: always.
	Ready func(context.Context) error
}

// The HTTP server's limits.
const (
	maxCalls        = 256
	maxCallsEach    = 64
	maxHeader       = 32 << 10
	headerTimeout   = 10 * time.Second
	bodyTimeout     = 10 * time.Second
	idleTimeout     = 2 * time.Minute
	sessionIdle     = 30 * time.Minute
	shutdownTime    = 8 * time.Second
	cutOffTime      = time.Second
	maxSessionsEach = 100
)

// HTTP serves MCP's Streamable HTTP at /mcp on l, and /healthz, /readyz and /metrics, until ctx ends. Then it
// takes calls for ShutdownDelay more, lets those under way finish, cancels what is left after 8 seconds, and returns
// nil. It closes l. Without authentication it refuses a listener that is not on a loopback address.
//
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
func HTTP(ctx context.Context, o HTTPOptions, l net.Listener) error {
	defer l.Close()
	if o.Admin != nil {
		defer o.Admin.Close()
	}
	s, err := newHTTPServer(o, l.Addr())
	if err != nil {
		return err
	}
	return s.serve(ctx, l)
}

// checkReach refuses to serve those whom nothing tells apart, and to have tokens sent in the clear. Without an address
// each request is asked where it came in: see [guard.reachAllowed].
func (o *HTTPOptions) checkReach(addr net.Addr) error {
	open, reached := o.Auth == nil && o.Issuer == nil, addr != nil && !loopbackAddr(addr)
	switch {
	case open && reached:
		return fmt.Errorf("serve: %s is not a loopback address: serving it needs a file of tokens, or an issuer", addr)
	case open && slices.ContainsFunc(o.AllowedHosts, func(host string) bool { return !auth.LoopbackHost(host) }):
		return errors.New("serve: a further Host needs a file of tokens, or an issuer")
	case reached && o.Certificate == nil && !o.BehindProxy:
		return fmt.Errorf("serve: %s is not a loopback address: serving it needs a certificate, or a proxy in front", addr)
	}
	return o.checkAdmin()
}

// httpServer is the guard, mcp-go's handler behind it, and the way to stop.
type httpServer struct {
	core     *core
	inner    *server.StreamableHTTPServer
	sessions *sessions
	guard    *guard
	requests *inflight
	idle     time.Duration // after which a connection without requests is closed
	ready    func(context.Context) error
	delay    time.Duration // for which calls are taken after the server was told to stop
	leaving  atomic.Bool   // it was told to
	grace    time.Duration // for the calls under way, when the server stops
	log      *slog.Logger
	refused  *refusals
	tls      *Certificate // nil: connections are not secured

	console     http.Handler // nil: there is none
	connections *connections
	admin       net.Listener // nil: the operator is served where clients are
}

// newHTTPServer returns a server for a listener at addr, or for any where that is nil.
func newHTTPServer(o HTTPOptions, addr net.Addr) (*httpServer, error) {
	if err := o.checkReach(addr); err != nil {
		return nil, err
	}
	if o.Options.Metrics == nil {
		o.Options.Metrics = NewMetrics()
	}
	c, err := newCore(o.Options)
	if err != nil {
		return nil, err
	}
	most, mostEach := cmp.Or(o.MaxCalls, maxCalls), cmp.Or(o.MaxCallsPerPrincipal, maxCallsEach)
	c.slots, c.elicitations = newSlots(most, mostEach), newSlots(most, mostEach)
	s := &httpServer{
		core: c, ready: o.Ready, delay: o.ShutdownDelay, grace: shutdownTime, log: c.log, requests: newInflight(),
		idle: cmp.Or(o.IdleTimeout, idleTimeout), tls: o.Certificate, admin: o.Admin, console: o.Console,
		refused: newRefusals(c.log, o.Options.Metrics, o.BehindProxy),
	}
	s.connections = newConnections(o.MaxConnections, s.refused)
	if s.guard, err = newGuard(o, addr, s); err != nil {
		return nil, err
	}
	s.sessions = newSessions(func(id, owner string) { s.guard.end(context.Background(), id, auth.Principal{Name: owner}) })
	s.inner = server.NewStreamableHTTPServer(c.mcp,
		server.WithSessionIdManagerResolver(s.sessions),
		server.WithDisableStreaming(true),           // nothing is sent on a stream of the session's own
		server.WithDisableLocalhostProtection(true), // the guard's own check is stricter
		server.WithStreamableHTTPLogger(slog.New(slog.DiscardHandler)),
		server.WithHTTPContextFunc(s.withSession),
	)
	return s, nil
}

// serve runs the server until ctx ends.
func (s *httpServer) serve(ctx context.Context, l net.Listener) error {
	requests, end := context.WithCancelCause(context.WithoutCancel(ctx))
	abandon := func() { end(toolerr.ErrStopping) }
	defer abandon()
	defer s.sessions.close()
	h := &http.Server{
		Handler:     withBodyDeadline(s.routes()),
		BaseContext: func(net.Listener) context.Context { return requests },
	}
	s.bound(h)
	defer s.refused.close()
	if s.admin != nil {
		defer s.startAdmin(s.admin).stop()
	}
	serve := h.Serve
	if s.tls != nil {
		h.TLSConfig = s.tls.config()
		serve = func(l net.Listener) error { return h.ServeTLS(l, "", "") }
	}
	served := make(chan error, 1)
	go func() { served <- serve(l) }()
	if err := s.leave(ctx, served); err != nil {
		s.stop(context.Background())
		return fmt.Errorf("serve: http: %w", err)
	}
	s.drain(h, abandon)
	<-served
	return nil
}

// leave returns when ctx has ended and the delay has passed, or with the error of serving that came before.
func (s *httpServer) leave(ctx context.Context, served <-chan error) error {
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	s.leaving.Store(true)
	select {
	case err := <-served:
		return err
	case <-time.After(s.delay):
		return nil
	}
}

// bound sets the bounds of a server that serves s: on connections, on headers, and on what is logged.
func (s *httpServer) bound(h *http.Server) {
	h.ConnContext, h.ConnState = s.connections.open, s.connections.changed
	h.ReadHeaderTimeout, h.IdleTimeout, h.MaxHeaderBytes = headerTimeout, s.idle, maxHeader
	h.ErrorLog = log.New(serverLog{s.refused, s.log}, "", 0)
}

// drain lets the calls under way finish, then cancels them, then cuts them off. The listener stays open while calls
// finish, for probes to see that the server is not ready, and for further calls to be told.
func (s *httpServer) drain(h *http.Server, abandon context.CancelFunc) {
	deadline, stop := context.WithTimeout(context.Background(), s.grace)
	defer stop()
	s.settle(deadline)
	if h.Shutdown(deadline) == nil {
		return
	}
	abandon()
	deadline, stop = context.WithTimeout(context.Background(), cutOffTime)
	defer stop()
	if err := h.Shutdown(deadline); err != nil {
		s.log.Warn("calls cut off at shutdown", "err", errors.Join(err, h.Close()))
	}
}

// settle takes no more calls, and lets those under way finish until ctx ends. The result is closed when none is left.
func (s *httpServer) settle(ctx context.Context) (idle <-chan struct{}) {
	idle = s.requests.close()
	s.stop(ctx)
	select {
	case <-idle:
	case <-ctx.Done():
	}
	return idle
}

// stop ends what would keep the server from shutting down: elicitations and listen streams.
func (s *httpServer) stop(ctx context.Context) {
	s.core.endElicitations()
	s.core.stopping()
	if err := s.inner.Shutdown(ctx); err != nil {
		s.log.Warn("sessions not closed", "err", err)
	}
}

// routes maps paths to handlers.
func (s *httpServer) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/mcp", s.guard)
	if s.admin == nil {
		s.serveOperator(mux, s.guard)
	}
	s.serveConsole(mux)
	s.guard.resource.serve(mux)
	mux.HandleFunc("/mcp/", func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, http.StatusNotFound, "there is nothing at this path; MCP is served at /mcp, without a slash after it")
	})
	return mux
}

// withBodyDeadline gives a request's body bodyTimeout to arrive, also where nobody reads it: before it answers,
// net/http itself waits for the rest. The server's own timeout would cut off calls that take longer.
func withBodyDeadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			// A writer without deadlines serves tests, not a network.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
		}
		next.ServeHTTP(w, r)
	})
}

// serveReady answers 200 when calls can succeed.
func (s *httpServer) serveReady(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.leaving.Load() || s.core.closing.Err() != nil:
		writeText(w, http.StatusServiceUnavailable, "stopping")
	case s.ready == nil:
		writeText(w, http.StatusOK, "ready")
	default:
		if err := s.ready(r.Context()); err != nil {
			s.log.WarnContext(r.Context(), "not ready", "err", err)
			writeText(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		writeText(w, http.StatusOK, "ready")
	}
}

// writeText answers with one line of plain text.
func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the client is gone if it fails
}

package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// guard stands in front of mcp-go's handler: what it refuses, mcp-go never sees a byte of. The order is who may talk
// (Host, Origin, token), then how (method, headers, size), then what (the message).
type guard struct {
	server   *httpServer
	auth     *auth.Bearer // nil: everybody is local
	resource *resource    // what an identity provider's clients are told; nil without one
	hosts    []string     // lower case, accepted besides the server's own
	pages    []string     // origins of web pages that may call
	loopback bool         // the listener is on a loopback address
	mounted  bool         // the listener is another program's: each request tells at which address it came in
	proxied  bool         // a proxy in front secures the connections
	bodies   *slots       // for long bodies that are being read
	streams  *slots       // for those that listen
}

func newGuard(o HTTPOptions, addr net.Addr, s *httpServer) (*guard, error) {
	hosts, err := allowedHosts(o.AllowedHosts)
	if err != nil {
		return nil, err
	}
	pages, err := allowedOrigins(o.AllowedOrigins)
	if err != nil {
		return nil, err
	}
	g := &guard{
		server: s, hosts: hosts, pages: pages, loopback: loopbackAddr(addr), mounted: addr == nil, proxied: o.BehindProxy,
		bodies: newSlots(maxLongBodies, maxLongBodiesEach), streams: newStreamSlots(o),
	}
	if o.Issuer != nil {
		if g.resource, err = newResource(o.PublicURL, o.Issuer, widest(o.Options.Caller.Tools())); err != nil {
			return nil, err
		}
	}
	if o.Auth != nil || o.Issuer != nil {
		g.auth = &auth.Bearer{Tokens: o.Auth, Issuer: o.Issuer}
	}
	if g.resource != nil {
		g.auth.Challenge = g.resource.challenge(g.resource.mode)
	}
	return g, nil
}

// ServeHTTP serves the MCP endpoint.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who, ok := g.admit(w, r)
	if !ok {
		return
	}
	switch r.Method {
	case http.MethodPost:
		g.post(w, r, who)
	case http.MethodDelete, http.MethodGet:
		g.serveSession(w, r, who)
	default:
		notAllowed(w)
	}
}

// notAllowed answers a method that is not served.
func notAllowed(w http.ResponseWriter) {
	w.Header().Set("Allow", "POST, DELETE")
	writeText(w, http.StatusMethodNotAllowed, "use POST; there is no stream to GET")
}

// protect lets only requests to next that may talk to the server.
func (g *guard) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := g.admit(w, r); ok {
			next.ServeHTTP(w, r)
		}
	})
}

// admit finds out who asks, or answers 400, 401 or 403. A web page that has its own name resolve to this server fails
// by Host, any other page by Origin.
func (g *guard) admit(w http.ResponseWriter, r *http.Request) (auth.Principal, bool) {
	if !g.reached(w, r) {
		return auth.Principal{}, false
	}
	if !g.originAllowed(r) { // whatever the method
		g.server.refused.request(r, refusedOrigin, "the Origin may not call", "origin", clipped(r.Header.Get("Origin")))
		writeText(w, http.StatusForbidden, "this Origin may not call this server")
		return auth.Principal{}, false
	}
	if g.shareWith(w, r) {
		return auth.Principal{}, false
	}
	who, ok := g.identify(w, r)
	if ok && !g.server.connections.admit(r.Context(), who.Name) {
		g.server.refused.request(r, refusedConns, "too many connections of one principal", "principal", who.Name)
		w.Header().Set("Connection", "close")
		w.Header().Set("Retry-After", "1")
		writeText(w, http.StatusServiceUnavailable, "you have as many connections open as one may; close one, or use that")
		return auth.Principal{}, false
	}
	return who, ok
}

// reached reports whether a request may come in where it did, and names a host that is served here; else it answers 400
// or 403.
func (g *guard) reached(w http.ResponseWriter, r *http.Request) bool {
	if name := repeated(r.Header); name != "" {
		writeText(w, http.StatusBadRequest, "the header "+name+" is there twice")
		return false
	}
	if wrong := g.reachAllowed(r); wrong != "" {
		g.server.refused.request(r, refusedReach, wrong)
		writeText(w, http.StatusForbidden, wrong)
		return false
	}
	if !g.hostAllowed(r) {
		g.server.refused.request(r, refusedHost, "the Host is not served here", "host", clipped(r.Host))
		writeText(w, http.StatusForbidden, "this Host is not served here; its operator may allow it (--allow-host)")
		return false
	}
	return true
}

// identify finds the principal of a request, or answers 401 or 403.
func (g *guard) identify(w http.ResponseWriter, r *http.Request) (auth.Principal, bool) {
	if g.auth == nil {
		return auth.Local, true
	}
	who, err := g.auth.Admit(w, r)
	var refused *auth.Refusal
	if errors.As(err, &refused) {
		g.server.refused.bearer(r, refused)
	}
	return who, err == nil
}

// post reads one message, refuses it or has mcp-go answer it.
func (g *guard) post(w http.ResponseWriter, r *http.Request, who auth.Principal) {
	raw, refused := g.read(w, r, who)
	if refused != nil {
		refused.write(w, nil)
		return
	}
	m, broken := jsonrpc.Read(raw)
	if broken != nil {
		refusal{http.StatusBadRequest, broken}.write(w, m.ID)
		return
	}
	// mcp-go compares the two if both are there
	if refused := unknownVersion(r.Header); refused != nil && !m.Sessionless() {
		refused.write(w, m.ID)
		return
	}
	if m.Kind == jsonrpc.KindRequest {
		leave, ok := g.server.requests.enter()
		if !ok {
			w.Header().Set("Connection", "close")
			refusal{http.StatusServiceUnavailable,
				jsonrpc.Internal("The server is stopping. Nothing was done; try again.")}.write(w, m.ID)
			return
		}
		defer leave()
	}
	e := newExchange(who)
	e.sessionless = m.Sessionless() || mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion))
	if !e.sessionless {
		done, refused := g.enterSession(r, m, e)
		if refused != nil {
			refused.write(w, m.ID)
			return
		}
		defer done()
	} else if refused := compareHeaders(r.Header, m); refused != nil {
		refused.write(w, m.ID)
		return
	}
	switch taken, late := intercept(e, m); {
	case late != nil:
		refusal{http.StatusBadRequest, late}.write(w, nil) // the id is the server's
		return
	case taken:
		w.WriteHeader(http.StatusAccepted)
		return
	}
	g.forward(w, r, e, m)
}

// intercept takes what mcp-go must not see, and reports whether it did: the answer to an elicitation, and a
// cancellation. A sessionless revision cancels by closing the stream alone; mcp-go would look the id up among
// everybody's requests. An answer may come late.
func intercept(e *exchange, m jsonrpc.Message) (taken bool, late *jsonrpc.Error) {
	switch {
	case m.Kind == jsonrpc.KindResponse && e.session != nil:
		return e.session.pending.deliver(m)
	case m.Kind == jsonrpc.KindNotification && m.Method == string(mcp.MethodNotificationCancelled):
		if e.session != nil {
			e.session.cancel(m)
		}
		return true, nil
	}
	return false, nil
}

// enterSession holds a message of a session-based revision to its session, until done.
func (g *guard) enterSession(r *http.Request, m jsonrpc.Message, e *exchange) (done func(), refused *refusal) {
	id := r.Header.Get("Mcp-Session-Id")
	if m.Method == string(mcp.MethodInitialize) {
		return func() {}, nil
	}
	if id == "" {
		return nil, refuse(http.StatusBadRequest, "the Mcp-Session-Id header is missing; call initialize first")
	}
	session, done, ok := g.server.sessions.use(e.principal.Name, id)
	if !ok {
		return nil, refuse(http.StatusNotFound, "no such session; call initialize again")
	}
	e.session = session
	return done, nil
}

// unknownVersion refuses a protocol version that does not exist. By the header alone mcp-go would take it for a later
// one than it knows, or for none.
func unknownVersion(header http.Header) *refusal {
	version := header.Get(mcp.HeaderProtocolVersion)
	if version == "" || mcp.IsValidProtocolVersion(version) {
		return nil
	}
	version = version[:min(len(version), maxVersionShown)]
	err := mcp.UnsupportedProtocolVersionError{Version: version, Supported: mcp.ValidProtocolVersions}.JSONRPCError().Error
	return &refusal{http.StatusBadRequest, &jsonrpc.Error{Code: err.Code, Message: err.Message, Data: err.Data}}
}

// maxVersionShown is how much of an unknown version the refusal repeats, in bytes.
const maxVersionShown = 32

// commitSession begins the session that mcp-go offers with its response to initialize, or has mcp-go forget it where
// initialize has failed.
func (g *guard) commitSession(ctx context.Context, e *exchange, out *stream) {
	if e.issued == "" {
		return
	}
	surplus := []string{e.issued}
	if e.handshakeDone && out.Header().Get(mcp.HeaderSessionID) == e.issued {
		surplus = g.server.sessions.add(e.principal.Name, e.issued)
	} else {
		out.Header().Del(mcp.HeaderSessionID)
	}
	for _, id := range surplus {
		g.end(ctx, id, e.principal)
	}
}

// end has mcp-go forget a session, which only a DELETE makes it do.
func (g *guard) end(ctx context.Context, id string, who auth.Principal) {
	r := (&http.Request{Method: http.MethodDelete, URL: new(url.URL),
		Header: http.Header{"Mcp-Session-Id": {id}}}).WithContext(withExchange(ctx, newExchange(who)))
	g.server.inner.ServeHTTP(newDiscard(), r)
}

// serveSession serves what concerns a session as a whole: DELETE ends it, and GET opens a stream, which mcp-go refuses.
func (g *guard) serveSession(w http.ResponseWriter, r *http.Request, who auth.Principal) {
	if refused := unknownVersion(r.Header); refused != nil {
		refused.write(w, nil)
		return
	}
	if !mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)) {
		id := r.Header.Get("Mcp-Session-Id")
		switch {
		case id == "" && r.Method == http.MethodGet:
			notAllowed(w)
			return
		case id == "":
			writeText(w, http.StatusBadRequest, "the Mcp-Session-Id header is missing")
			return
		}
		_, done, ok := g.server.sessions.use(who.Name, id)
		if !ok {
			writeText(w, http.StatusNotFound, "no such session")
			return
		}
		defer done()
	}
	if r.Method == http.MethodGet {
		w.Header().Set("Allow", "POST, DELETE") // mcp-go refuses it
	}
	g.server.inner.ServeHTTP(w, r.WithContext(withExchange(r.Context(), newExchange(who))))
}

// forward has mcp-go answer the message on a stream of the request's own.
func (g *guard) forward(w http.ResponseWriter, r *http.Request, e *exchange, m jsonrpc.Message) {
	_, streams := accepted(r.Header)
	e.noStream, e.encodes = !streams, true
	out := newStream(w, !e.noStream, e.replaces, m.Outer)
	e.send, e.sendElicitation = out.notify, out.send
	ctx, cancel := context.WithCancelCause(withExchange(r.Context(), e))
	defer cancel(nil)
	if m.Method == string(mcp.MethodSubscriptionsListen) {
		done, ok := g.listen(w, r, e.principal, m, func() { cancel(nil) })
		if !ok {
			return
		}
		defer done()
	} else { // which is short, so that the expiry of its token at the start is what counts
		defer context.AfterFunc(e.principal.Withdrawn(), func() { cancel(errWithdrawn) })()
	}
	stripped, err := g.server.core.stripArguments(e, m)
	if err != nil {
		g.server.log.ErrorContext(ctx, "request not passed on", "method", m.Method, "err", err)
		refusal{http.StatusInternalServerError, jsonrpc.Failed()}.write(w, m.ID)
		return
	}
	done := func() {}
	if e.session != nil {
		var free bool
		if done, free = e.session.start(m, func() { cancel(errCancelled) }); !free {
			refuse(http.StatusBadRequest, "a request with this id is still running").write(w, m.ID)
			return
		}
	}
	inner := r.WithContext(ctx)
	inner.Body = io.NopCloser(bytes.NewReader(stripped))
	inner.ContentLength = int64(len(stripped))
	out.keepAlive()
	defer out.finish()
	defer done() // before the response, with which the client may use the id again
	g.answer(ctx, out, inner, m)
	g.commitSession(ctx, e, out)
}

// answer has mcp-go write the response, and puts another in its place where ours is the right one.
func (g *guard) answer(ctx context.Context, out *stream, r *http.Request, m jsonrpc.Message) {
	e := exchangeFrom(ctx)
	if incident := g.handle(ctx, out, r, m); incident != "" {
		out.replace(http.StatusInternalServerError, jsonrpc.ErrorResponse(m.ID,
			jsonrpc.Internal("internal error (incident "+incident+")")))
	}
	e.end()
	switch failed := e.failed(); {
	case errors.Is(context.Cause(ctx), errWithdrawn): // whatever it came to
		out.replace(errorStatus(e.sessionless), jsonrpc.ErrorResponse(m.ID, jsonrpc.InvalidRequest(errWithdrawn.Error())))
	case out.silent() && errors.Is(context.Cause(ctx), errCancelled):
		out.replace(errorStatus(e.sessionless), jsonrpc.ErrorResponse(m.ID, interrupted(ctx)))
	case failed != nil && e.tooNarrow() != nil:
		g.refuseNarrow(out, r, m)
	case failed != nil:
		out.replace(errorStatus(e.sessionless), jsonrpc.ErrorResponse(m.ID, failed))
	case out.silent(): // mcp-go drops the response to a request that was cancelled
		out.replace(http.StatusServiceUnavailable, jsonrpc.ErrorResponse(m.ID, interrupted(ctx)))
	default:
		g.encode(ctx, out, m)
	}
}

// handle calls mcp-go, whose panics would otherwise cut the connection. It returns the incident under which the log
// explains one.
func (g *guard) handle(ctx context.Context, w http.ResponseWriter, r *http.Request,
	m jsonrpc.Message) (incident string) {
	defer func() {
		if caught := recover(); caught != nil {
			incident = newIncident()
			g.server.log.ErrorContext(ctx, "request panicked", "method", m.Method, "principal", exchangeFrom(ctx).principal.Name,
				"incident", incident,
				"panic", fmt.Sprint(caught), "stack", string(debug.Stack()))
		}
	}()
	g.server.inner.ServeHTTP(w, r)
	return ""
}

package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"intercom-mcp/tools/toolerr"
)

// Handler serves what [HTTP] serves in a server of another program, by the same paths: /mcp, /healthz, /readyz,
// /metrics and, with an issuer, /.well-known/oauth-protected-resource and what is below it, at the root. The program
// mounts /mcp and of the others those that it wants. It is safe for concurrent use.
//
// The guards are those of [HTTP]. Where a listener would be refused, the request that came in there is answered 403:
// without authentication at any other than a loopback address, and without TLS or a proxy at one that other machines
// reach. The program's server needs no ReadTimeout and no WriteTimeout, which would cut calls off.
type Handler struct {
	server  *httpServer
	handler http.Handler
	calls   context.Context // done when the calls that do not end by themselves are cancelled
	abandon func()          // ends calls
	closed  sync.Once
}

// NewHandler returns a handler, which has to be closed. Of the options it takes neither Admin nor Certificate, which
// are its server's; IdleTimeout and the caps on connections hold where [Handler.Bound] sets them.
func NewHandler(o HTTPOptions) (*Handler, error) {
	if o.Admin != nil || o.Certificate != nil {
		return nil, errors.New("serve: the operator's address and the certificate of a handler are its server's")
	}
	s, err := newHTTPServer(o, nil)
	if err != nil {
		return nil, err
	}
	calls, abandon := context.WithCancel(context.Background())
	return &Handler{server: s, handler: withBodyDeadline(s.routes()), calls: calls, abandon: abandon}, nil
}

// Bound sets the bounds of [HTTP] to a server that is to serve the handler: on connections, by ConnContext and
// ConnState, on the time and the size of headers, on idle connections, and on what ErrorLog has of handshakes.
func (h *Handler) Bound(server *http.Server) { h.server.bound(server) }

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer context.AfterFunc(h.calls, func() { cancel(toolerr.ErrStopping) })()
	h.handler.ServeHTTP(w, r.WithContext(ctx))
}

// Close takes no more calls, and returns when those under way have their answers. It cancels what is left when ctx
// ends, or after 8 seconds, and tells if even then something does not end. Further calls of it wait for the first, and
// return nil. To be called before the server is shut down, which else waits for streams that do not end by themselves.
func (h *Handler) Close(ctx context.Context) (err error) {
	h.closed.Do(func() { err = h.close(ctx) })
	return err
}

func (h *Handler) close(ctx context.Context) error {
	s := h.server
	defer s.refused.close()
	defer s.sessions.close()
	ctx, stop := context.WithTimeout(ctx, s.grace)
	defer stop()
	idle := s.settle(ctx)
	h.abandon()
	select {
	case <-idle:
		return nil
	case <-time.After(cutOffTime):
		return fmt.Errorf("serve: calls have not ended %s after they were cancelled", cutOffTime)
	}
}

// reachAllowed says why a request that came in at another program's listener is not served: it checks what
// [HTTPOptions.checkReach] checks of a listener.
func (g *guard) reachAllowed(r *http.Request) (wrong string) {
	switch {
	case !g.mounted || g.onLoopback(r):
		return ""
	case g.auth == nil:
		return "this address is not a loopback one: serving it needs a file of tokens, or an issuer"
	case r.TLS == nil && !g.proxied:
		return "this address is not a loopback one: serving it needs a certificate, or a proxy in front"
	}
	return ""
}

// onLoopback reports whether a request came in where nobody outside this machine reaches it.
func (g *guard) onLoopback(r *http.Request) bool {
	if !g.mounted {
		return g.loopback
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return loopbackAddr(local)
}

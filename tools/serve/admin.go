package serve

import (
	"fmt"
	"log"
	"net"
	"net/http"
)

// admin is what serves the operator at an address of its own: /metrics, /healthz and /readyz.
type admin struct {
	server *http.Server
	served chan error
}

// checkAdmin refuses an address at which other machines would send their tokens in the clear, or would need none.
func (o *HTTPOptions) checkAdmin() error {
	if o.Admin == nil || loopbackAddr(o.Admin.Addr()) {
		return nil
	}
	if o.Auth == nil && o.Issuer == nil {
		return fmt.Errorf("serve: the operator's address %s is not a loopback one: it needs a file of tokens, or an issuer",
			o.Admin.Addr())
	}
	if o.Certificate == nil && !o.BehindProxy {
		return fmt.Errorf("serve: the operator's address %s is not a loopback one: it needs a certificate, or a proxy in "+
			"front",
			o.Admin.Addr())
	}
	return nil
}

// startAdmin serves the operator. On a loopback address neither a token is asked for nor a certificate shown.
func (s *httpServer) startAdmin(l net.Listener) *admin {
	guarded := *s.guard
	guarded.loopback = loopbackAddr(l.Addr())
	if guarded.loopback {
		guarded.auth = nil
	}
	mux := http.NewServeMux()
	s.serveOperator(mux, &guarded)
	a := &admin{served: make(chan error, 1), server: &http.Server{
		Handler: mux, ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: s.idle, MaxHeaderBytes: maxHeader, ErrorLog: log.New(serverLog{s.refused, s.log}, "", 0),
	}}
	go func() {
		if s.tls != nil && !guarded.loopback {
			a.server.TLSConfig = s.tls.config()
			a.served <- a.server.ServeTLS(l, "", "")
			return
		}
		a.served <- a.server.Serve(l)
	}()
	return a
}

// stop ends it.
func (a *admin) stop() {
	_ = a.server.Close() // probes and scrapes lose nothing
	<-a.served
}

// serveOperator adds the probes, which tell nothing that is worth guarding and answer whatever Host and whoever asks,
// and the metrics, which want the same Host and token as a call: who scrapes them by the machine's own address needs no
// more.
func (s *httpServer) serveOperator(mux *http.ServeMux, g *guard) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.Handle("GET /metrics", g.protect(s.core.metrics.handler()))
}

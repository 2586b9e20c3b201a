package serve

import (
	"net/http"
	"time"
)

// pageTimeout is how long a page may take to be written.
const pageTimeout = 30 * time.Second

// noConsole is what people are told where no console is served.
const noConsole = "the console is off: people have to be able to sign in; it needs --issuer, --audience, " +
	"--public-url and --console-client-id"

// serveConsole adds the console, which wants the same Host as a call, and no token: people sign in there.
func (s *httpServer) serveConsole(mux *http.ServeMux) {
	console := s.console
	if console == nil {
		console = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			writeText(w, http.StatusNotFound, noConsole)
		})
	}
	guarded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.guard.reached(w, r) {
			// A writer without deadlines serves tests, not a network.
			_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(pageTimeout))
			console.ServeHTTP(w, r)
		}
	})
	mux.Handle("/console", guarded)
	mux.Handle("/console/", guarded)
}

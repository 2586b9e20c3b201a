package console

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
)

// Options is what a console works with. Desk, Sessions and one of SignIn and Codes are required.
type Options struct {
	Desk     *tools.Console
	Sessions change.Sessions // of the store of changes
	// SignIn has people sign in at an identity provider. It needs Public.
	SignIn *auth.SignIn
	// Codes let a person sign in who reads the terminal of this machine. The console then answers loopback names alone.
	Codes *Codes
	// Public is the address of the server as browsers have it, scheme and host: https://mcp.example.com.
	Public string
	// CSV writes the rows of a change as a table; nil: none can be downloaded.
	CSV func(w io.Writer, rows *tools.Exported) error
	// BehindProxy tells that a proxy in front names the client in X-Forwarded-For, by which sign-ins are limited.
	BehindProxy bool
	Log         *slog.Logger // nil: nothing is logged
	// Now is the clock of sessions and of attempts to sign in; nil: the real one.
	Now func() time.Time
}

// root is where the console is served.
const root = "/console"

// Console serves the pages. It is safe for concurrent use.
type Console struct {
	desk     *tools.Console
	sessions *sessions
	signIn   *auth.SignIn
	codes    *Codes
	origin   string // the only one whose forms count; "" with codes: the loopback name that was called
	secure   bool   // browsers reach the console by https
	csv      func(io.Writer, *tools.Exported) error
	log      *slog.Logger
	now      func() time.Time
	attempts *attempts // to sign in
	checks   *trailChecks
	mux      *http.ServeMux
}

// New returns a console.
func New(o Options) (*Console, error) {
	if o.Desk == nil || o.Sessions == nil || (o.SignIn == nil) == (o.Codes == nil) {
		return nil, errors.New("console: a desk, sessions, and one way to sign in are required")
	}
	c := &Console{desk: o.Desk, signIn: o.SignIn, codes: o.Codes, csv: o.CSV, log: o.Log, now: o.Now,
		checks: &trailChecks{}}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if o.SignIn != nil {
		public, err := url.Parse(o.Public)
		if err != nil || public.Host == "" || public.Path != "" {
			return nil, errors.New("console: the public address is scheme and host: https://mcp.example.com")
		}
		c.origin, c.secure = originOf(public), public.Scheme == "https"
	}
	c.attempts = newAttempts(o.BehindProxy, c.now)
	c.sessions = newSessions(o.Sessions, c.log, c.now)
	c.mux = c.routes()
	return c, nil
}

// originOf is the origin of an address, as browsers name it.
func originOf(address *url.URL) string {
	host := strings.ToLower(address.Host)
	if port := address.Port(); port == "" || port == map[string]string{"http": "80", "https": "443"}[address.Scheme] {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return address.Scheme + "://" + host
}

// Callback is where an identity provider sends people back to, on a server at a public address.
func Callback(public string) string { return strings.TrimSuffix(public, "/") + root + "/callback" }

// routes maps paths to pages.
func (c *Console) routes() *http.ServeMux {
	mux := http.NewServeMux()
	door, changes, records := signInPages{c}, changePages{c}, recordPages{c}
	mux.HandleFunc("GET "+root+"/assets/{name}", serveAsset)
	mux.HandleFunc("GET "+root+"/sign-in", door.showSignIn)
	mux.HandleFunc("GET "+root+"/sign-in/start", door.startSignIn)
	mux.HandleFunc("GET "+root+"/callback", door.finishSignIn)
	mux.HandleFunc("POST "+root+"/sign-in", door.takeCode)
	mux.Handle("POST "+root+"/sign-out", c.form(c.signOut))

	mux.Handle("GET "+root, c.page(changes.showWaiting))
	mux.Handle("GET "+root+"/{$}", http.RedirectHandler(root, http.StatusSeeOther))
	mux.Handle("GET "+root+"/changes", c.page(changes.showChanges))
	mux.Handle("GET "+root+"/changes/{id}", c.page(changes.showChange))
	mux.Handle("GET "+root+"/changes/{id}/progress", c.page(changes.showProgress))
	mux.Handle("GET "+root+"/changes/{id}/rows.csv", c.page(changes.showCSV))
	mux.Handle("POST "+root+"/changes/{id}/{act}", c.form(changes.act))
	mux.Handle("GET "+root+"/trail", c.page(records.showTrail))
	mux.Handle("GET "+root+"/freeze", c.page(records.showFreeze))
	mux.Handle("POST "+root+"/freeze", c.form(records.freeze))
	mux.Handle("POST "+root+"/unfreeze", c.form(records.unfreeze))
	mux.HandleFunc(root+"/", func(w http.ResponseWriter, r *http.Request) {
		c.tell(w, r, nil, http.StatusNotFound, "There is no such page", "Perhaps the link was cut short.")
	})
	return mux
}

// ServeHTTP implements [http.Handler], for the path /console and all below it.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.secureHeaders(w.Header())
	if c.codes != nil && !auth.LoopbackHost(r.Host) {
		c.tell(w, r, nil, http.StatusForbidden, "Not served here", "Open the address that the terminal shows.")
		return
	}
	defer c.recover(w, r)
	c.mux.ServeHTTP(w, r)
}

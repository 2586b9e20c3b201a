package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"intercom-mcp/cmd/intercom-mcp/internal/script"
	"intercom-mcp/intercom/sandbox"
)

// sandboxHelp are the help texts of sandboxCmd's flags.
var sandboxHelp = helpTexts{
	"contacts":   "How many contacts there are; -1 for none.",
	"companies":  "How many companies there are; -1 for none.",
	"rate_limit": "Requests admitted per 10 seconds.",
	"search_lag": "How long a write takes to show in search.",
	"bulk_delay": "How long a bulk job takes.",
	"faults":     "YAML file of what goes wrong: faults and fail_contacts, as in a script's sandbox.",
}

// sandboxCmd serves the embedded Intercom.
type sandboxCmd struct {
	Addr      string        `variable:"INTERCOM_SANDBOX_ADDR" default:"127.0.0.1:8090" help:"Address to listen on."`
	Seed      uint64        `variable:"INTERCOM_SANDBOX_SEED" default:"1" help:"Same seed, same workspace, ids included."`
	Contacts  int           `variable:"INTERCOM_SANDBOX_CONTACTS" default:"500" help:"@contacts"`
	Companies int           `variable:"INTERCOM_SANDBOX_COMPANIES" default:"40" help:"@companies"`
	RateLimit int           `variable:"INTERCOM_SANDBOX_RATE_LIMIT" default:"1667" help:"@rate_limit"`
	SearchLag time.Duration `variable:"INTERCOM_SANDBOX_SEARCH_LAG" default:"0s" help:"@search_lag"`
	Latency   time.Duration `variable:"INTERCOM_SANDBOX_LATENCY" default:"0s" help:"How long each answer takes."`
	BulkDelay time.Duration `variable:"INTERCOM_SANDBOX_BULK_DELAY" default:"600ms" help:"@bulk_delay"`
	NoPreview bool          `variable:"INTERCOM_SANDBOX_NO_PREVIEW" help:"Lack Intercom's Preview version."`
	Escape    bool          `variable:"INTERCOM_SANDBOX_ESCAPE" help:"Escape texts as HTML, as Intercom does with some."`
	Faults    string        `variable:"INTERCOM_SANDBOX_FAULTS" type:"path" placeholder:"FILE" help:"@faults"`
	logFlags
}

// Run implements the command. It ends with ctx.
func (c *sandboxCmd) Run(ctx context.Context, h *host) error {
	log, flush := c.serverLogger(h, logDefaults{level: slog.LevelInfo, format: "text"})
	defer flush()
	workspace := sandbox.New(sandbox.Options{
		Seed: c.Seed, Contacts: c.Contacts, Companies: c.Companies, RateLimit: c.RateLimit,
		SearchLag: c.SearchLag, Latency: c.Latency, BulkDelay: c.BulkDelay, NoPreview: c.NoPreview, Escape: c.Escape,
	})
	if c.Faults != "" {
		faults, err := script.LoadFaults(c.Faults)
		if err == nil {
			err = faults.Arm(workspace)
		}
		if err != nil {
			return &usageError{problem: err.Error(), try: "intercom-mcp sandbox --help"}
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	url := "http://" + listener.Addr().String()
	id, name, email := workspace.Admin()
	fmt.Fprintf(h.stdout, `The embedded Intercom listens on %[1]s (stop it with Ctrl-C).

token      any text will do
admin      %[2]s, %[3]s <%[4]s>
look       curl -H 'Authorization: Bearer test' -H 'Accept: application/json' %[1]s/contacts?per_page=1
use it     INTERCOM_ACCESS_TOKEN=test intercom-mcp stdio --base-url %[1]s
`, url, id, name, email)
	return servePlain(ctx, "the embedded Intercom", workspace, listener, log)
}

// servePlain answers by what a name stands for on listener until ctx ends, then lets requests that are under way finish
// for a moment.
func servePlain(ctx context.Context, what string, handler http.Handler, listener net.Listener,
	log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving %s: %w", what, err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

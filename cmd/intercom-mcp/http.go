package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"intercom-mcp/cmd/intercom-mcp/internal/gcpace"
	"intercom-mcp/tools/serve"
)

// httpGrace is how long a stopped server waits for the requests under way. The next server resumes what is left.
const httpGrace = 6 * time.Second

// httpHelp are the help texts of httpCmd's flags.
var httpHelp = helpTexts{
	"addr":         "Address to listen on; other than loopback only with --tokens or --issuer.",
	"tokens":       "File of the bearer tokens let in, written by 'intercom-mcp token new'; read again at SIGHUP.",
	"allow_host":   "Host name by which clients, or a proxy in front, call this server.",
	"allow_origin": "Accept calls from web pages of this origin.",
	"max_calls":    "Calls under way beyond which more are answered busy.",
	"replicas": "How many servers use this access token: while the state cannot be reached, each takes its part of the " +
		"rate limit.",
	"idle_timeout": "After how long a connection without requests is closed; longer than that of a proxy in front.",
	"shutdown_delay": "How long calls are still taken after SIGTERM while /readyz answers 503, for a load balancer to " +
		"notice.",
	"seal_keys": "File of the keys that sign pending confirmations, so that they survive a restart: one per line in " +
		"hex, the first signs, all verify; created if missing; read again at SIGHUP.",
}

// httpCmd serves many clients at /mcp, and /healthz, /readyz and /metrics.
type httpCmd struct {
	Addr         string        `variable:"INTERCOM_HTTP_ADDR" default:"127.0.0.1:8080" help:"@addr"`
	Tokens       string        `variable:"INTERCOM_HTTP_TOKENS" type:"path" placeholder:"FILE" help:"@tokens"`
	SealKeys     string        `variable:"INTERCOM_SEAL_KEYS" type:"path" placeholder:"FILE" help:"@seal_keys"`
	AllowHost    []string      `variable:"INTERCOM_HTTP_ALLOW_HOST" placeholder:"HOST" help:"@allow_host"`
	AllowOrigin  []string      `variable:"INTERCOM_HTTP_ALLOW_ORIGIN" placeholder:"ORIGIN" help:"@allow_origin"`
	MaxCalls     int           `variable:"INTERCOM_HTTP_MAX_CALLS" default:"256" help:"@max_calls"`
	MaxCallsEach int           `variable:"INTERCOM_HTTP_MAX_CALLS_EACH" default:"64" help:"The same for one principal."`
	Replicas     int           `variable:"INTERCOM_HTTP_REPLICAS" default:"1" help:"@replicas"`
	IdleTimeout  time.Duration `variable:"INTERCOM_HTTP_IDLE_TIMEOUT" default:"2m" help:"@idle_timeout"`

	ShutdownDelay time.Duration `variable:"INTERCOM_HTTP_SHUTDOWN_DELAY" default:"0s" help:"@shutdown_delay"`

	ConsoleClient consoleClientFlags `embed:"" prefix:"console-client-"`

	listenFlags
	issuerFlags
	askFlags
	notifyFlags
	serviceFlags
}

// httpGOGC is how much the heap of a server over HTTP grows between collections at least, in percent: it is one for
// many clients. Against 100 it was measured to save an eighth of the CPU time of a get_contact, for 3 MB.
const httpGOGC = 150

// Run implements the command. It ends with ctx.
func (c *httpCmd) Run(ctx context.Context, h *host) error {
	gcpace.Least(httpGOGC)
	if err := c.checkAddress(); err != nil {
		return err
	}
	if c.Sharers = c.Replicas; c.Replicas < 1 {
		return &usageError{problem: "--replicas is the number of servers, 1 or more"}
	}
	files, err := c.files()
	if err != nil {
		return err
	}
	issuer, err := c.issuer()
	if err != nil {
		return err
	}
	signIn, err := c.ConsoleClient.signIn(issuer, c.PublicURL)
	if err != nil {
		return err
	}
	log, flush := c.serverLogger(h, logDefaults{level: slog.LevelInfo, format: "json"})
	defer flush()
	metrics := serve.NewMetrics()
	metrics.DescribeBuild(thisBuild().version, thisBuild().commit)
	options, err := c.options(serve.Options{
		Version: thisBuild().version, Log: log, Metrics: metrics, SealKeys: files.keys,
	})
	if err != nil {
		return err
	}
	if c.ConsoleURL = c.consoleURL(signIn); files.tokens != nil {
		c.Withdrawn = files.tokens.Lacks
	}
	service, err := c.open(h, "http", log, metrics)
	if err != nil {
		return err
	}
	people, err := c.people(service, signIn, log)
	if err == nil {
		err = c.notifyFlags.start(service, c.ConsoleURL, log)
	}
	if err != nil {
		return errors.Join(err, service.close(ctx))
	}
	if shared := service.store.Shared().Seals; shared != nil && options.SealKeys == nil {
		options.SealKeys = serve.ShareSealKeys(shared)
	}
	service.tokens = files.tokens
	defer service.watchAttributes(ctx, log)()
	defer reloadAtHangup(ctx, log, slices.Concat(service.reloadables(ctx), files.reloadables(ctx, service))...)()
	service.pipeline.Resume()
	options.Caller, options.Stopping = service.pipeline, func() { service.pause(httpGrace) }
	return errors.Join(c.serve(ctx, log, serve.HTTPOptions{
		Options: options, Auth: files.tokens, Issuer: issuer, PublicURL: c.PublicURL, AllowedHosts: c.hosts(),
		AllowedOrigins: entries(c.AllowOrigin), Certificate: files.certificate, BehindProxy: c.BehindProxy,
		MaxCalls: c.MaxCalls, MaxCallsPerPrincipal: c.MaxCallsEach, MaxConnections: maxConnections(),
		IdleTimeout: c.IdleTimeout, ShutdownDelay: c.ShutdownDelay, Console: people,
		Ready: (&readiness{check: service.reachable}).ready,
	}), service.close(ctx))
}

// serve listens, and answers until ctx ends.
func (c *httpCmd) serve(ctx context.Context, log *slog.Logger, options serve.HTTPOptions) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	if c.AdminAddr != "" {
		if options.Admin, err = new(net.ListenConfig).Listen(ctx, "tcp", c.AdminAddr); err != nil {
			return errors.Join(fmt.Errorf("listening for the operator: %w", err), listener.Close())
		}
		log.InfoContext(ctx, "serving the operator", "address", options.Admin.Addr().String())
	}
	scheme := "http"
	if options.Certificate != nil {
		scheme = "https"
	}
	log.InfoContext(ctx, "serving MCP", "url", fmt.Sprintf("%s://%s/mcp", scheme, listener.Addr()))
	return serveHTTP(ctx, options, listener)
}

// serveHTTP is what answers on the listener; a build for tests may put another in its place.
var serveHTTP = serve.HTTP

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"intercom-mcp/tools/serve"
)

// httpPatience is how long changes may take to see done what is in Intercom's
// hands, once the program was told to stop. What is not done by then is resumed.
const httpPatience = 6 * time.Second

// httpCmd serves many clients at /mcp, and /healthz, /readyz and /metrics.
type httpCmd struct {
	Addr         string   `variable:"INTERCOM_HTTP_ADDR" default:"127.0.0.1:8080" help:"Address to listen on; other than loopback only with --tokens."`
	Tokens       string   `variable:"INTERCOM_HTTP_TOKENS" type:"path" placeholder:"FILE" help:"File of the bearer tokens that are let in, written by 'intercom-mcp token new'; read again at SIGHUP."`
	SealKeys     string   `variable:"INTERCOM_SEAL_KEYS" type:"path" placeholder:"FILE" help:"File of the keys that seal questions, so that they can be answered after a restart: one per line in hex, the first seals, all open; made if it is not there; read again at SIGHUP."`
	AllowHost    []string `variable:"INTERCOM_HTTP_ALLOW_HOST" placeholder:"HOST" help:"Accept this Host header too: a name of this machine, or what a proxy in front sends."`
	AllowOrigin  []string `variable:"INTERCOM_HTTP_ALLOW_ORIGIN" placeholder:"ORIGIN" help:"Accept calls from web pages of this origin."`
	MaxCalls     int      `variable:"INTERCOM_HTTP_MAX_CALLS" default:"256" help:"Calls under way beyond which more are answered busy."`
	MaxCallsEach int      `variable:"INTERCOM_HTTP_MAX_CALLS_EACH" default:"64" help:"The same for the calls of one principal."`
	Conformance  bool     `hidden:"" help:"Serve the fixtures of MCP's conformance suite too."`
	serviceFlags
}

// Run implements the command. It ends with ctx.
func (c *httpCmd) Run(ctx context.Context, h *host) error {
	if err := c.checkAddress(); err != nil {
		return err
	}
	var tokens *serve.Tokens
	if c.Tokens != "" {
		var err error
		if tokens, err = serve.LoadTokens(c.Tokens); err != nil {
			return &usageError{problem: err.Error(), try: "intercom-mcp token new NAME --tokens " + c.Tokens}
		}
	}
	var keys *serve.SealKeys
	if c.SealKeys != "" {
		var err error
		if keys, err = serve.LoadSealKeys(c.SealKeys); err != nil {
			return &usageError{problem: err.Error()}
		}
	}
	log := c.logger(h, logDefaults{level: slog.LevelInfo, format: "json"})
	metrics := serve.NewMetrics()
	service, err := c.open(h, "http", log, metrics)
	if err != nil {
		return err
	}
	again := service.reloadables()
	if tokens != nil {
		again = append(again, reloadable{"tokens", tokens.Reload})
	}
	if keys != nil {
		again = append(again, reloadable{"seal keys", keys.Reload})
	}
	defer reloadAtHangup(ctx, log, again...)()
	service.Resume()
	return errors.Join(c.serve(ctx, log, serve.HTTPOptions{
		Options: serve.Options{
			Version: thisBuild().version, Caller: service, Log: log, Metrics: metrics, SealKeys: keys, Conformance: c.Conformance,
			Stopping: func() { service.pause(httpPatience) },
		},
		Auth: tokens, AllowedHosts: c.hosts(), AllowedOrigins: c.AllowOrigin,
		MaxCalls: c.MaxCalls, MaxCallsPerPrincipal: c.MaxCallsEach,
		Ready: (&readiness{check: service.reachable}).ready,
	}), service.settle(ctx))
}

// serve listens, and answers until ctx ends.
func (c *httpCmd) serve(ctx context.Context, log *slog.Logger, options serve.HTTPOptions) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	log.InfoContext(ctx, "serving MCP", "url", fmt.Sprintf("http://%s/mcp", listener.Addr()))
	return serve.HTTP(ctx, options, listener)
}

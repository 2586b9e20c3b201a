package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/tools/serve/console"
)

// consoleCmd serves the web page for people beside servers that speak on stdio, over the same state file.
type consoleCmd struct {
	Listen string `variable:"INTERCOM_CONSOLE_LISTEN" default:"127.0.0.1:0" help:"@listen"`
	policyFlags
	recordFlags
	logFlags
}

// Run implements the command. It ends with ctx.
func (c *consoleCmd) Run(ctx context.Context, h *host) (err error) {
	address, err := net.ResolveTCPAddr("tcp", c.Listen)
	if err != nil {
		return &usageError{problem: "the address to listen on: " + err.Error(), try: "--listen 127.0.0.1:0"}
	}
	if !address.IP.IsLoopback() {
		return &usageError{problem: "other machines reach " + c.Listen +
			", and the code that lets people in is for those at " +
			"this machine alone", try: "--listen 127.0.0.1:0, or the console of intercom-mcp http"}
	}
	log, flush := c.serverLogger(h, logDefaults{level: slog.LevelWarn, format: "text"})
	defer flush()
	service, err := c.openService(h, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	defer reloadAtHangup(ctx, log, service.reloadables(ctx)...)()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	fmt.Fprintf(h.stdout, "The console is at http://%s/console (stop it with Ctrl-C).\n", listener.Addr())
	if !terminal.Is(h.stdout) {
		fmt.Fprintln(h.stderr, "the codes go to no terminal: whoever reads them can sign in")
	}
	handler, err := service.console(console.Options{Codes: console.NewCodes(showCodes(h.stdout))}, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return servePlain(ctx, "the console", handler, listener, log)
}

// showCodes shows the codes by which a person signs in.
func showCodes(w io.Writer) func(code string) {
	return func(code string) {
		fmt.Fprintf(w, "%s  code %s, which works once\n", time.Now().Format(time.TimeOnly), code)
	}
}

// openService opens a service that works with the state alone. A file that is not there yet is made when the first
// person signs in.
func (c *consoleCmd) openService(h *host, log *slog.Logger) (*service, error) {
	workspace := workspaceFlags{Token: c.Token, TokenFile: c.TokenFile, endpointFlags: c.endpointFlags}
	store, err := c.openExisting(h, workspace, "console", "", toWrite)
	if errors.Is(err, fs.ErrNotExist) {
		var path string
		if path, err = c.existing(h, workspace, "console"); err == nil {
			fmt.Fprintf(h.stderr, "%s is not there yet: have a server use it, by --state\n", path)
			store, err = toWrite.open(path)
		}
	}
	if err != nil {
		return nil, err
	}
	started, err := offerFlags{policyFlags: c.policyFlags}.start(offlineConfig(), store, log, nil, checkEvery)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return started, nil
}

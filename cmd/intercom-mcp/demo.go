package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"intercom-mcp/cmd/intercom-mcp/internal/demo"
	"intercom-mcp/intercom/sandbox"
)

// demoCmd shows the main job, without a word of MCP presumed. It runs the embedded Intercom itself, to check every
// number that it prints against the workspace's own state.
type demoCmd struct {
	Serve bool `help:"Leave a proposal for you in the console afterwards, until Ctrl-C."`
}

// Run implements the command. It fails where a number from the server disagrees with the workspace.
func (c demoCmd) Run(ctx context.Context, h *host) (err error) {
	workspace := sandbox.New(sandbox.Options{BulkDelay: 1500 * time.Millisecond})
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() {
		served <- servePlain(serving, "the embedded Intercom", workspace, listener,
			slog.New(slog.DiscardHandler))
	}()
	defer func() {
		stop()
		err = errors.Join(err, <-served)
		if err != nil && ctx.Err() != nil { // what was cut off then is no news
			err = errors.New("the demo was stopped")
		}
	}()
	agrees, err := demo.Run(ctx, demo.Config{
		Workspace: workspace, URL: "http://" + listener.Addr().String(), Version: thisBuild().version,
		Out: h.stdout, Log: h.stderr, Style: h.style(h.stdout),
		Next: os.Args[0] + ` call search_contacts '{"limit":3}' --sandbox`,
		Self: os.Args[0], Serve: c.Serve,
	})
	if err == nil && !agrees {
		err = errFailed
	}
	return err
}

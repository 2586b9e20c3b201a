package main

import (
	"context"
	"errors"
	"log/slog"
	"os/signal"
	"syscall"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/serve"
)

// stdioGrace is how long a server whose client is gone waits for the requests under way: clients kill a server that
// lingers.
const stdioGrace = 1200 * time.Millisecond

// stdioCmd serves the one client that started the program. Its stdout belongs to the protocol alone.
type stdioCmd struct {
	askFlags
	notifyFlags
	serviceFlags
}

// Run implements the command. It ends when stdin does, or with ctx.
func (c *stdioCmd) Run(ctx context.Context, h *host) error {
	signal.Ignore(syscall.SIGPIPE) // a client that died is an end of input, and no reason to die in the midst of a write
	log, flush := c.serverLogger(h, logDefaults{level: slog.LevelInfo, format: "text"})
	defer flush()
	options, err := c.options(serve.Options{Version: thisBuild().version, Log: log})
	if err != nil {
		return err
	}
	service, err := c.open(h, "stdio", log, nil)
	if err != nil {
		return err
	}
	if err := c.notifyFlags.start(service, "", log); err != nil {
		return errors.Join(err, service.close(ctx))
	}
	defer service.watchAttributes(ctx, log)()
	defer reloadAtHangup(ctx, log, service.reloadables(ctx)...)()
	service.pipeline.Resume()
	options.Caller, options.Stopping = service.pipeline, func() { service.pipeline.Stop(stdioGrace) }
	options.ToolsChanged = service.policies.listed
	if _, lasting := service.store.(change.Durable); lasting {
		options.Decisions = service.pipeline.AwaitDecision
	}
	err = serve.Stdio(ctx, options, h.stdin, h.stdout)
	return errors.Join(err, service.close(ctx))
}

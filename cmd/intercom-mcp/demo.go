package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// demoCmd shows the main job to someone who has never seen MCP. It runs the
// embedded Intercom itself, so that it can check every number it prints
// against the workspace's own state.
type demoCmd struct{}

// Run implements the command. It fails where a number that the server told
// disagrees with the workspace.
func (demoCmd) Run(ctx context.Context, h *host) (err error) {
	workspace := sandbox.New(sandbox.Options{BulkDelay: 1500 * time.Millisecond})
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- serveSandbox(serving, workspace, listener, slog.New(slog.DiscardHandler)) }()
	defer func() {
		stop()
		err = errors.Join(err, <-served)
	}()
	d := &demo{
		host: h, paint: paint{h.coloured(h.stdout)}, workspace: workspace,
		url: "http://" + listener.Addr().String(),
	}
	return d.tell(ctx)
}

// demo is one telling of the story.
type demo struct {
	*host
	paint     paint
	workspace *sandbox.Sandbox
	url       string // of the workspace
	agent     *demoAgent
	quiet     demoTable // the people found
	scenes    int
	disagreed int // checks that failed
}

// tell tells the whole story.
func (d *demo) tell(ctx context.Context) (err error) {
	d.opening()
	if d.agent, err = d.startAgent(ctx, "write"); err != nil {
		return err
	}
	for _, scene := range []func(context.Context) error{
		d.listTools, d.findQuietPeople, d.showOne, d.decline, d.accept, d.mistake,
	} {
		if err := scene(ctx); err != nil {
			return joinClose(err, d.agent)
		}
	}
	if err := d.agent.close(); err != nil {
		return err
	}
	if err := d.readOnly(ctx); err != nil {
		return err
	}
	if d.disagreed > 0 {
		d.say("\n%s", d.paint.red(count(d.disagreed, "check")+" failed."))
		return errFailed
	}
	d.say("\n%s Try it yourself: %s", d.paint.green("Every number above agrees with the workspace."),
		d.paint.bold(os.Args[0]+" call search_contacts '{\"limit\":3}' --sandbox"))
	return nil
}

// startAgent starts an agent whose server works in the demo's workspace.
func (d *demo) startAgent(ctx context.Context, mode string) (*demoAgent, error) {
	return startAgent(ctx, d.stderr, []string{"INTERCOM_ACCESS_TOKEN=demo"},
		"stdio", "--base-url", d.url, "--mode", mode, "--log-level", "error")
}

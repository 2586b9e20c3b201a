package demo

import (
	"context"
	"errors"
	"io"
	"os"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/intercom/sandbox"
)

// Config describes where the story takes place.
type Config struct {
	Workspace *sandbox.Sandbox
	URL       string    // where Workspace is served
	Version   string    // of this program
	Out       io.Writer // gets the story
	Log       io.Writer // gets the servers' logs
	Style     terminal.Style
	Next      string // a command to try after the story
}

// demo is one telling of the story.
type demo struct {
	Config
	dir       string // for the changes of the story, and its table
	quiet     table  // the people found
	scenes    int
	disagreed int // checks that failed
}

// Run tells the story, and reports whether all numbers agree with the workspace.
func Run(ctx context.Context, config Config) (agrees bool, err error) {
	d := &demo{Config: config}
	if d.dir, err = os.MkdirTemp("", "intercom-mcp-demo-"); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	d.opening()
	scenes := []scene{d.listTools, d.findQuietPeople, d.showOne, d.decline, d.accept, d.mistake}
	if err := d.withAgent(ctx, "write", scenes...); err != nil {
		return false, err
	}
	if err := d.withAgent(ctx, "read", d.readOnly); err != nil {
		return false, err
	}
	if err := d.roundTrip(ctx); err != nil {
		return false, err
	}
	if d.disagreed > 0 {
		d.say("\n%s", d.Style.Red("Some checks failed."))
		return false, nil
	}
	d.say("\n%s Try it yourself: %s", d.Style.Green("Every number above agrees with the workspace."), d.Style.Bold(d.Next))
	return true, nil
}

// scene is a part of the story, in which an agent acts.
type scene func(ctx context.Context, a *agent) error

// withAgent plays scenes with an agent whose server runs in a mode.
func (d *demo) withAgent(ctx context.Context, mode string, scenes ...scene) (err error) {
	a, err := d.startAgent(ctx, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.client.Close()) }()
	for _, play := range scenes {
		if err := play(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

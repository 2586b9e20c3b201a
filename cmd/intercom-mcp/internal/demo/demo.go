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
	Self      string // how this program was called
	Serve     bool   // leave a proposal to whoever watches, until ctx ends
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
	if err := d.withAgent(ctx, []string{"--mode", "write"}, scenes...); err != nil {
		return false, err
	}
	if err := d.withAgent(ctx, []string{"--mode", "read"}, d.readOnly); err != nil {
		return false, err
	}
	if err := d.roundTrip(ctx); err != nil {
		return false, err
	}
	if err := withConsole(ctx, d, desk.approve); err != nil {
		return false, err
	}
	if concludes(d) && d.Serve {
		err = withConsole(ctx, d, desk.serve)
	}
	return d.disagreed == 0, err
}

// concludes says, and reports, whether all numbers agree with the workspace, and what to try next.
func concludes(d *demo) bool {
	if d.disagreed > 0 {
		d.say("\n%s", d.Style.Red("Some checks failed."))
		return false
	}
	d.say("\n%s Try it yourself: %s", d.Style.Green("Every number above agrees with the workspace."), d.Style.Bold(d.Next))
	if !d.Serve {
		d.say("To decide on the web page yourself: %s", d.Style.Bold(d.Self+" demo --serve"))
	}
	return true
}

// scene is a part of the story, in which an agent acts.
type scene func(ctx context.Context, a *agent) error

// withAgent plays scenes with an agent whose server has further flags.
func (d *demo) withAgent(ctx context.Context, flags []string, scenes ...scene) (err error) {
	a, err := d.startAgent(ctx, flags)
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

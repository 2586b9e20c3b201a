package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// peopleDecide is a policy by which nothing is written before a person says yes in the console. The demo has one
// person, who is at both ends: self_approval lets them.
const peopleDecide = `mode: write
confirm: {self_approval: true}
rules:
  - name: a person decides in the console
    effects: [write]
    then: confirm
    by: approver
`

// console is this program serving the web page for people, as a child over the state file of the story.
type console struct {
	address string        // scheme and host
	codes   chan string   // for signing in; each works once, and the next is shown then
	ended   chan struct{} // closed when the child has ended
	problem error         // why; to be read when ended is closed
}

// withConsole plays a part of the story in which people decide in a console, and an agent waits for them.
func withConsole(ctx context.Context, d *demo, play func(desk, context.Context) error) error {
	policy := filepath.Join(d.dir, "policy.yaml")
	if err := os.WriteFile(policy, []byte(peopleDecide), 0o600); err != nil {
		return err
	}
	// The servers end when the part is over: what ends the part must not take them from under it.
	return d.withAgent(context.WithoutCancel(ctx), []string{"--mode", "write", "--policy", policy},
		func(living context.Context, a *agent) error {
			living, stop := context.WithCancel(living)
			defer stop()
			c, err := startConsole(ctx, living, d.statePath(), policy)
			if err != nil {
				return err
			}
			defer func() { stop(); <-c.ended }()
			return play(desk{d, a, c}, ctx)
		})
}

// startConsole starts a console over a state file that lives as long as living, and waits for its address as long as
// ctx.
func startConsole(ctx, living context.Context, state, policy string) (*console, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	cmd, err := ownEnvironment(living, program, nil,
		[]string{"console", "--state", state, "--policy", policy})
	if err != nil {
		return nil, err
	}
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err == nil || errors.Is(err, os.ErrProcessDone) {
			return err
		}
		return cmd.Process.Kill() // where nobody can be interrupted
	}
	cmd.WaitDelay = 5 * time.Second
	c := &console{codes: make(chan string, 16), ended: make(chan struct{})}
	told, log := &announcements{address: make(chan string, 1), codes: c.codes}, new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = told, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the console: %w", err)
	}
	go func() {
		defer close(c.ended)
		if c.problem = cmd.Wait(); c.problem != nil {
			c.problem = fmt.Errorf("the console ended: %w: %s", c.problem, log)
		}
	}()
	select {
	case c.address = <-told.address:
		return c, nil
	case <-c.ended:
		return nil, errors.Join(errors.New("the console did not start"), c.problem)
	case <-ctx.Done():
		_ = cmd.Cancel() // it may have ended
		<-c.ended
		return nil, ctx.Err()
	}
}

// code is the next code for signing in.
func (c *console) code(ctx context.Context) (string, error) {
	select {
	case code := <-c.codes:
		return code, nil
	case <-c.ended:
		return "", errors.Join(errors.New("the console shows no code"), c.problem)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// link is where a person opens a change.
func (c *console) link(change string) string { return c.address + "/console/changes/" + change }

// announcements takes the address and the codes out of what the console prints. Its channels are never waited for:
// codes that nobody takes are lost.
type announcements struct {
	mu      sync.Mutex
	begun   []byte // of a line
	address chan string
	codes   chan string
}

var announced = pattern(`(?:at (http://[^/ ]+)/console|code ([0-9A-Z-]+),)`)

// Write implements [io.Writer].
func (a *announcements) Write(text []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun = append(a.begun, text...)
	for {
		line, rest, whole := bytes.Cut(a.begun, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		a.begun = rest
		found := announced().FindSubmatch(line)
		if found == nil {
			continue
		}
		to, what := a.address, string(found[1])
		if what == "" {
			to, what = a.codes, string(found[2])
		}
		select {
		case to <- what:
		default:
		}
	}
}

package tools

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// Config is what a [Pipeline] works with. All but Toolsets and Log is required.
type Config struct {
	Client *intercom.Client
	// Policy returns the policy in force; it is asked once per call. The mode
	// it has at first decides which tools are listed.
	Policy   func() *policy.Policy
	Store    change.Store
	Toolsets []string     // only tools of these sets are listed; empty: all
	Log      *slog.Logger // nil: nothing is logged
}

// Pipeline runs tool calls: the one way from a call to Intercom and back. It
// is safe for concurrent use, and owns the work that outlives a call: see
// [Pipeline.Close].
type Pipeline struct {
	client  *intercom.Client
	current func() *policy.Policy
	store   change.Store
	lists   *directory.Lists
	log     *slog.Logger
	tools   []Tool

	noBulk   atomic.Bool // the workspace has shown that it has no bulk jobs
	running  sync.WaitGroup
	paused   atomic.Bool // what is not sent yet is left to be resumed
	mu       sync.Mutex
	runs     map[string]*run // by change id, while applying
	stop     context.CancelFunc
	stopped  context.Context // ends when nothing more is to be sent
	abandon  context.CancelFunc
	working  context.Context // ends when work is to be left where it stands
	patience *time.Timer     // ends working; nil before Stop
}

// New returns a pipeline over the whole catalogue, narrowed by the policy's
// mode and by the toolsets.
func New(cfg Config) (*Pipeline, error) {
	if cfg.Client == nil || cfg.Policy == nil || cfg.Store == nil {
		return nil, errors.New("tools: client, policy and store are required")
	}
	listed, err := narrow(Catalogue(), cfg.Policy().Mode, cfg.Toolsets)
	if err != nil {
		return nil, err
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p := &Pipeline{
		client: cfg.Client, current: cfg.Policy, store: cfg.Store, log: log,
		lists: directory.NewLists(cfg.Client), tools: listed, runs: make(map[string]*run),
	}
	p.stopped, p.stop = context.WithCancel(context.Background())
	p.working, p.abandon = context.WithCancel(context.Background())
	return p, nil
}

// narrow keeps the tools that mode and toolsets offer.
func narrow(all []Tool, mode policy.Mode, sets []string) ([]Tool, error) {
	known := make(map[string]bool)
	for _, tool := range all {
		known[tool.Set] = true
	}
	for _, set := range sets {
		if !known[set] {
			return nil, fmt.Errorf("toolset %q is none of %s", set, strings.Join(Sets(), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(t Tool) bool {
		return !mode.Allows(t.Effect) || len(sets) > 0 && !slices.Contains(sets, t.Set)
	}), nil
}

var _ Caller = (*Pipeline)(nil)

// Tools implements [Caller].
func (p *Pipeline) Tools() []Tool { return slices.Clone(p.tools) }

// Stop starts the end of the pipeline and returns at once. Nothing more is sent
// for running changes, and their items that were not sent have failed; those that
// were resumed are left to be resumed again, by whoever runs then. For what
// is in Intercom's hands they get patience to see it done; after that they are
// left where they stand, as by a crash, for [Pipeline.Resume]. Calls that wait
// for them are answered within a second. The pipeline still has to be closed.
func (p *Pipeline) Stop(patience time.Duration) {
	p.mu.Lock() // so that nothing starts any more once this returns
	defer p.mu.Unlock()
	p.stop()
	if p.patience == nil {
		p.patience = time.AfterFunc(patience, p.abandon)
	}
}

// Pause is Stop for a server that is to run again: what was not sent has not
// failed, it waits to be resumed.
func (p *Pipeline) Pause(patience time.Duration) {
	p.paused.Store(true)
	p.Stop(patience)
}

// Close stops the pipeline, and returns when no work is left. When ctx ends,
// running changes are left where they stand.
func (p *Pipeline) Close(ctx context.Context) {
	p.mu.Lock()
	p.stop()
	patience := p.patience
	p.mu.Unlock()
	defer context.AfterFunc(ctx, p.abandon)()
	p.running.Wait()
	if patience != nil {
		patience.Stop()
	}
	p.abandon()
}

// tool finds a listed tool by name.
func (p *Pipeline) tool(name string) (*Tool, bool) {
	i := slices.IndexFunc(p.tools, func(t Tool) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return &p.tools[i], true
}

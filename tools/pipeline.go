package tools

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/engine"
)

// Config is what a [Pipeline] works with. Client, Policy and Store are required.
type Config struct {
	Client *intercom.Client
	// Policy returns the policy in force; it is asked once per call. Its mode decides which tools are listed.
	Policy   func() *policy.Policy
	Store    change.Store
	Toolsets []string     // only tools of these sets are listed; empty: those that are on by default
	Log      *slog.Logger // nil: nothing is logged
	Version  string       // of the program, told to those who share the store
	// CheckEvery is of how many answers one is held against its schema: 0 and 1 check each.
	CheckEvery int
	// Zone is the time zone of days and times that are written without one: an IANA name, or [WorkspaceZone]. Empty is
	// UTC.
	Zone string
	// Approvers tells that people can approve changes in a console over the same store, which is at ConsoleURL,
	// https://mcp.example.com/console say; where that is empty, an operator opens it.
	Approvers  bool
	ConsoleURL string
	// Withdrawn reports whether the access of a principal is known to be withdrawn: [Pipeline.Resume] ends what it takes
	// over of one's changes, as [Pipeline.StopPrincipal] does. nil: of nobody is it known.
	Withdrawn func(principal string) bool
	// Now is the clock that the conditions of policies see; nil: the real one.
	Now func() time.Time
}

// WorkspaceZone stands for the time zone that the workspace is set to in Intercom.
const WorkspaceZone = "workspace"

// Pipeline runs tool calls: the one way from a call to Intercom and back. It is safe for concurrent use, and owns the
// work that outlives a call: see [Pipeline.Close].
type Pipeline struct {
	parts
	current func() *policy.Policy
	answers *engine.Answerer
	id      string // like no other server's
	version string
	tools   []Tool      // of the toolsets, in any mode
	began   policy.Mode // at first

	checkEvery uint64
	answered   atomic.Uint64
}

// parts are what every call uses.
type parts struct {
	client  *intercom.Client
	lists   *directory.Lists
	store   change.Store
	engine  *engine.Engine
	resumer *engine.Resumer
	asked   *askedBefore
	log     *slog.Logger
	now     func() time.Time // the clock that policies see

	approvers  bool   // people can approve
	consoleURL string // where they do; may be empty
}

// New returns a pipeline over the whole catalogue, narrowed by the policy's mode and by the toolsets.
func New(cfg Config) (*Pipeline, error) {
	if cfg.Client == nil || cfg.Policy == nil || cfg.Store == nil {
		return nil, errors.New("tools: client, policy and store are required")
	}
	offered, err := narrow(Catalogue(), cfg.Toolsets)
	if err != nil {
		return nil, err
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p := &Pipeline{
		parts: parts{
			client: cfg.Client, lists: directory.NewLists(cfg.Client), store: cfg.Store, log: log, now: cfg.Now,
			asked: new(askedBefore), approvers: cfg.Approvers, consoleURL: strings.TrimSuffix(cfg.ConsoleURL, "/"),
		},
		current: cfg.Policy, tools: offered, id: rand.Text(), version: cfg.Version,
		began: cfg.Policy().Mode, checkEvery: uint64(max(1, cfg.CheckEvery)),
	}
	if p.now == nil {
		p.now = time.Now
	}
	if cfg.Zone == WorkspaceZone {
		p.lists.Zone = nil
	} else if p.lists.Zone, err = time.LoadLocation(cfg.Zone); err != nil || cfg.Zone == "Local" {
		return nil, fmt.Errorf("time zone %q is neither %q nor the name of one, such as Europe/Brussels", cfg.Zone,
			WorkspaceZone)
	}
	p.engine = engine.New(engine.Config{
		Client: p.client.Strict(), Lists: p.lists, Store: p.store, Log: log, Policy: p.current,
		Words: p.wordsFor, Denied: p.denies,
		Withdrawn: cfg.Withdrawn,
	})
	p.resumer = engine.NewResumer(p.engine, p.approvers, p.resumable)
	p.answers = engine.NewAnswerer(p.engine, p.undoAsked, p.instance)
	return p, nil
}

// narrow keeps the tools that the toolsets offer. Where no set is named, those that are on by default are meant, as by
// the name "default"; "all" names every set.
func narrow(all []Tool, names []string) ([]Tool, error) {
	var sets []string
	for _, tool := range all {
		if !slices.Contains(sets, tool.Set.Name) {
			sets = append(sets, tool.Set.Name)
		}
	}
	for _, name := range names {
		if name != allSets && name != defaultSets && !slices.Contains(sets, name) {
			return nil, fmt.Errorf("toolset %q is none of %s", name, strings.Join(append(sets, defaultSets, allSets), ", "))
		}
	}
	byDefault := len(names) == 0 || slices.Contains(names, defaultSets)
	return slices.DeleteFunc(slices.Clone(all), func(t Tool) bool {
		return !(byDefault && t.Set.Default || slices.Contains(names, allSets) || slices.Contains(names, t.Set.Name))
	}), nil
}

// The names by which several sets are chosen at once.
const (
	defaultSets = "default"
	allSets     = "all"
)

var _ Caller = (*Pipeline)(nil)

// Tools implements [Caller]: the tools of the toolsets that the mode of the policy in force offers.
func (p *Pipeline) Tools() []Tool {
	mode := p.current().Mode
	return slices.DeleteFunc(slices.Clone(p.tools), func(t Tool) bool { return !mode.Allows(t.Effect) })
}

// Offered implements [Caller]: those of the tools that the policy in force leaves to the caller, whatever the
// arguments.
func (p *Pipeline) Offered(call Call) []Tool {
	roles := countingRoles(call.Roles)
	bound := p.current().For(policy.Who{Roles: roles, Mode: call.Mode})
	return slices.DeleteFunc(p.Tools(), func(t Tool) bool {
		r := policy.Request{Tool: t.Name, Effect: t.Effect, Toolset: t.Set.Name, Principal: call.Principal,
			Person: call.Person, Roles: roles, Client: call.Client}
		if t.Controls() { // of which no rule is asked
			r.Effect = policy.Read
			return !bound.Mode.Allows(t.Effect) || bound.Hides(r)
		}
		return bound.Hides(r)
	})
}

// Stop starts the end of the pipeline and returns at once. Nothing more is sent for running changes, and what they have
// not sent is recorded as that; those that were resumed are left to be resumed again, by whoever runs then. For what is
// in Intercom's hands they get patience to see it done; after that they are left where they stand, as by a crash, for
// [Pipeline.Resume]. Calls that wait for them are answered within a second. The pipeline still has to be closed.
func (p *Pipeline) Stop(patience time.Duration) { p.engine.Stop(patience) }

// Pause is Stop for a server that is to run again: what was not sent waits to be resumed.
func (p *Pipeline) Pause(patience time.Duration) { p.engine.Pause(patience) }

// Close stops the pipeline, and returns when no work is left. When ctx ends, running changes are left where they stand.
func (p *Pipeline) Close(ctx context.Context) { p.engine.Close(ctx) }

// Resume periodically resumes changes whose owner's lease has expired, begins those that people approved, answers
// what people ask by way of the store, says there that this server is there, and purges old values,
// until the pipeline is closed. It returns at once, and begins a second later. A pipeline that may only read does none
// of it.
func (p *Pipeline) Resume() {
	p.resumer.Resume()
	p.answers.Serve()
}

// StopPrincipal cancels the changes of a principal whose access was withdrawn that wait or have not begun, and stops
// those that are being applied, for the reason why.
func (p *Pipeline) StopPrincipal(ctx context.Context, principal, why string) error {
	return p.engine.StopAllOf(ctx, principal, engine.Withdrawal, why)
}

// checks reports whether the answer that is due now is one of those that are held against their schemas.
func (p *Pipeline) checks() bool { return p.answered.Add(1)%p.checkEvery == 0 }

// tool finds a listed tool by name. One that was listed at first is found, too: the policy in force refuses it, and
// says why.
func (p *Pipeline) tool(name string) (*Tool, bool) {
	i := slices.IndexFunc(p.tools, func(t Tool) bool { return t.Name == name })
	if i < 0 || !p.current().Mode.Allows(p.tools[i].Effect) && !p.began.Allows(p.tools[i].Effect) {
		return nil, false
	}
	return &p.tools[i], true
}

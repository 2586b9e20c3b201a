package engine

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// Words says what the engine knows as the policy in force lets it be said.
type Words interface {
	// Who is how a person knows the target of an item.
	Who(item *change.Item) string
	// Value shows a value of a field of an item's target.
	Value(item *change.Item, field string, value any) string
	// Explain words an error for the agent.
	Explain(ctx context.Context, err error) *toolerr.Error
	// Masks reports whether a field's value is hidden from agents.
	Masks(field string) bool
}

// Config is what an [Engine] works with. All is required.
type Config struct {
	Client *intercom.Client
	Lists  *directory.Lists
	Store  change.Store
	Log    *slog.Logger
	// Policy returns the policy in force.
	Policy func() *policy.Policy
	// Words returns the words for a change that goes on without its caller.
	Words func(c *change.Change) Words
	// Denied says why the policy in force denies a change that has begun; "" where it does not.
	Denied func(c *change.Change) string
	// Resumable reports whether this server may begin a change that was allowed and not begun, and has the last word
	// about it as a [change.Decide]. False leaves it to another server.
	Resumable func(c *change.Change) (change.Decide, bool)
}

// Engine carries changes out. It owns the work that outlives a call, and is safe for concurrent use.
type Engine struct {
	client    *intercom.Client
	lists     *directory.Lists
	store     change.Store
	log       *slog.Logger
	policy    func() *policy.Policy
	words     func(c *change.Change) Words
	denied    func(c *change.Change) string
	resumable func(c *change.Change) (change.Decide, bool)

	noBulk  atomic.Bool // the workspace has shown that it has no bulk jobs
	running sync.WaitGroup

	mu        sync.Mutex
	runs      map[string]*run // by change id, while applying
	ending    stop            // pausing or stopping, once the engine ends
	quit      chan struct{}   // closed when nothing is begun any more
	abandoned chan struct{}   // closed when work is to be left where it stands
	patience  *time.Timer     // closes abandoned; nil before Stop
}

// New returns an engine. It has to be closed.
func New(cfg Config) *Engine {
	return &Engine{
		client: cfg.Client, lists: cfg.Lists, store: cfg.Store, log: cfg.Log, policy: cfg.Policy,
		words: cfg.Words, denied: cfg.Denied, resumable: cfg.Resumable,
		runs: make(map[string]*run), quit: make(chan struct{}), abandoned: make(chan struct{}),
	}
}

// Stop starts the end of the engine and returns at once. Nothing more is sent for running changes, and their items
// that were not sent are recorded as that; those that were resumed are left to be resumed again, by whoever runs then.
// For what is in Intercom's hands they get patience to see it done; after that they are left where they stand, as by a
// crash, for [Engine.Resume]. Calls that wait for them are answered within a second.
func (e *Engine) Stop(patience time.Duration) { e.end(stopping, patience) }

// Pause is Stop for a server that is to run again: what was not sent waits to be resumed.
func (e *Engine) Pause(patience time.Duration) { e.end(pausing, patience) }

func (e *Engine) end(why stop, patience time.Duration) {
	e.mu.Lock() // so that nothing starts any more once this returns
	defer e.mu.Unlock()
	e.quitLocked(why)
	if e.patience == nil {
		e.patience = time.AfterFunc(patience, e.abandon)
	}
}

// quitLocked has nothing begin any more, and stops what runs. The caller holds mu.
func (e *Engine) quitLocked(why stop) {
	if e.ending != goOn {
		return
	}
	e.ending = why
	close(e.quit)
	for _, r := range e.runs {
		r.endWith(why)
	}
}

// abandon has all work be left where it stands.
func (e *Engine) abandon() {
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-e.abandoned:
	default:
		close(e.abandoned)
	}
}

// Close stops the engine, and returns when no work is left. When ctx ends, running changes are left where they stand.
func (e *Engine) Close(ctx context.Context) {
	e.mu.Lock()
	e.quitLocked(stopping)
	patience := e.patience
	e.mu.Unlock()
	defer context.AfterFunc(ctx, e.abandon)()
	e.Idle()
	if patience != nil {
		patience.Stop()
	}
	e.abandon()
}

// Idle returns when no work is left. While the engine has not ended, more may come.
func (e *Engine) Idle() { e.running.Wait() }

// Ending reports whether the engine begins nothing any more.
func (e *Engine) Ending() bool {
	select {
	case <-e.quit:
		return true
	default:
		return false
	}
}

// NoBulk reports whether the workspace has shown that it has no bulk jobs.
func (e *Engine) NoBulk() bool { return e.noBulk.Load() }

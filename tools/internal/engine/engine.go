package engine

import (
	"context"
	"log/slog"
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

// Config is what an [Engine] works with. All is required but Withdrawn.
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
	Denied func(ctx context.Context, c *change.Change) string
	// Withdrawn reports whether the access of a principal is known to be withdrawn. It may be nil.
	Withdrawn func(principal string) bool
}

// Engine carries changes out. It owns the work that outlives a call, and is safe for concurrent use.
type Engine struct {
	client *intercom.Client
	lists  *directory.Lists
	store  change.Store
	log    *slog.Logger
	policy func() *policy.Policy
	words  func(c *change.Change) Words
	denied func(ctx context.Context, c *change.Change) string
	gone   func(principal string) bool

	noBulk  atomic.Bool  // the workspace has shown that it has no bulk jobs
	jobTook atomic.Int64 // how long a bulk job takes, a time.Duration
	runs    *registry
}

// New returns an engine. It has to be closed.
func New(cfg Config) *Engine {
	e := &Engine{
		client: cfg.Client, lists: cfg.Lists, store: cfg.Store, log: cfg.Log, policy: cfg.Policy,
		words: cfg.Words, denied: cfg.Denied, gone: cfg.Withdrawn,
		runs: newRegistry(),
	}
	e.jobTook.Store(int64(usualJob))
	return e
}

// Stop starts the end of the engine and returns at once. Running changes send nothing more and record the rest as not
// sent; resumed ones are left to be resumed again. Each gets patience to read back what was sent; after that it is left
// where it stands, as by a crash, for [Resumer.Resume]. Calls that wait for them are answered within a second.
func (e *Engine) Stop(patience time.Duration) { e.runs.end(stopping, patience) }

// Pause is Stop for a server that is to run again: what was not sent waits to be resumed.
func (e *Engine) Pause(patience time.Duration) { e.runs.end(pausing, patience) }

// Close stops the engine, and returns when no work is left. When ctx ends, running changes are left where they stand.
func (e *Engine) Close(ctx context.Context) { e.runs.close(ctx) }

// Idle returns when no work is left. While the engine has not ended, more may come.
func (e *Engine) Idle() { e.runs.working.Wait() }

// Ending reports whether the engine begins nothing any more.
func (e *Engine) Ending() bool { return closed(e.runs.quit) }

// each calls do after a first pause, and then after each pause that it returns, until the engine ends, as ctx does. It
// returns at once; the work is the engine's, and none where that has ended.
func (e *Engine) each(first time.Duration, do func(ctx context.Context) (pause time.Duration)) {
	if !e.runs.begin() {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	e.runs.working.Go(func() {
		<-e.runs.quit
		stop()
	})
	go func() {
		defer e.runs.working.Done()
		for pause := first; ; pause = do(ctx) {
			timer := time.NewTimer(pause)
			select {
			case <-timer.C:
			case <-e.runs.quit:
				timer.Stop()
				return
			}
		}
	}()
}

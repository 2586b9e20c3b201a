package engine

import (
	"cmp"
	"context"
	"sync"
	"time"

	"intercom-mcp/policy/change"
)

// registry knows the work of an engine: which changes run, and whether more may begin. It is safe for concurrent use.
type registry struct {
	working   sync.WaitGroup // grows by begin, and by what has begun: else it might grow while close waits for it
	quit      chan struct{}  // closed when nothing is begun any more
	abandoned chan struct{}  // closed when work is to be left where it stands

	mu       sync.Mutex      // guards what follows
	runs     map[string]*run // by change id, while applying
	ending   stop            // pausing or stopping, once the engine ends
	patience *time.Timer     // closes abandoned; nil before the end
}

func newRegistry() *registry {
	return &registry{runs: make(map[string]*run), quit: make(chan struct{}), abandoned: make(chan struct{})}
}

// begin adds a piece of work that close waits for, and reports whether it may begin. Work finds out before it sends
// anything that the engine was stopped a moment later.
func (g *registry) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ending != goOn {
		return false
	}
	g.working.Add(1)
	return true
}

// origin is where the run of a change comes from.
type origin bool

const (
	startedHere origin = false // by this process
	resumed     origin = true  // from an earlier process
)

// register adds the run of a change whose work was begun.
func (g *registry) register(c change.Change, from origin) *run {
	r := &run{
		resumed: from == resumed, alone: from == resumed || len(c.Approvals) > 0,
		total: change.CountItems(c.Items).Pending,
		noun:  cmp.Or(c.Noun, "contact"), ended: make(chan struct{}), halt: newHalt(),
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.runs[c.ID] = r
	if g.ending != goOn {
		r.endWith(g.ending)
	}
	return r
}

// remove ends a run, and no longer finds it.
func (g *registry) remove(id string, r *run) {
	g.mu.Lock()
	delete(g.runs, id)
	g.mu.Unlock()
	close(r.ended)
}

// find is the run of a change that is being applied here, or nil.
func (g *registry) find(id string) *run {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.runs[id]
}

// end lets nothing begin, stops what runs, and abandons it after patience.
func (g *registry) end(why stop, patience time.Duration) {
	g.mu.Lock() // so that nothing starts any more once this returns
	defer g.mu.Unlock()
	g.stopAll(why)
	if g.patience == nil {
		g.patience = time.AfterFunc(patience, g.abandon)
	}
}

// stopAll lets nothing begin and stops what runs. g.mu is held.
func (g *registry) stopAll(why stop) {
	if g.ending != goOn {
		return
	}
	g.ending = why
	close(g.quit)
	for _, r := range g.runs {
		r.endWith(why)
	}
}

// abandon leaves all work where it stands.
func (g *registry) abandon() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !closed(g.abandoned) {
		close(g.abandoned)
	}
}

// close ends the engine, and returns when no work is left. When ctx ends, work is left where it stands.
func (g *registry) close(ctx context.Context) {
	g.mu.Lock()
	g.stopAll(stopping)
	patience := g.patience
	g.mu.Unlock()
	defer context.AfterFunc(ctx, g.abandon)()
	g.working.Wait()
	if patience != nil {
		patience.Stop()
	}
	g.abandon()
}

// closed reports whether a channel, on which nothing is sent, is closed.
func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

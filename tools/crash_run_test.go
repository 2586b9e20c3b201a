package tools

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/schemas/strictjson"
)

const (
	crashLease     = 300 * time.Millisecond
	crashBulkDelay = 30 * time.Millisecond
)

// crashRun is one change whose process dies, and what becomes of it.
type crashRun struct {
	kind    *crashKind
	at      int // the point at which the first process dies; 0 for none
	again   int // the point at which the next one does
	dir     string
	sandbox *sandbox.Sandbox
	faults  func(http.Handler) http.Handler // between the processes and the sandbox; nil: none
	fresh   freshState
	state   string
	undoes  string       // the change that is put back
	count   change.Count // of the outcomes, once checked
	passed  []string
	gates   []*gate    // one for each process
	proven  [][]string // what reading back could prove when each process began
}

// run carries the change out, with the deaths that are due, and checks it.
func (r *crashRun) run(ctx context.Context) error {
	var giveBack func()
	r.state, giveBack = r.fresh(r.dir)
	defer giveBack()
	if r.sandbox == nil {
		r.sandbox = crashSandbox()
	}
	store, err := openState(r.state, 0)
	if err != nil {
		return err
	}
	defer store.Close() // it has only read
	args, err := r.arguments(ctx, store)
	if err != nil {
		return fmt.Errorf("before: %w", err)
	}
	killed, err := r.live(childTask{Tool: r.kind.tool, Args: args, Times: 1}, &killer{at: r.at, from: "before Create"})
	if err != nil {
		return err
	}
	if killed && r.again > 0 {
		if err := r.settled(ctx, store); err != nil {
			return err
		}
		if _, err := r.live(childTask{}, &killer{at: r.again}); err != nil {
			return fmt.Errorf("going on: %w", err)
		}
	}
	if killed {
		if err := r.goOn(ctx, store); err != nil {
			return fmt.Errorf("going on to the end: %w", err)
		}
	}
	return r.check(ctx, store)
}

// arguments makes those of the call, and the change that it puts back.
func (r *crashRun) arguments(ctx context.Context, store change.Store) ([]byte, error) {
	w := &world{sandbox: r.sandbox}
	if r.kind.before == nil {
		return strictjson.Encode(r.kind.args(w))
	}
	server := httptest.NewServer(r.sandbox)
	defer server.Close()
	p, err := crashPipeline(server.URL, store)
	if err != nil {
		return nil, err
	}
	defer p.client.Close()
	args, err := strictjson.Encode(r.kind.before.args(w))
	if err != nil {
		return nil, err
	}
	if _, err := consented(ctx, p, Call{Tool: r.kind.before.tool, Args: args}); err != nil {
		return nil, err
	}
	list, err := store.List(ctx, "local", change.Query{Limit: 1})
	if err != nil {
		return nil, err
	}
	r.undoes = list[0].Change.ID
	args, err = strictjson.Encode(object{"change": r.undoes})
	p.Close(ctx)
	return args, err
}

// live lets a child process work until it ends, or is killed.
func (r *crashRun) live(task childTask, k *killer) (killed bool, err error) {
	server := r.serve(k.reach)
	defer server.Close() // no request is under way after that
	task.BaseURL, task.State, task.Lease, task.Points = server.URL, r.state, crashLease, true
	p, err := start(task, k)
	if err != nil {
		return false, err
	}
	err = p.wait(k)
	if r.passed == nil {
		r.passed = k.passed
	}
	return k.dead, err
}

// serve serves the sandbox to one process, behind a gate of its own.
func (r *crashRun) serve(reach func(string) bool) *httptest.Server {
	g := &gate{sandbox: r.sandbox, reach: reach}
	if r.faults != nil {
		g.sandbox = r.faults(r.sandbox)
	}
	r.gates = append(r.gates, g)
	return httptest.NewServer(g)
}

// goOn resumes the change in this process.
func (r *crashRun) goOn(ctx context.Context, store change.Store) error {
	if err := r.settled(ctx, store); err != nil {
		return err
	}
	server := r.serve(new(killer).reach)
	defer server.Close()
	p, err := crashPipeline(server.URL, store)
	if err != nil {
		return err
	}
	defer p.client.Close()
	defer p.Close(ctx)
	return resumeAll(ctx, p, store)
}

// settled waits for what Intercom was still doing when a process died, and
// notes what reading back can prove from now on.
func (r *crashRun) settled(ctx context.Context, store change.Store) error {
	time.Sleep(crashBulkDelay)
	var proven []string
	c, err := r.change(ctx, store)
	for i := range c.Items {
		if found := r.find(&c.Items[i]); found.whole {
			proven = append(proven, found.names...)
		}
	}
	r.proven = append(r.proven, proven)
	return err
}

// change reads the change that was interrupted; it is zero if there is none.
func (r *crashRun) change(ctx context.Context, store change.Store) (change.Change, error) {
	list, err := store.List(ctx, "local", change.Query{Limit: 3})
	if err != nil || len(list) == 0 || list[0].Change.ID == r.undoes {
		return change.Change{}, err
	}
	return store.Get(ctx, "local", list[0].Change.ID)
}

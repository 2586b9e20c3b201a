package tools

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// run is the work on one change: it outlives the call that started it, and
// belongs to the pipeline, whose Close waits for it.
type run struct {
	total   int
	resumed bool         // from an earlier process
	sent    atomic.Int64 // items in Intercom's hands
	done    atomic.Int64 // items read back
	ended   chan struct{}
	cancel  context.CancelCauseFunc // stops between requests, never within one
	waits   atomic.Pointer[string]  // what it waits for before it goes on; nil while it does not
	marked  atomic.Bool             // it is on record that nothing more is to be sent, whoever goes on
}

// errCancelled is why a run was stopped that its principal took back.
var errCancelled = errors.New("the change was cancelled")

// lookup finds the run of a change that is being applied here.
func (p *Pipeline) lookup(id string) *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.runs[id]
}

// carryOut takes the one step that starts the work, and waits for its end.
// Of any number of concurrent callers one starts it; the others wait with it.
func (s *session) carryOut(ctx context.Context, c change.Change, step change.Step) (any, error) {
	if moved, err := s.start(ctx, c, step); err != nil {
		return s.moved(ctx, moved, err)
	}
	return s.await(ctx, c.ID)
}

// start begins the work on a change, unless it has begun, or may not any more.
// The step brings along the yes that it got, and who has the last word.
func (s *session) start(ctx context.Context, c change.Change, step change.Step) (change.Change, error) {
	if step.Approval == nil {
		// It was decided and recorded a moment ago; a caller who goes away
		// between the two steps must not leave it halfway.
		ctx = context.WithoutCancel(ctx)
	}
	if !s.admit() {
		return c, s.tooLate(ctx, c)
	}
	step.To, step.At = change.StatusApplying, time.Now()
	c, err := s.store.Advance(ctx, c.ID, step)
	if err != nil {
		s.running.Done()
		return c, err
	}
	r, stopped := s.enlist(c, false)
	// From here on the work is the pipeline's: the caller may go away.
	go s.carry(ctx, stopped, r, c)
	return c, nil
}

// admit makes the pipeline wait for one more piece of work, unless it stops. Where
// it is told to stop a moment later, the work finds out before it sends anything.
func (p *Pipeline) admit() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped.Err() != nil {
		return false
	}
	p.running.Add(1)
	return true
}

// tooLate refuses to begin a change when the pipeline stops. One that needed no
// confirmation is over; a waiting one may be confirmed another time.
func (s *session) tooLate(ctx context.Context, c change.Change) error {
	if c.Status == change.StatusApproved {
		step := change.Step{To: change.StatusCancelled, At: time.Now(), Reason: "the server was stopped before it began"}
		if _, err := s.store.Advance(ctx, c.ID, step); err != nil {
			return err
		}
	}
	return toolerr.New(toolerr.Busy, "The server is stopping.", "Nothing was changed; try again.")
}

// enlist lets a change's work be found, and returns it with the context that ends
// when nothing more is to be sent for it. It has been admitted.
func (p *Pipeline) enlist(c change.Change, resumed bool) (*run, context.Context) {
	stopped, cancel := context.WithCancelCause(p.stopped)
	r := &run{resumed: resumed, total: change.CountItems(c.Items).Pending, ended: make(chan struct{}), cancel: cancel}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runs[c.ID] = r
	return r, stopped
}

// carry applies a change to its end and records it, or leaves it where it
// stands when the pipeline is closed. Of ctx only the values count. A resumed
// change is one that an earlier process may have applied in part.
func (p *Pipeline) carry(ctx, stopped context.Context, r *run, c change.Change) {
	defer p.running.Done()
	ctx, leave := context.WithCancel(context.WithoutCancel(ctx))
	defer p.heedCancel(ctx, r, c.ID)() // once nothing is left to be cancelled
	defer leave()
	defer context.AfterFunc(p.working, leave)()
	defer func() {
		r.cancel(nil)
		p.mu.Lock()
		delete(p.runs, c.ID)
		p.mu.Unlock()
		close(r.ended)
	}()
	left := false
	step := change.Step{To: change.StatusUnknown, Reason: "the server failed while applying the change; read the contacts back before going on"}
	defer func() {
		if caught := recover(); caught != nil {
			p.log.ErrorContext(ctx, "applying a change panicked", "change", c.ID, "panic", fmt.Sprint(caught), "stack", string(debug.Stack()))
		}
		if left {
			return
		}
		step.At = time.Now()
		if err := p.end(ctx, c, step); err != nil {
			p.log.ErrorContext(ctx, "recording the end of a change", "change", c.ID, "err", err)
		}
	}()
	a := &applier{session: p.newSession(Call{}, &Tool{Name: c.Tool}), run: r, stopped: stopped, change: c}
	a.client = p.client
	if r.total > directory.FewContacts {
		a.client = p.client.WithPriority(bulkPriority)
	}
	ended, err := a.apply(forChange(ctx, c.ID))
	if errors.Is(err, change.ErrFenced) || errors.Is(err, errLeft) || ctx.Err() != nil {
		p.log.WarnContext(ctx, "a change is left to be resumed", "change", c.ID, "err", err)
		left = true
		return
	}
	if err != nil {
		p.log.ErrorContext(ctx, "applying a change", "change", c.ID, "err", err)
		return
	}
	step = ended
}

// end records the last step of a change, after that of the one it puts back, if it
// put back all of it: a process that dies in between does both again.
func (p *Pipeline) end(ctx context.Context, c change.Change, step change.Step) error {
	if c.Undoes != "" && step.To == change.StatusApplied && len(c.Conflicts) == 0 {
		_, err := p.store.Advance(ctx, c.Undoes, change.Step{To: change.StatusUndone, At: step.At})
		if err != nil && !errors.Is(err, change.ErrStatusChanged) && !errors.Is(err, change.ErrNotFound) {
			return err
		}
	}
	_, err := p.store.Advance(ctx, c.ID, step)
	return err
}

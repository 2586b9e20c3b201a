package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// run is the work on one change: it outlives the call that started it, and belongs to the engine, whose Close waits
// for it.
type run struct {
	total     int
	noun      string       // what its targets are
	resumed   bool         // from an earlier process
	alone     bool         // it belongs to no client of this server
	sent      atomic.Int64 // items in Intercom's hands
	done      atomic.Int64 // items read back
	ended     chan struct{}
	result    change.Change // as it ended, once ended is closed; zero where that is not on record
	halt      *halt
	waits     atomic.Pointer[waiting] // nil while it does not wait
	tried     atomic.Bool             // an attempt was made to put the stop on record
	persisted atomic.Bool             // it is on record that nothing more is to be sent, whoever goes on
}

// waiting is why a resumed run waits for Intercom before it goes on.
type waiting struct {
	why  string
	down bool // Intercom answers nothing, which may last
}

// endWith stops a run because its engine ends, for the reason why. A run that no client of this server waits for is
// paused instead, to be resumed by another server.
func (r *run) endWith(why stop) {
	if r.alone {
		why = pausing
	}
	r.halt.set(why, change.StopRequest{})
}

// Create records a new change, as [change.Store] does. One that decide approves starts in the same step, and the work
// on it is the engine's: the caller may go away. Once the engine ends, such a change is refused: the error comes with
// it.
func (e *Engine) Create(ctx context.Context, c change.Change, decide change.Decide) (change.Change, error) {
	begun, started := e.runs.begin(), false
	defer func() {
		if begun && !started {
			e.runs.working.Done()
		}
	}()
	c, err := e.store.Create(ctx, c, func(c *change.Change, recent change.Recent) error {
		if err := decide(c, recent); err != nil || !begun || c.Status != change.StatusApproved {
			return err
		}
		return c.Take(change.Step{To: change.StatusApplying, At: time.Now()})
	})
	if err == nil && c.Status == change.StatusApproved {
		return c, e.tooLate(context.WithoutCancel(ctx), c)
	}
	if started = err == nil && c.Status == change.StatusApplying; started {
		go e.execute(ctx, e.runs.register(c, startedHere), c)
	}
	return c, err
}

// Start records that a change is being applied, and begins the work on it. The step has the approval that the change
// got, if any, and the function that decides last. From then on the engine owns the work: the caller may go away. Of
// concurrent callers one starts it, and the others get [change.ErrStatusChanged], as for a change that has ended.
func (e *Engine) Start(ctx context.Context, c change.Change, step change.Step) (change.Change, error) {
	if step.Approval == nil {
		// It was decided and recorded a moment ago; a caller who goes away between the two steps must not leave it halfway.
		ctx = context.WithoutCancel(ctx)
	}
	if !e.runs.begin() {
		return c, e.tooLate(ctx, c)
	}
	step.To, step.At = change.StatusApplying, time.Now()
	c, err := e.store.Advance(ctx, c.ID, step)
	if err != nil {
		e.runs.working.Done()
		return c, err
	}
	r := e.runs.register(c, startedHere)
	go e.execute(ctx, r, c)
	return c, nil
}

// tooLate refuses to begin a change when the engine ends. A change that needed no confirmation is cancelled, one that
// waits may be confirmed later, and one that people approved is left to the next server.
func (e *Engine) tooLate(ctx context.Context, c change.Change) error {
	if c.Status == change.StatusApproved && !c.Unowned() {
		step := change.Step{
			To: change.StatusCancelled, At: time.Now(), Actor: change.Actor{By: change.Server},
			Reason: "the server was stopped before it began",
		}
		if _, err := e.store.Advance(ctx, c.ID, step); err != nil {
			return err
		}
	}
	return toolerr.New(toolerr.Busy, "The server is stopping.", "Nothing was changed; try again.")
}

// errDeferred tells that a change is left as it is, to be resumed another time.
var errDeferred = errors.New("left to be resumed another time")

// execute applies a change to its end and records it, or leaves it where it stands when the engine abandons its work.
// Its requests count as made for the principal of the change. Of ctx only the values count.
func (e *Engine) execute(ctx context.Context, r *run, c change.Change) {
	defer e.runs.working.Done()
	ctx, leave := context.WithCancel(intercom.ForPrincipal(context.WithoutCancel(ctx), c.Principal))
	wait := e.watch(ctx, leave, r, &c)
	defer func() {
		leave()
		wait()
		e.runs.remove(c.ID, r)
	}()
	step, err := e.apply(forChange(ctx, c.ID), r, &c)
	if errors.Is(err, change.ErrFenced) || errors.Is(err, errDeferred) || ctx.Err() != nil || closed(e.runs.abandoned) {
		e.log.WarnContext(ctx, "a change is left to be resumed", "change", c.ID, "err", err)
		return
	}
	if err != nil {
		e.log.ErrorContext(ctx, "applying a change", "change", c.ID, "err", err)
		step = change.Step{To: change.StatusUnknown,
			Reason: "the server failed while applying the change; read the contacts back before going on"}
	}
	step.At = time.Now()
	if r.result, err = e.finish(ctx, c, step); err != nil {
		r.result = change.Change{}
		e.log.ErrorContext(ctx, "recording the end of a change", "change", c.ID, "err", err)
	}
}

// apply applies a change, and turns a panic into an error.
func (e *Engine) apply(ctx context.Context, r *run, c *change.Change) (step change.Step, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v\n%s", caught, debug.Stack())
		}
	}()
	a := e.applier(r, c)
	a.tally.addEarlier(c.Items)
	return a.apply(ctx)
}

// applier works on a change for a run.
func (e *Engine) applier(r *run, c *change.Change) *applier {
	client := e.client
	if r.alone || r.total > directory.FewContacts { // nobody waits, or not for every request
		client = e.client.WithPriority(intercom.PriorityBulk)
	}
	words := e.words(c)
	return &applier{
		client: client, lists: e.lists, store: e.store, log: e.log, noBulk: &e.noBulk, jobTook: &e.jobTook,
		words: words, judge: newJudge(c, words), tally: tally{policy: e.policy().Limits.StopAfter, own: c.StopAfter},
		run: r, change: c, earlier: earlier{left: make(map[int]change.Patch)}, undone: make(map[int]change.Recorded),
	}
}

// finish records the last step of a change. If the change has undone another one as a whole, that one is recorded as
// undone first: after a crash between the two, the change is resumed and both are recorded again.
func (e *Engine) finish(ctx context.Context, c change.Change, step change.Step) (change.Change, error) {
	if c.Undoes != "" && step.To == change.StatusApplied && len(c.Conflicts) == 0 {
		_, err := e.store.Advance(ctx, c.Undoes, change.Step{To: change.StatusUndone, At: step.At})
		if err != nil && !errors.Is(err, change.ErrStatusChanged) && !errors.Is(err, change.ErrNotFound) {
			return c, err
		}
	}
	step.KnowsItems = true
	ended, err := e.store.Advance(ctx, c.ID, step)
	if ended.Items == nil {
		ended.Items = c.Items
	}
	return ended, err
}

type changeKey struct{}

// ChangeOf returns the handle of the change that a request to Intercom is made for, or "". Observers of requests need
// it for the audit trail.
func ChangeOf(ctx context.Context) string {
	id, _ := ctx.Value(changeKey{}).(string)
	return id
}

// forChange marks the requests made for a change.
func forChange(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, changeKey{}, id)
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

const (
	// waitMost is how long a call waits for its change, which continues after that.
	waitMost = 25 * time.Second
	// progressEvery is how often a waiting call reports progress.
	progressEvery = 250 * time.Millisecond
	// lookEvery is how often a call looks that waits for another process.
	lookEvery = time.Second
	// WaitAtEnd is how long a call waits for its change once the engine ends.
	WaitAtEnd = time.Second
)

// Progress is told how many of a change's items are done, and of how many.
type Progress func(done, total int, message string)

// Waited is what a call waited for: the work on a change, where it was done here. The zero Waited is none.
type Waited struct{ run *run }

// Result returns the change as it ended, where the work was done here, has ended, and that is on record.
func (w Waited) Result() (change.Change, bool) {
	if w.run == nil || !closed(w.run.ended) {
		return change.Change{}, false
	}
	return w.run.result, w.run.result.ID != ""
}

// Wait waits for the end of a change's work, here or in another process, and reports progress where that is not nil.
// It waits as long as the call has time, at most 25 seconds, and one once the engine ends; not for a process that has
// died.
func (e *Engine) Wait(ctx context.Context, principal, id string, progress Progress) (Waited, error) {
	var err *toolerr.Error
	r := e.runs.find(id)
	if r != nil {
		err = r.wait(ctx, e.runs.quit, progress)
	} else {
		err = e.waitElsewhere(ctx, principal, id)
	}
	if err != nil {
		return Waited{r}, err.With("change", id)
	}
	return Waited{r}, nil
}

// waitElsewhere waits for a change that another process applies, or is about to, as long as that process lives.
func (e *Engine) waitElsewhere(ctx context.Context, principal, id string) *toolerr.Error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	enough := time.NewTimer(waitMost)
	defer enough.Stop()
	for {
		if _, owned, err := e.store.Status(ctx, principal, id); err != nil || !owned {
			return nil // told by whoever reads it next
		}
		select {
		case <-ticker.C:
		case <-enough.C:
			return nil
		case <-e.runs.quit:
			return nil
		case <-ctx.Done():
			return leftWaiting(ctx)
		}
	}
}

// At reports whether the work on a change is done here.
func (e *Engine) At(id string) bool { return e.runs.find(id) != nil }

// isHeldUp reports whether the run waits for Intercom to be reachable.
func (r *run) isHeldUp() bool {
	waits := r.waits.Load()
	return waits != nil && waits.down
}

// Works reports whether the work on a change is done here, and goes on: it does not wait for Intercom to be reachable.
func (e *Engine) Works(id string) bool {
	r := e.runs.find(id)
	return r != nil && !r.isHeldUp() && !e.Ending()
}

// leftWaiting answers a call that ends before its change, whose outcome the call does not know; nil where the time of
// the call is up, so that it tells where the change stands.
func leftWaiting(ctx context.Context) *toolerr.Error {
	if errors.Is(context.Cause(ctx), toolerr.ErrTimeUp) {
		return nil
	}
	return toolerr.New(toolerr.OutcomeUnknown, "The call ended before its change did.",
		"list_changes shows the change, get_change tells what became of it.")
}

// wait reports the run's progress until it ends, or the wait is over: soon after quit is closed.
func (r *run) wait(ctx context.Context, quit <-chan struct{}, progress Progress) *toolerr.Error {
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	enough := time.NewTimer(waitMost)
	defer enough.Stop()
	reported := -1
	for {
		select {
		case <-r.ended:
			return nil
		case <-enough.C:
			return nil
		case <-quit:
			quit = nil
			enough.Reset(WaitAtEnd)
		case <-ctx.Done():
			return leftWaiting(ctx)
		case <-ticker.C:
			sent, done := int(r.sent.Load()), int(r.done.Load())
			// An item that was sent counts half, so that long jobs show progress.
			if far := (max(sent, done) + done) / 2; progress != nil && far > reported && done < r.total {
				reported = far
				progress(far, r.total, fmt.Sprintf("%d of %s sent, %d read back", max(sent, done), text.Plural(r.total, r.noun),
					done))
			}
		}
	}
}

// Standing says what will become of a change that was started and has not ended. waited is what the call waited for.
func (e *Engine) Standing(id string, waited Waited) string {
	r := e.runs.find(id)
	now := r != nil
	if !now {
		r = waited.run
	}
	switch {
	case r == nil, !now && !e.Ending():
		return "not at work here: another server applies it, or one takes it up within a minute; get_change tells how far " +
			"it is, cancel_change stops it"
	case !e.Ending():
		if waits := r.waits.Load(); waits != nil {
			return "waits for Intercom, and then goes on: " + waits.why
		}
		return "still running: get_change tells how far it is, cancel_change stops it"
	case r.halt.leaves():
		return "the server is stopping: the change goes on when it runs again; get_change tells how it ended"
	case r.persisted.Load():
		return "the server is stopping: nothing more is sent, and what Intercom has not finished is read back when it runs " +
			"again; get_change tells"
	}
	return "the server is stopping, and could not record that yet: what is not sent may be sent when it runs again; " +
		"get_change tells, cancel_change stops it"
}

package tools

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

const (
	// syncFor is how long a call waits for its change; after that the change
	// goes on, and get_change tells how it ended.
	syncFor = 25 * time.Second
	// tick is how often a waiting call reports progress.
	tick = 250 * time.Millisecond
	// tickElsewhere is how often a call looks that waits for another process.
	tickElsewhere = time.Second
	// lastWait is how long a call waits for its change once the pipeline stops.
	lastWait = time.Second
)

// await waits for the end of a change's work, reporting progress, at most
// syncFor.
func (s *session) await(ctx context.Context, id string) (any, error) {
	if err := s.wait(ctx, id); err != nil {
		return nil, err
	}
	c, err := s.store.Get(ctx, s.call.Principal, id)
	if err != nil {
		return nil, err
	}
	return s.outcome(c)
}

// wait is await without the answer.
func (s *session) wait(ctx context.Context, id string) error {
	s.came = id
	var err *toolerr.Error
	if s.met = s.lookup(id); s.met != nil {
		err = s.follow(ctx, s.met)
	} else {
		err = s.followElsewhere(ctx, id)
	}
	if err != nil {
		return err.With("change", id)
	}
	return nil
}

// followElsewhere waits for a change that another process applies, or is about to.
func (s *session) followElsewhere(ctx context.Context, id string) *toolerr.Error {
	ticker := time.NewTicker(tickElsewhere)
	defer ticker.Stop()
	enough := time.NewTimer(syncFor)
	defer enough.Stop()
	for {
		status, err := s.store.Status(ctx, s.call.Principal, id)
		if err != nil || status != change.StatusApplying && status != change.StatusApproved {
			return nil // told by whoever reads it next
		}
		select {
		case <-ticker.C:
		case <-enough.C:
			return nil
		case <-s.stopped.Done():
			return nil
		case <-ctx.Done():
			return leftWaiting()
		}
	}
}

// outcome tells what became of a change whose work has started: whoever asks,
// and however often, is told the same.
func (s *session) outcome(c change.Change) (any, error) {
	if c.Status == change.StatusStale {
		return nil, s.stale(&c)
	}
	if len(c.Items) == 1 && c.Items[0].Failure.Code != "" {
		return nil, s.itemError(c)
	}
	result := s.view.Receipt(c)
	if !c.Status.Ended() {
		result.AddNote(s.goesOn(c.ID))
	} else if c.Approval != nil && c.Approval.Level == policy.LevelAgent {
		result.AddNote("confirmed by the agent, not by the user")
	}
	return result, nil
}

// goesOn tells of a change that is to be applied, and has not ended, what will
// become of it.
func (s *session) goesOn(id string) string {
	now, stopping := s.lookup(id), s.stopped.Err() != nil
	r := cmp.Or(now, s.met)
	switch {
	case r == nil, now == nil && !stopping:
		return "not at work here: another server applies it, or one takes it up within a minute; get_change tells how far it is, cancel_change stops it"
	case !stopping:
		if waits := r.waits.Load(); waits != nil {
			return "waits for Intercom, and then goes on: " + *waits
		}
		return "still running: get_change tells how far it is, cancel_change stops it"
	case s.paused.Load(), r.resumed:
		return "the server is stopping: the change goes on when it runs again; get_change tells how it ended"
	case r.marked.Load():
		return "the server is stopping: nothing more is sent, and what Intercom has not finished is read back when it runs again; get_change tells"
	}
	return "the server is stopping, and could not record that yet: what is not sent may be sent when it runs again; get_change tells, cancel_change stops it"
}

// itemError is the error of a change whose only item did not go well.
func (s *session) itemError(c change.Change) *toolerr.Error {
	item := c.Items[0]
	e := toolerr.New(toolerr.Code(item.Code), s.view.Redact(item.Reason), "").With("change", c.ID).With("status", string(c.Status))
	if e.Code == toolerr.OutcomeUnknown {
		e.With("check_with", checkWith(item.Patch))
	}
	for name, value := range item.Facts {
		e.With(name, value)
	}
	return e
}

// leftWaiting answers a call that ends before its change. Whether that goes on is not
// told by the call's end.
func leftWaiting() *toolerr.Error {
	return toolerr.New(toolerr.OutcomeUnknown, "The call ended before its change did.", "list_changes shows the change, get_change tells what became of it.")
}

// follow reports a run's progress until it ends, or the wait is over: soon,
// when the pipeline stops.
func (s *session) follow(ctx context.Context, r *run) *toolerr.Error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	enough := time.NewTimer(syncFor)
	defer enough.Stop()
	stopping := s.stopped.Done()
	reported := -1
	for {
		select {
		case <-r.ended:
			return nil
		case <-enough.C:
			return nil
		case <-stopping:
			stopping = nil
			enough.Reset(lastWait)
		case <-ctx.Done():
			return leftWaiting()
		case <-ticker.C:
			sent, done := int(r.sent.Load()), int(r.done.Load())
			// An item that was sent counts half, so that long jobs show progress.
			if far := (max(sent, done) + done) / 2; s.call.Progress != nil && far > reported && done < r.total {
				reported = far
				s.call.Progress(Progress{Done: far, Total: r.total, Message: fmt.Sprintf("%d of %s sent, %d read back", max(sent, done), text.Plural(r.total, "contact"), done)})
			}
		}
	}
}

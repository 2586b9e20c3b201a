package engine

import (
	"context"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
)

// recordJob puts a job on record that is about to be sent, or Intercom's answer to one.
func (a *applier) recordJob(ctx context.Context, job change.Job) error {
	if ctx.Err() != nil {
		return errDeferred
	}
	if err := a.store.RecordJob(ctx, a.change.ID, job); err != nil {
		return fmt.Errorf("recording a bulk job: %w", err)
	}
	return nil
}

// earlierJobs are the bulk jobs on record of an earlier process, by the pending items that they hold.
type earlierJobs struct {
	items   map[int]bool // of jobs that Intercom may have taken: true once the job has ended
	refused bool         // Intercom took nothing of one, so that its items were written one by one
}

// awaitJobs waits until the bulk jobs that an earlier process handed to Intercom have ended, each for as long as a run
// waits for its own. One of which no id is known, or that cannot be seen, counts as under way for that long.
func (a *applier) awaitJobs(ctx context.Context) (earlierJobs, error) {
	found := earlierJobs{items: make(map[int]bool)}
	for _, j := range a.change.Jobs {
		if a.run.halt.leaves() {
			return found, errDeferred
		}
		items, err := a.change.Indexes(j)
		if err != nil {
			return found, err
		}
		found.refused = found.refused || j.Refused
		if items = a.pending(items); len(items) == 0 || j.Refused {
			continue
		}
		sent := j.At
		if now := time.Now(); sent.After(now) { // by another clock
			sent = now
		}
		a.run.waits.Store(&waiting{why: "a bulk job that was sent before has not ended, or cannot be seen; " +
			"ten minutes at most"})
		ended, err := (&bulkRun{a: a, typical: pollFirst}).poll(ctx, job{id: j.ID, sent: sent})
		if err != nil {
			return found, err
		}
		if ctx.Err() != nil {
			return found, errDeferred
		}
		for _, i := range items {
			found.items[i] = ended
		}
	}
	return found, nil
}

// maySent lists which of the open items, in the order in which they are sent, an earlier process may have sent. after
// is how many of them come before something that is known to be written: beyond those it can have sent as many as it
// has under way at a time. Before all that a bulk job can take is in one, nothing is written one by one.
func (rc *reconciler) maySent(open []int, after int) []int {
	window := setOf(open[:min(after+MaxInFlight, len(open))])
	inBulk := rc.inBulk()
	var sent []int
	for _, i := range open {
		if _, inJob := rc.jobs.items[i]; inJob || window[i] && !inBulk {
			sent = append(sent, i)
		}
	}
	return sent
}

// inBulk reports whether it is on record that the earlier process had still items to hand over in bulk jobs.
func (rc *reconciler) inBulk() bool {
	if len(rc.jobs.items) == 0 || rc.jobs.refused {
		return false
	}
	bulk, _ := route(rc.a.change.Items, false)
	_, bulk = rc.a.judge.masking.apart(bulk)
	for _, i := range bulk {
		if _, inJob := rc.jobs.items[i]; !inJob {
			return true
		}
	}
	return false
}

// mayLand are the items that Intercom may yet write, of those that an earlier process may have sent. Where an older
// version did, which kept no record of jobs, that is each of a change that is large enough for them.
func (rc *reconciler) mayLand(sent []int) map[int]bool {
	if !rc.a.change.JobsOnRecord {
		if rc.inJobs() {
			return setOf(sent)
		}
		return nil
	}
	landing := make(map[int]bool)
	for i, ended := range rc.jobs.items {
		if !ended {
			landing[i] = true
		}
	}
	return landing
}

// leftUndone keeps, for a run that sends nothing more, how an item was read back that an ended job left undone.
func (rc *reconciler) leftUndone(ctx context.Context, i int, now change.Image) {
	if a := rc.a; rc.jobs.items[i] {
		a.undone[i] = a.judge.outcome(ctx, i, now, nil, nil)
	}
}

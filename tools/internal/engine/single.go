package engine

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// singleRun writes the items of a change one by one.
type singleRun struct{ a *applier }

// write writes items one by one, a few at the same time. Once an outcome cannot be recorded, nothing more is sent. Once
// the run is stopped for good, the items not begun are recorded as not sent, however long the others take.
func (s *singleRun) write(ctx context.Context, items []int) error {
	group, going := errgroup.WithContext(ctx)
	queue := make(chan int, len(items))
	for _, i := range items {
		queue <- i
	}
	close(queue)
	over := make(chan struct{})
	var workers sync.WaitGroup
	for range min(s.workers(), len(items)) {
		workers.Add(1)
		group.Go(func() error {
			defer workers.Done()
			return s.work(ctx, queue, going.Done())
		})
	}
	group.Go(func() error {
		select {
		case <-over:
			return nil
		case <-s.a.run.halt.done:
		}
		if s.a.run.resumed || s.a.run.halt.leaves() {
			return nil
		}
		return s.a.recordNotSent(ctx, drain(queue))
	})
	workers.Wait()
	close(over)
	return group.Wait()
}

// workers is how many items are written at the same time: one where each may depend on the last, as merges do on what
// those before gave the contact that stays.
func (s *singleRun) workers() int {
	if slices.ContainsFunc(s.a.change.Items, func(i change.Item) bool { return i.Patch.Traits().InTurn }) {
		return 1
	}
	return SingleWorkers
}

// work writes items of a queue until there are none, or enough is closed.
func (s *singleRun) work(ctx context.Context, queue <-chan int, enough <-chan struct{}) error {
	for !closed(enough) {
		if s.a.run.halt.leaves() {
			if len(drain(queue)) > 0 {
				return errDeferred
			}
			return nil
		}
		i, ok := <-queue
		if !ok {
			return nil
		}
		r := s.applySafely(ctx, i)
		switch {
		case r.Outcome != change.Pending:
		case s.a.run.halt.leaves():
			return errDeferred
		default:
			r = s.a.notSent(i)
		}
		if err := s.a.record(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// drain takes all that is left of a closed queue.
func drain(queue <-chan int) []int {
	var rest []int
	for i := range queue {
		rest = append(rest, i)
	}
	return rest
}

// applySafely writes one item; a panic makes that item unknown, and the others go on.
func (s *singleRun) applySafely(ctx context.Context, i int) (r change.Recorded) {
	defer func() {
		if caught := recover(); caught != nil {
			r = s.a.panicked(ctx, i, caught)
		}
	}()
	return s.applyOne(ctx, i)
}

// applyOne writes one item and reads it back. What an earlier process may have sent of it is read first; where the run
// is stopped, nothing else is done. One whose first write was waiting for its turn then is called back: it is pending.
func (s *singleRun) applyOne(ctx context.Context, i int) change.Recorded {
	a := s.a
	op := operationOf(a.change.Items[i].Patch)
	if a.run.resumed {
		found := op.reconcile(ctx, a, i)
		switch {
		case found.recorded.Outcome != change.Pending:
			found.recorded.Index = i
			return found.recorded
		case a.run.halt.final() && found.unsure != "":
			return change.Recorded{Index: i, Outcome: change.Unknown, Failure: unknownOutcome(
				"the server had stopped and may have sent it before; it is not sent again, and "+found.unsure,
				a.change.Items[i].Patch)}
		}
	}
	if a.run.halt.final() {
		return a.notSent(i)
	}
	ctx, recall := intercom.WithRecall(ctx, a.run.halt.done)
	defer recall.End()
	r := op.send(ctx, a, i)
	if recall.Held() {
		return change.Recorded{Index: i}
	}
	return r
}

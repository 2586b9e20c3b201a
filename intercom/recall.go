package intercom

import (
	"context"
	"sync/atomic"
)

// Recall calls back writes that have not left: those that wait for their turn, or for another attempt. What was begun
// is finished: once a write of a recall has reached Intercom, no later one is called back. It is safe for concurrent
// use.
type Recall struct {
	by    <-chan struct{}
	end   context.CancelFunc
	begun atomic.Bool // a write has reached Intercom
	held  atomic.Bool // a write was called back
}

type recallKey struct{}

// WithRecall has the writes with the context called back once by is closed. The first one that is called back ends the
// context, so that nothing else waits for its turn. [Recall.End] has to be called.
func WithRecall(ctx context.Context, by <-chan struct{}) (context.Context, *Recall) {
	ctx, end := context.WithCancel(ctx)
	r := &Recall{by: by, end: end}
	return context.WithValue(ctx, recallKey{}, r), r
}

// End frees what the recall holds.
func (r *Recall) End() { r.end() }

// Held reports whether a write was called back, so that nothing was written.
func (r *Recall) Held() bool { return r.held.Load() }

// recallOf is the recall of a write with a context; nil where there is none, or its work was begun.
func recallOf(ctx context.Context, c class) *Recall {
	r, ok := ctx.Value(recallKey{}).(*Recall)
	if !ok || !c.writes() || r.begun.Load() {
		return nil
	}
	return r
}

// done is closed once writes are called back; nil where they are not.
func (r *Recall) done() <-chan struct{} {
	if r == nil {
		return nil
	}
	return r.by
}

// hold reports whether a write that is about to leave is called back.
func (r *Recall) hold() bool {
	if r == nil {
		return false
	}
	select {
	case <-r.by:
		r.held.Store(true)
		r.end()
		return true
	default:
		return false
	}
}

// left notes what became of an attempt.
func (r *Recall) left(failed failure) {
	if r != nil && failed != failNotSent && failed != failLimited {
		r.begun.Store(true)
	}
}

// calledBack is the error of a write that was called back.
func calledBack() *Error {
	return &Error{Message: "not sent, as it was called back", kind: KindUnavailable}
}

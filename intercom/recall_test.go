package intercom

import (
	"context"
	"testing"
)

// TestRecall calls back writes that have not left, and no read; what was begun is finished.
func TestRecall(t *testing.T) {
	for name, test := range map[string]struct {
		class  class
		before failure // of a write before
		called bool
		held   bool
	}{
		"a write":                    {classAbsolute, failNotSent, true, true},
		"a write that was limited":   {classOnce, failLimited, true, true},
		"not called back":            {classAbsolute, failNotSent, false, false},
		"a read":                     {classRead, failNotSent, true, false},
		"after one that arrived":     {classIdempotent, failNone, true, false},
		"after one that was refused": {classIdempotent, failRefused, true, false},
		"after one that was lost":    {classIdempotent, failLost, true, false},
	} {
		by := make(chan struct{})
		ctx, recall := WithRecall(context.Background(), by)
		recallOf(ctx, classAbsolute).left(test.before)
		if test.called {
			close(by)
		}
		of := recallOf(ctx, test.class)
		if of.hold() != test.held || recall.Held() != test.held || (ctx.Err() != nil) != test.held {
			t.Errorf("%s: held %t, %v", name, recall.Held(), ctx.Err())
		}
		recall.End()
	}
	if r := recallOf(context.Background(), classOnce); r.hold() || r.done() != nil {
		t.Error("called back without a recall")
	}
}

// TestRecallWaiting calls back a request that waits for its turn: it is sent neither now nor later, and the turn is the
// next one's.
func TestRecallWaiting(t *testing.T) {
	b := newBudget(Share{})
	b.remaining = 0
	by := make(chan struct{})
	close(by)
	if err := b.acquire(context.Background(), PriorityBulk, by); err == nil || err.Kind() != KindUnavailable {
		t.Errorf("%v", err)
	}
	if n := b.waiting(PriorityBulk); n != 0 || b.inFlight != 0 {
		t.Errorf("%d wait, %d in flight", n, b.inFlight)
	}
}

package main

import (
	"context"
	"sync"
	"time"
)

const (
	readyFresh   = 30 * time.Second // how long an answer to /readyz holds
	readyTimeout = 5 * time.Second
)

// readiness reports whether calls can succeed. It caches the answer, so that frequent probes cost no requests to
// Intercom.
type readiness struct {
	check func(context.Context) error

	mu  sync.Mutex
	at  time.Time // when err was learned
	err error
}

// ready returns why calls cannot succeed, nil where they can. It is safe for concurrent use, and goes on to its answer
// when ctx is cancelled.
func (r *readiness) ready(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.at) < readyFresh {
		return r.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	r.err, r.at = r.check(ctx), time.Now()
	return r.err
}

package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestReadiness caches an answer, whatever it is, and asks again when it is stale.
func TestReadiness(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked int
		down := errors.New("down")
		r := &readiness{check: func(ctx context.Context) error {
			asked++
			if ctx.Err() != nil {
				t.Error("the asker's context reached the check")
			}
			if asked == 1 {
				return down
			}
			return nil
		}}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for range 3 {
			if err := r.ready(gone); !errors.Is(err, down) {
				t.Errorf("ready: %v, want %v", err, down)
			}
		}
		time.Sleep(readyFresh)
		if err := r.ready(t.Context()); err != nil || asked != 2 {
			t.Errorf("ready: %v after %d checks, want nil after 2", err, asked)
		}
	})
}

package directory

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A fetch that nobody's deadline ends does not keep a list from the others for ever.
func TestFetchesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		list := newCached(func(ctx context.Context) (int, error) {
			if calls++; calls > 1 {
				return calls, nil
			}
			<-ctx.Done()
			return 0, ctx.Err()
		})
		start := time.Now()
		if _, err := list.Get(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if waited := time.Since(start); waited > fetchTimeout {
			t.Errorf("waited %v", waited)
		}
		if value, err := list.Get(t.Context()); err != nil || value != 2 {
			t.Errorf("got %d, %v", value, err)
		}
	})
}

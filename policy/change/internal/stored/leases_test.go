package stored

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy/change"
)

// TestLeases renews those of what is being applied, until it ends or another store has taken it over.
func TestLeases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // guards renewed
		var renewed [][]string
		l := NewLeases(func() time.Duration { return time.Second }, func(_ context.Context, ids []string) error {
			mu.Lock()
			defer mu.Unlock()
			slices.Sort(ids)
			renewed = append(renewed, ids)
			return errors.New("not now")
		})
		after := func(what string, want ...string) {
			t.Helper()
			mu.Lock()
			renewed = nil
			mu.Unlock()
			time.Sleep(time.Second)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if len(renewed) == 0 && len(want) == 0 {
				return
			}
			if len(renewed) != 1 || !slices.Equal(renewed[0], want) {
				t.Errorf("%s, renewed %v, want %v", what, renewed, want)
			}
		}
		started := change.Step{To: change.StatusApplying}
		l.Keep(change.Change{ID: "a", Status: change.StatusApplying}, change.Change{ID: "b", Status: change.StatusApproved})
		l.Follow("c", started, nil)
		l.Follow("d", started, errors.New("no"))
		after("of four", "a", "c")
		l.Follow("c", started, change.ErrStatusChanged)
		_ = l.Fence("c", errors.New("another error"))
		after("after other errors", "a", "c")
		if err := l.Fence("c", change.ErrFenced); !errors.Is(err, change.ErrFenced) || !l.Known("c") {
			t.Errorf("%v, known %t", err, l.Known("c"))
		}
		_ = l.Fence("e", change.ErrFenced)
		after("after another store took one over", "a")
		for id, want := range map[string]bool{"a": true, "b": false, "c": true, "d": false, "e": false} {
			if l.Known(id) != want {
				t.Errorf("%s is known: %t", id, !want)
			}
		}
		l.Follow("a", change.Step{To: change.StatusApplied}, change.ErrFenced)
		after("after the end was refused")
		l.Keep(change.Change{ID: "f", Status: change.StatusApplying})
		after("with a new one", "f")
		l.Follow("f", change.Step{To: change.StatusFailed}, errors.New("not recorded"))
		if l.Known("f") {
			t.Error("what ended is known")
		}
		after("after the end")
		l.Wait()
		l.Keep(change.Change{ID: "g", Status: change.StatusApplying})
		l.Close()
		l.Close()
		l.Wait()
		after("after the store was closed")
	})
}

// TestLeasesWait waits for a renewal that is under way.
func TestLeasesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := false
		l := NewLeases(func() time.Duration { return time.Second }, func(ctx context.Context, _ []string) error {
			<-ctx.Done()
			time.Sleep(time.Second)
			done = true
			return ctx.Err()
		})
		l.Keep(change.Change{ID: "a", Status: change.StatusApplying})
		time.Sleep(1500 * time.Millisecond)
		l.Close()
		if l.Wait(); !done {
			t.Error("a renewal goes on")
		}
	})
}

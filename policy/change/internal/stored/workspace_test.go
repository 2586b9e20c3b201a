package stored

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy/change"
)

// TestWorkspaceLookup asks once, and again after a failure: for each write, and for reads every half minute.
func TestWorkspaceLookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, away := 0, errors.New("away")
		ask := func(context.Context) (string, error) { asked++; return "a", away }
		l := NewWorkspaceLookup(func() AskWorkspace { return ask })
		check := func(want int) {
			t.Helper()
			if asked != want {
				t.Errorf("asked %d times, want %d", asked, want)
			}
		}
		if err := l.CheckRead(t.Context(), "here", ""); err != nil {
			t.Errorf("a read of what is bound to none: %v", err)
		}
		check(0)
		if _, err := l.ForWrite(t.Context()); !errors.Is(err, away) {
			t.Errorf("a write: %v", err)
		}
		for range 3 { // every quarter of a minute
			if err := l.CheckRead(t.Context(), "here", "b"); err != nil {
				t.Errorf("a read: %v", err)
			}
			time.Sleep(retryLookup / 2)
		}
		check(2)
		if _, err := l.ForWrite(t.Context()); !errors.Is(err, away) {
			t.Errorf("a write: %v", err)
		}
		check(3)
		away = nil
		if name, err := l.ForWrite(t.Context()); name != "a" || err != nil {
			t.Errorf("%q, %v", name, err)
		}
		if err := l.CheckRead(t.Context(), "here", "b"); !errors.Is(err, change.ErrWrongWorkspace) {
			t.Errorf("a read of another workspace: %v", err)
		}
		check(4)
	})
}

// TestWorkspaceLookupLeft lets go of a caller who has no time left, and asks for the next one anew.
func TestWorkspaceLookupLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewWorkspaceLookup(func() AskWorkspace {
			return func(ctx context.Context) (string, error) {
				<-ctx.Done()
				return "", ctx.Err()
			}
		})
		for range 2 {
			begun := time.Now()
			ctx, enough := context.WithTimeout(t.Context(), time.Millisecond)
			_, err := l.ForWrite(ctx)
			enough()
			if took := time.Since(begun); took != time.Millisecond || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v after %v", err, took)
			}
		}
	})
}

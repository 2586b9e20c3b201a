package stored

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy/change"
)

// TestBacklogIsBounded loses the newest events, and says how many.
func TestBacklogIsBounded(t *testing.T) {
	b := NewBacklog(func(context.Context) error { return errors.New("full") })
	defer b.Close()
	b.Done(nil, errors.New("full"))
	for range change.MaxWaiting + 5 {
		err := b.Add([]change.Event{{Kind: change.KindCall}})
		if err == nil {
			t.Fatal("nobody is told")
		}
	}
	err := b.Add(nil)
	if want := fmt.Sprint(change.MaxWaiting, " events wait, 5 are lost: full"); err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestBacklogIsWritten writes what waits within a second, once, and what waits at the end.
func TestBacklogIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b *Backlog
		var mu sync.Mutex // guards what follows
		var written []string
		var failure error
		var left time.Duration // that the last write had
		b = NewBacklog(func(ctx context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			left = 0
			if end, bound := ctx.Deadline(); bound {
				left = time.Until(end)
			}
			taken := b.Take()
			if failure == nil {
				for _, e := range taken {
					written = append(written, e.Change)
				}
			}
			b.Done(taken, failure)
			return failure
		})
		fail := func(err error) {
			mu.Lock()
			defer mu.Unlock()
			failure = err
		}
		add := func(id string, at time.Time) {
			t.Helper()
			events := []change.Event{{Change: id, Time: at}}
			_ = b.Add(events)
			if want := time.Now(); at.IsZero() && !events[0].Time.Equal(want) || !at.IsZero() && !events[0].Time.Equal(at) {
				t.Errorf("%s is of %v", id, events[0].Time)
			}
		}
		after := func(wait time.Duration, want ...string) {
			t.Helper()
			time.Sleep(wait)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(written, want) {
				t.Errorf("written %v, want %v", written, want)
			}
		}
		add("a", time.Time{})
		after(soon / 2)
		add("b", time.Unix(5, 0))
		after(soon/2, "a", "b")
		after(2*soon, "a", "b")
		add("c", time.Time{})
		after(soon, "a", "b", "c")
		add("d", time.Time{})
		fail(errors.New("full"))
		after(soon, "a", "b", "c")
		add("e", time.Time{})
		fail(nil)
		after(soon, "a", "b", "c", "d", "e")
		add("f", time.Time{})
		begun := time.Now()
		if err := b.Close(); err != nil || time.Since(begun) != 0 || left != soonAtEnd {
			t.Errorf("%v after %v, with %v left", err, time.Since(begun), left)
		}
		after(2*soon, "a", "b", "c", "d", "e", "f")
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		fail(errors.New("full"))
		if b.events = []change.Event{{}}; b.Close() == nil || len(b.Take()) != 0 {
			t.Error("what could not be written at the end waits on")
		}
	})
}

// TestBacklogDone has what was not written wait on, before what came since, and no more than may.
func TestBacklogDone(t *testing.T) {
	b := NewBacklog(func(context.Context) error { return nil })
	b.events = make([]change.Event, change.MaxWaiting-1)
	b.Done([]change.Event{{Change: "a"}, {Change: "b"}}, errors.New("full"))
	if got := b.Take(); len(got) != change.MaxWaiting || got[0].Change != "a" || got[1].Change != "b" || b.lost != 1 {
		t.Errorf("%d wait, %d are lost", len(got), b.lost)
	}
}

// TestBacklogCloses returns once a write that is under way has ended.
func TestBacklogCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		b := NewBacklog(func(context.Context) error {
			time.Sleep(time.Second)
			close(ended)
			return nil
		})
		_ = b.Add([]change.Event{{}})
		time.Sleep(soon + soon/2)
		b.Take()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		select {
		case <-ended:
		default:
			t.Error("it is writing yet")
		}
	})
}

// TestIsContract tells how a change stands from what broke.
func TestIsContract(t *testing.T) {
	for _, err := range []error{&change.FrozenError{}, change.ErrNotFound, change.ErrStatusChanged, change.ErrUnapproved,
		change.ErrFenced, change.ErrTooMany, change.ErrPlanMoved} {
		if !IsContract(fmt.Errorf("it is so: %w", err)) {
			t.Errorf("%v is what broke", err)
		}
	}
	for _, err := range []error{nil, change.ErrUnavailable, errors.New("boom")} {
		if IsContract(err) {
			t.Errorf("%v is how a change stands", err)
		}
	}
}

package tools

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/internal/engine"
)

// filed is a world whose changes are in the file at path, and the store, which it is
// for the caller to close: the world does not outlive it.
func filed(
	t *testing.T, path string, dials sandbox.Options, locked time.Duration, options ...worldOption,
) (*world, *lockedStore) {
	t.Helper()
	store, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := &lockedStore{Store: store, holds: locked}
	return newWorld(t, append(options, withSandbox(func(o *sandbox.Options) { *o = dials }),
		func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = wrapped })...), wrapped
}

// lockedStore is a file that another process holds locked for a while, from a moment
// on: what writes to it waits, as long as its context.
type lockedStore struct {
	*sqlite.Store
	holds time.Duration
	from  atomic.Pointer[time.Time]
}

// lock begins to hold the file.
func (s *lockedStore) lock() { now := time.Now(); s.from.Store(&now) }

func (s *lockedStore) wait(ctx context.Context) error {
	from := s.from.Load()
	if from == nil {
		return nil
	}
	select {
	case <-time.After(time.Until(from.Add(s.holds))):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *lockedStore) Shared() change.Shared {
	shared := s.Store.Shared()
	shared.Stops = lockedStops{shared.Stops, s}
	return shared
}

// lockedStops are those of a lockedStore.
type lockedStops struct {
	change.Stops
	store *lockedStore
}

func (l lockedStops) Request(ctx context.Context, id string, by change.Actor, reason string) error {
	if err := l.store.wait(ctx); err != nil {
		return err
	}
	return l.Stops.Request(ctx, id, by, reason)
}

func (s *lockedStore) Record(ctx context.Context, id string, outcomes []change.Recorded) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	return s.Store.Record(ctx, id, outcomes)
}

func (s *lockedStore) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	if err := s.wait(ctx); err != nil {
		return change.Change{}, err
	}
	return s.Store.Advance(ctx, id, step)
}

// wentOn lets the next process go on with the changes in the file at path, and
// returns one of them, which it must have ended with a trail that is whole.
func (w *world) wentOn(path, id string) change.Change {
	w.t.Helper()
	time.Sleep(5 * time.Minute) // the lease of the one before is over
	store, err := sqlite.Open(path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close() // it is idle by then
	p, err := New(Config{Client: w.client, Policy: w.current, Store: store})
	if err != nil {
		w.t.Fatal(err)
	}
	p.Resume()
	time.Sleep(10 * time.Minute)
	p.Close(w.t.Context())
	c, err := store.Get(w.t.Context(), "local", id)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := store.VerifyAudit(w.t.Context()); err != nil {
		w.t.Error(err)
	}
	return c
}

// TestStopWhileLocked stops a pipeline for good while another process holds the file
// locked. It says that nothing more is sent only where that is on record; and where it
// is, the next one sends nothing.
func TestStopWhileLocked(t *testing.T) {
	t.Parallel()
	for locked, promised := range map[time.Duration]bool{500 * time.Millisecond: true, 2500 * time.Millisecond: false,
		time.Minute: false} {
		t.Run(locked.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				path := stateFile(t)
				w, store := filed(t, path, sandbox.Options{Latency: 3 * time.Second}, locked)
				args := object{"contacts": w.people(0, 60)}
				ask := w.question("archive_contacts", args)
				answered := make(chan object, 1)
				go func() { answered <- w.do("archive_contacts", args, answering(ask.Change, ask.Binding, Accept)) }()
				for len(w.writes()) == 0 {
					time.Sleep(100 * time.Millisecond)
				}
				store.lock()
				w.Stop(time.Second)
				note, _ := (<-answered)["note"].(string)
				if strings.Contains(note, "nothing more is sent") != promised || !strings.Contains(note, "the server is stopping") {
					t.Errorf("answered: %s", note)
				}
				stopped := time.Now()
				w.Close(context.Background())
				if took := time.Since(stopped); took > engine.PersistWithin {
					t.Errorf("it took %v to close", took)
				}
				if err := store.Close(); err != nil {
					t.Fatal(err)
				}
				w.sandbox.ResetCalls()
				w.wentOn(path, ask.Change)
				if sent := len(w.writes()); sent > 0 && locked < engine.PersistWithin {
					t.Errorf("the next one sent %d requests", sent)
				}
			})
		})
	}
}

// TestStopOfWhatWasPaused has a server that is stopped for good take up in between what
// another one had paused: it is none of its client's, and goes on all the same.
func TestStopOfWhatWasPaused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := stateFile(t)
		w, store := filed(t, path, sandbox.Options{Latency: 3 * time.Second}, 0)
		args := object{"contacts": w.people(0, 60)}
		ask := w.question("archive_contacts", args)
		answered := make(chan object, 1)
		go func() { answered <- w.do("archive_contacts", args, answering(ask.Change, ask.Binding, Accept)) }()
		for len(w.writes()) == 0 {
			time.Sleep(100 * time.Millisecond)
		}
		w.Pause(time.Second)
		<-answered
		w.Close(context.Background())
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		between, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		p, err := New(Config{Client: w.client, Policy: w.current, Store: between})
		if err != nil {
			t.Fatal(err)
		}
		w.sandbox.ResetCalls()
		p.Resume()
		for len(w.writes()) == 0 {
			time.Sleep(100 * time.Millisecond)
		}
		p.Stop(time.Second)
		p.Close(t.Context())
		if err := between.Close(); err != nil {
			t.Fatal(err)
		}
		if c := w.wentOn(path, ask.Change); c.Status != change.StatusApplied {
			t.Errorf("the change is %s: %+v", c.Status, change.CountItems(c.Items))
		}
	})
}

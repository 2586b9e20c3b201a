package engine

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestWait waits for a run, and says how far it is; not longer than 25 seconds, nor than the caller does, nor than the
// engine goes on for.
func TestWait(t *testing.T) {
	for name, test := range map[string]struct {
		items int
		cut   func(f *fixture, leave context.CancelFunc)
		took  time.Duration
		fails bool
	}{
		"to its end":     {4, nil, 2 * time.Second, false},
		"long enough":    {150, nil, waitMost, false},
		"caller left":    {150, func(_ *fixture, leave context.CancelFunc) { leave() }, 5 * time.Second, true},
		"server stopped": {150, func(f *fixture, _ context.CancelFunc) { f.Stop(time.Minute) }, 6 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, c := slow(t, test.items)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				if test.cut != nil {
					time.AfterFunc(5*time.Second, func() { test.cut(f, leave) })
				}
				began := time.Now()
				waited, err := f.Wait(ctx, "local", c.ID, nil)
				if took := time.Since(began); took > test.took || took < test.took-1500*time.Millisecond ||
					(err != nil) != test.fails {
					t.Errorf("%v, %v", time.Since(began), err)
				}
				if waited.run == nil {
					t.Error("it has waited for nothing")
				}
				if err != nil && !strings.Contains(err.Error(), "The call ended before its change did.") {
					t.Error(err)
				}
				f.Stop(0)
				f.Idle()
			})
		})
	}
}

// TestWaitAtEnd waits a second for a run that goes on while its engine ends.
func TestWaitAtEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &run{ended: make(chan struct{})}
		quit := make(chan struct{})
		time.AfterFunc(5*time.Second, func() { close(quit) })
		began := time.Now()
		if err := r.wait(t.Context(), quit, nil); err != nil || time.Since(began) != 5*time.Second+WaitAtEnd {
			t.Errorf("%v, %v", time.Since(began), err)
		}
	})
}

// TestProgress reports how many items were sent and read back, each report further than the one before.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 400, BulkDelay: 3 * time.Second})
		c := f.planned(f.renamings(150)...)
		if _, err := f.Start(t.Context(), c, change.Step{}); err != nil {
			t.Fatal(err)
		}
		var seen []int
		var said []string
		if _, err := f.Wait(t.Context(), "local", c.ID, func(done, total int, message string) {
			if total != 150 {
				t.Errorf("of %d", total)
			}
			seen, said = append(seen, done), append(said, message)
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{10, 70, 135}, seen); diff != "" ||
			said[2] != "150 of 150 contacts sent, 120 read back" {
			t.Errorf("%q (-want +got):\n%s", said, diff)
		}
		r := f.runs.register(change.Change{Noun: "company", Items: make([]change.Item, 4)}, startedHere)
		go func() {
			for range 4 {
				time.Sleep(time.Second)
				r.done.Add(1)
			}
			close(r.ended)
		}()
		seen = nil
		if err := r.wait(t.Context(), f.runs.quit, func(done, _ int, message string) {
			if seen = append(seen, done); !strings.Contains(message, "compan") {
				t.Error(message)
			}
		}); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]int{0, 1, 2, 3}, seen); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestWaitElsewhere waits for a change that another process applies.
func TestWaitElsewhere(t *testing.T) {
	for name, test := range map[string]struct {
		after func(f *fixture, c change.Change, leave context.CancelFunc)
		took  time.Duration
		fails bool
	}{
		"to its end": {func(f *fixture, c change.Change, _ context.CancelFunc) {
			if _, err := f.store.Advance(context.Background(), c.ID,
				change.Step{To: change.StatusApplied, At: time.Now()}); err != nil {
				f.t.Error(err)
			}
		}, 4 * time.Second, false},
		"long enough": {func(*fixture, change.Change, context.CancelFunc) {}, waitMost, false},
		"caller left": {func(_ *fixture, _ change.Change, leave context.CancelFunc) { leave() }, 3500 * time.Millisecond,
			true},
		"server stopped": {func(f *fixture, _ change.Change, _ context.CancelFunc) { f.Stop(0) }, 3500 * time.Millisecond,
			false},
	} {
		for _, begun := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFixture(t, sandboxOfFew)
					c := f.planned(f.renaming(0))
					advance := func() {
						if _, err := f.store.Advance(t.Context(), c.ID,
							change.Step{To: change.StatusApplying, At: time.Now()}); err != nil {
							t.Error(err)
						}
					}
					if begun {
						advance()
					} else {
						time.AfterFunc(time.Second, advance)
					}
					ctx, leave := context.WithCancel(t.Context())
					defer leave()
					time.AfterFunc(3500*time.Millisecond, func() { test.after(f, c, leave) })
					began := time.Now()
					waited, err := f.Wait(ctx, "local", c.ID, nil)
					if took := time.Since(began); took != test.took || (err != nil) != test.fails || waited.run != nil {
						t.Errorf("%v, %v", took, err)
					}
				})
			})
		}
	}
	f := newFixture(t, sandboxOfFew)
	if _, err := f.Wait(t.Context(), "mallory", f.interrupted(f.renaming(0)).ID, nil); err != nil {
		t.Errorf("another's: %v", err)
	}
}

// TestStanding says what will become of a change that has not ended.
func TestStanding(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	r := &run{halt: newHalt()}
	const elsewhere, running, waits = "not at work here: ", "still running: ",
		"waits for Intercom, and then goes on: it is down"
	says := func(what, want string, waited Waited) {
		t.Helper()
		if got := f.Standing("chg_1", waited); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", what, got)
		}
	}
	says("never here", elsewhere, Waited{})
	says("ended here", elsewhere, Waited{r})
	f.runs.runs["chg_1"] = r
	says("here", running, Waited{})
	r.waits.Store(&waiting{"it is down", true})
	says("waiting", waits, Waited{})
	if f.Works("chg_1") {
		t.Error("it works, and Intercom is down")
	}
	r.waits.Store(&waiting{why: "it is down"})
	says("waiting for a job", waits, Waited{})
	if !f.Works("chg_1") {
		t.Error("it does not work while it waits for a job")
	}
	r.waits.Store(nil)
	f.Stop(time.Minute)
	r.halt = newHalt()
	says("stopping", "the server is stopping, and could not record that yet", Waited{})
	delete(f.runs.runs, "chg_1")
	says("stopping, and ended here", "the server is stopping, and could not record that yet", Waited{r})
	says("stopping, never here", elsewhere, Waited{})
	r.persisted.Store(true)
	says("on record", "the server is stopping: nothing more is sent", Waited{r})
	r.halt.set(pausing, change.StopRequest{})
	says("pausing", "the server is stopping: the change goes on", Waited{r})
}

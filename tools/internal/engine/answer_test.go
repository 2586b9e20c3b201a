package engine

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// click is what a person asks for.
func click(id string, kind change.RequestKind) change.Request {
	return change.Request{Change: id, Kind: kind, By: change.Actor{By: "ops", Level: policy.LevelUser, Method: "oidc"},
		Person: change.Person{Name: "Olga Ops", Email: "ops@example.com"}, Roles: []string{"operator"}}
}

// asked is an engine with a store in which a person asks for the undo of a change, and what answers it.
func asked(t *testing.T, undo func(context.Context, change.Request) change.Answer) (*fixture, change.Request) {
	t.Helper()
	f := newFixture(t, sandboxOfFew)
	c := f.planned(f.renaming(0))
	r, err := f.store.Shared().Requests.Ask(t.Context(), click(c.ID, change.RequestUndo))
	if err != nil {
		t.Fatal(err)
	}
	f.serve(undo)
	return f, r
}

// serve answers requests until the engine ends.
func (f *fixture) serve(undo func(context.Context, change.Request) change.Answer) {
	NewAnswerer(f.Engine, undo, func() (change.Instance, bool) { return change.Instance{ID: "one"}, undo != nil }).Serve()
}

// answer is the answer that there is by now.
func (f *fixture) answer(r change.Request) (change.Request, *change.Answer) {
	f.t.Helper()
	r, answer, err := f.store.Shared().Requests.Find(f.t.Context(), r.Change, r.Kind)
	if err != nil {
		f.t.Fatal(err)
	}
	return r, answer
}

// TestAnswerTakesLong renews the lease of a request for as long as it takes to answer it: nobody else begins it.
func TestAnswerTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int32
		f, r := asked(t, func(ctx context.Context, _ change.Request) change.Answer {
			begun.Add(1)
			select {
			case <-ctx.Done():
			case <-time.After(5 * time.Minute):
			}
			return change.Answer{Change: "chg_undo"}
		})
		defer f.Close(t.Context())
		f.serve(nil)
		time.Sleep(6 * time.Minute)
		if r, answer := f.answer(r); begun.Load() != 1 || r.Taken != 1 || answer == nil || answer.Change != "chg_undo" {
			t.Errorf("begun %d times, taken %d times: %+v", begun.Load(), r.Taken, answer)
		}
	})
}

// TestAnswerNever gives up what takes for ever, what panics, and what servers have died of.
func TestAnswerNever(t *testing.T) {
	for name, test := range map[string]struct {
		undo func(context.Context, change.Request) change.Answer
		died int
		want string
	}{
		"for ever": {func(ctx context.Context, _ change.Request) change.Answer {
			<-ctx.Done()
			return change.Answer{}
		}, 0, "it took too long; ask again"},
		"panics": {func(context.Context, change.Request) change.Answer { panic("boom") }, 0,
			"the server failed at it; its log says more"},
		"servers died": {func(context.Context, change.Request) change.Answer { panic("boom") }, mostTaken,
			"servers have failed at it, or were stopped; ask again"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, r := asked(t, test.undo)
				defer f.Close(t.Context())
				for range test.died {
					if taken, err := f.store.Shared().Requests.Take(t.Context(), 0, 1, r.Kind); len(taken) != 1 || err != nil {
						t.Fatal(taken, err)
					}
				}
				time.Sleep(change.RequestHolds + 5*time.Second)
				if _, answer := f.answer(r); answer == nil || answer.Problem != test.want {
					t.Errorf("%+v, want %q", answer, test.want)
				}
			})
		})
	}
}

// TestAnswerIsFenced has a server stop the work on what another has taken meanwhile.
func TestAnswerIsFenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stopped atomic.Bool
		f, r := asked(t, func(ctx context.Context, _ change.Request) change.Answer {
			<-ctx.Done()
			stopped.Store(true)
			return change.Answer{Problem: "late"}
		})
		defer f.Close(t.Context())
		time.Sleep(2 * time.Second)
		requests := f.store.Shared().Requests
		mine, _ := f.answer(r)
		if err := requests.Renew(t.Context(), mine, 0); err != nil { // its clock stood still, say
			t.Fatal(err)
		}
		other, err := requests.Take(t.Context(), time.Hour, 1, r.Kind)
		if len(other) != 1 || err != nil {
			t.Fatal(other, err)
		}
		time.Sleep(change.RequestLease)
		if _, answer := f.answer(r); answer != nil || !stopped.Load() {
			t.Errorf("%+v, stopped: %t", answer, stopped.Load())
		}
	})
}

// unwritable is a store that cannot be written.
type unwritable struct {
	change.Store
	looks atomic.Int32
}

func (d *unwritable) Shared() change.Shared {
	shared := d.Store.Shared()
	shared.Servers = unseen{shared.Servers, &d.looks}
	return shared
}

type unseen struct {
	change.Servers
	looks *atomic.Int32
}

func (d unseen) Seen(context.Context, change.Instance) error {
	d.looks.Add(1)
	return errors.New("no space left")
}

// TestAnswerStops ends with its engine in the midst of a request, which waits for another server; where the store fails
// it tells so once, and tries again in half a minute; where the policy lets it read alone, it does nothing.
func TestAnswerStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, r := asked(t, func(ctx context.Context, _ change.Request) change.Answer {
			<-ctx.Done()
			return change.Answer{Problem: "stopped"}
		})
		time.Sleep(2 * time.Second)
		f.Close(t.Context())
		if r, answer := f.answer(r); answer != nil || r.Taken != 1 {
			t.Errorf("taken %d times, %+v", r.Taken, answer)
		}
		f.policy.Store(policy.Default(policy.ModeRead))
		f.restart()
		f.serve(nil)
		time.Sleep(time.Minute)
		if list, err := f.store.Shared().Servers.List(t.Context(), time.Hour); len(list) != 1 || err != nil ||
			time.Since(list[0].SeenAt) < time.Minute {
			t.Errorf("%+v, %v", list, err)
		}
		f.Close(t.Context())

		f.policy.Store(policy.Default(policy.ModeWrite))
		d := &unwritable{Store: f.store}
		f.store = d
		f.restart()
		f.serve(nil)
		time.Sleep(ResumeFirst + 2*retryEvery + time.Second)
		f.Close(t.Context())
		if logged := strings.Count(f.logs.String(), "looking for what people ask"); d.looks.Load() != 3 || logged != 1 {
			t.Errorf("%d looks, logged %d times", d.looks.Load(), logged)
		}
	})
}

package engine

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// click is what a person asks for.
func click(id string, kind change.RequestKind) change.Request {
	return change.Request{Change: id, Kind: kind, By: change.Actor{By: "ops", Level: policy.LevelUser, Method: "oidc"},
		Person: policy.Person{Name: "Olga Ops", Email: "ops@example.com"}, Roles: []string{"operator"}}
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

// told counts what operators were told of so far. The engine must be at rest.
func (f *fixture) told() int {
	return strings.Count(f.logs.String(), "level=WARN") + strings.Count(f.logs.String(), "level=ERROR")
}

// TestAnswerAtOnce answers four requests at the same time, and the next one as soon as one of them is answered; what is
// asked later is answered within a second, too.
func TestAnswerAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandboxOfFew)
		defer f.Close(t.Context())
		var begun atomic.Int32
		f.serve(func(context.Context, change.Request) change.Answer {
			time.Sleep(time.Duration(begun.Add(1)) * time.Minute)
			return change.Answer{}
		})
		time.Sleep(30*time.Second + askedEvery/2)
		for i := range int32(answerAtOnce + 2) {
			if _, err := f.store.Shared().Requests.Ask(t.Context(),
				click(f.planned(f.renaming(0)).ID, change.RequestUndo)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(askedEvery)
			if n := begun.Load(); n != min(i+1, answerAtOnce) {
				t.Errorf("%d are asked, %d begun", i+1, n)
			}
		}
		for more := range int32(2) {
			time.Sleep(time.Minute)
			if n := begun.Load(); n != answerAtOnce+more+1 {
				t.Errorf("%d begun after %d were answered", n, more+1)
			}
		}
	})
}

// TestAnswerCheck says of a waiting change whether it is still as it was planned, and why that cannot be told.
func TestAnswerCheck(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	awaiting := func(items ...change.Item) change.Change {
		now := time.Now()
		c, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local", Tool: "update_contact",
			Status: change.StatusAwaiting, Fingerprint: "the same", CreatedAt: now, ExpiresAt: now.Add(time.Minute),
			Items: items}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a := NewAnswerer(f.Engine, nil, nil)
	moved := f.renaming(1)
	moved.Before.Set["name"] = "Another"
	unread := awaiting(f.renaming(3))
	for _, test := range []struct {
		name, id string
		fault    bool
		want     change.Answer
	}{
		{"it waits", awaiting(f.renaming(0)).ID, false, change.Answer{}},
		{"it is approved", f.planned(f.renaming(0)).ID, false, change.Answer{}},
		{"one moved", awaiting(f.renaming(0), moved).ID, false, change.Answer{Stale: true, Moved: []int{1}}},
		{"it has ended", f.applied(f.renaming(2)).ID, false,
			change.Answer{Problem: "the change waits no more: it is applied"}},
		{"there is none", "chg_none", false,
			change.Answer{Problem: "the change could not be read: " + change.ErrNotFound.Error()}},
		{"Intercom is down", unread.ID, true, change.Answer{Problem: "its targets could not be read again: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.fault {
				f.sandbox.AddFault(sandbox.Fault{Status: http.StatusUnauthorized, Times: 100})
			}
			got := a.find(t.Context(), change.Request{Change: test.id, Kind: change.RequestCheck, Taken: 1})
			if test.fault {
				got.Problem = got.Problem[:min(len(got.Problem), len(test.want.Problem))] // the rest is Intercom's
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	f.Idle()
	if f.told() > 0 {
		t.Errorf("%s", &f.logs)
	}
}

// withRequests is a store with other requests.
type withRequests struct {
	change.Store
	requests change.Requests
}

func (s withRequests) Shared() change.Shared {
	shared := s.Store.Shared()
	shared.Requests = s.requests
	return shared
}

// sluggish are requests of which renewing and answering take a while.
type sluggish struct {
	change.Requests
	takes             time.Duration
	renewed, together atomic.Int32
	renewing          atomic.Bool
	answering         atomic.Bool
	err               error // of answering
}

func (s *sluggish) Renew(ctx context.Context, r change.Request, lease time.Duration) error {
	s.renewed.Add(1)
	s.renewing.Store(true)
	defer s.renewing.Store(false)
	if s.answering.Load() {
		s.together.Add(1)
	}
	time.Sleep(s.takes)
	return s.Requests.Renew(ctx, r, lease)
}

func (s *sluggish) Answer(ctx context.Context, r change.Request, a change.Answer) error {
	s.answering.Store(true)
	defer s.answering.Store(false)
	if s.renewing.Load() {
		s.together.Add(1)
	}
	time.Sleep(s.takes)
	if s.err != nil {
		return s.err
	}
	return s.Requests.Answer(ctx, r, a)
}

// TestAnswerIsRecorded renews no lease while the answer is recorded, since that would seem to be taken by another, nor
// after that; and tells of what cannot be recorded, but not of what another server has taken.
func TestAnswerIsRecorded(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		told int
	}{
		"":                         {nil, 0},
		"the store fails":          {change.ErrUnavailable, 1},
		"another server has it":    {change.ErrFenced, 0},
		"the server's time was up": {context.Canceled, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, sandboxOfFew)
				c := f.planned(f.renaming(0))
				s := &sluggish{Requests: f.store.Shared().Requests, takes: change.RequestLease / 4, err: test.err}
				f.store = withRequests{f.store, s}
				f.restart()
				r, err := s.Ask(t.Context(), click(c.ID, change.RequestUndo))
				if err != nil {
					t.Fatal(err)
				}
				a := NewAnswerer(f.Engine, func(context.Context, change.Request) change.Answer {
					time.Sleep(change.RequestLease / 2)
					return change.Answer{Change: "chg_undo"}
				}, nil)
				taken, err := s.Take(t.Context(), change.RequestLease, 1, r.Kind)
				if len(taken) != 1 || err != nil {
					t.Fatal(taken, err)
				}
				a.answer(t.Context(), taken[0])
				time.Sleep(change.RequestLease)
				if s.renewed.Load() != 1 || s.together.Load() > 0 {
					t.Errorf("renewed %d times, %d while it was answered", s.renewed.Load(), s.together.Load())
				}
				if _, answer := f.answer(r); (answer == nil) != (test.err != nil) {
					t.Errorf("%+v", answer)
				}
				if f.Close(t.Context()); f.told() != test.told {
					t.Errorf("told %d times:\n%s", f.told(), &f.logs)
				}
			})
		})
	}
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

// TestAnswerNever gives up what takes for ever, what panics, and what servers have died of: three times, and no less.
func TestAnswerNever(t *testing.T) {
	for name, test := range map[string]struct {
		undo func(context.Context, change.Request) change.Answer
		died int
		want string
		told int // to operators
	}{
		"for ever": {func(ctx context.Context, _ change.Request) change.Answer {
			<-ctx.Done()
			return change.Answer{}
		}, 0, "it took too long; ask again", 0},
		"panics": {func(context.Context, change.Request) change.Answer { panic("boom") }, 0,
			"the server failed at it; its log says more", 1},
		"servers died": {func(context.Context, change.Request) change.Answer { panic("boom") }, mostTaken,
			"servers have failed at it, or were stopped; ask again", 0},
		"fewer died": {func(context.Context, change.Request) change.Answer { return change.Answer{Problem: "done"} },
			mostTaken - 1, "done", 0},
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
				if f.Close(t.Context()); f.told() != test.told {
					t.Errorf("told %d times:\n%s", f.told(), &f.logs)
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

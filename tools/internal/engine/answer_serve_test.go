package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// unwritable is a store that cannot be written.
type unwritable struct {
	change.Store
	looks atomic.Int32
	hangs bool // until the look is cut off
}

func (d *unwritable) Shared() change.Shared {
	shared := d.Store.Shared()
	shared.Servers = unseen{shared.Servers, &d.looks, d.hangs}
	return shared
}

type unseen struct {
	change.Servers
	looks *atomic.Int32
	hangs bool
}

func (d unseen) Seen(ctx context.Context, _ change.Instance) error {
	d.looks.Add(1)
	if d.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return errors.New("no space left")
}

// TestAnswererIsSeen says every five seconds that its server is there, and tells of another one that differs.
func TestAnswererIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandboxOfFew)
		servers := f.store.Shared().Servers
		if err := servers.Seen(t.Context(), change.Instance{ID: "other", Mode: "read"}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		f.serve(nil)
		time.Sleep(askedEvery / 2)
		for s := range 3 * change.SeenEvery / time.Second {
			time.Sleep(time.Second)
			list, err := servers.List(t.Context(), time.Hour)
			if want := ResumeFirst + s*time.Second/change.SeenEvery*change.SeenEvery; err != nil || len(list) != 2 ||
				list[0].ID != "one" || list[0].SeenAt.Sub(began) != want {
				t.Errorf("after %d s, want %v: %+v, %v", s+1, want, list, err)
			}
		}
		if f.Close(t.Context()); f.told() != 1 {
			t.Errorf("%s", &f.logs)
		}
	})
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

		d.hangs = true
		f.logs.Reset()
		f.restart()
		f.serve(nil)
		time.Sleep(ResumeFirst + time.Second)
		if f.Close(t.Context()); d.looks.Load() != 4 || f.told() > 0 {
			t.Errorf("a look that the end cut off, of %d: %s", d.looks.Load(), &f.logs)
		}
	})
}

// TestWarns tells once of every other server that differs, again when it differs in another way, and keeps no more in
// mind than a store knows of servers.
func TestWarns(t *testing.T) {
	f := newFixture(t, sandbox.Options{})
	a := NewAnswerer(f.Engine, nil, nil)
	here := change.Instance{ID: "here", Version: "1"}
	warned := make(map[string]bool)
	look := func(seen change.Instance, told int) {
		t.Helper()
		f.logs.Reset()
		if err := f.store.Shared().Servers.Seen(t.Context(), seen); err != nil {
			t.Fatal(err)
		}
		if err := a.warn(t.Context(), here, warned); err != nil || f.told() != told {
			t.Errorf("%+v: %v, told %d times", seen, err, f.told())
		}
	}
	look(here, 0)
	look(change.Instance{ID: "here", Version: "0"}, 0) // as it was before it was updated
	look(change.Instance{ID: "alike", Version: "1"}, 0)
	look(change.Instance{ID: "older", Version: "0"}, 1)
	look(change.Instance{ID: "older", Version: "0"}, 0)
	look(change.Instance{ID: "older", Version: "2"}, 1)
	look(change.Instance{ID: "other", Version: "0"}, 1)
	look(change.Instance{ID: "other", Version: "1"}, 0)
	for i := range 2 * change.MaxServers {
		look(change.Instance{ID: "older", Version: "1", Mode: fmt.Sprint("mode ", i)}, 1)
	}
	if len(warned) > change.MaxServers+1 {
		t.Errorf("%d are kept in mind", len(warned))
	}
}

package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// newServer starts a server of the test's own, whose disk is to be trusted.
func newServer(t *testing.T) *postgrestest.Server {
	t.Helper()
	postgrestest.Need(t)
	s, err := postgrestest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Remove() })
	return s
}

// writers plan changes in stores of their own, each one after the other, until they are stopped.
type writers struct {
	stores  []*Store
	working sync.WaitGroup
	enough  atomic.Bool
	mu      sync.Mutex
	kept    []string // ids of the changes that a store said were recorded
	denied  []string // ids of those that it said were not
	doubted []string // ids of those of which it did not know
	odd     []error  // that tell of no unavailable store
}

// write starts writers on a URL.
func write(t *testing.T, at string, within time.Duration) *writers {
	w := new(writers)
	for range 4 {
		s := openAt(t, at)
		w.stores = append(w.stores, s)
		w.working.Go(func() {
			for !w.enough.Load() {
				ctx, enough := context.WithTimeout(t.Context(), within)
				c := changetest.Planned(change.StatusAwaiting, 2)
				_, err := s.Create(ctx, c, nil)
				enough()
				w.note(c.ID, err)
			}
		})
	}
	return w
}

func (w *writers) note(id string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil:
		w.kept = append(w.kept, id)
		return
	case !errors.Is(err, change.ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded):
		w.odd = append(w.odd, err)
	}
	if errors.Is(err, change.ErrUnsettled) {
		w.doubted = append(w.doubted, id)
	} else {
		w.denied = append(w.denied, id)
	}
	time.Sleep(10 * time.Millisecond) // as nobody asks without a pause
}

// more waits until so many more changes are recorded.
func (w *writers) more(t *testing.T, n int) {
	t.Helper()
	w.mu.Lock()
	want := len(w.kept) + n
	w.mu.Unlock()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		w.mu.Lock()
		kept := len(w.kept)
		w.mu.Unlock()
		if kept >= want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d changes were recorded; the last errors: %v", kept, want, w.odd[max(0, len(w.odd)-3):])
		}
	}
}

// check ends the writers, and makes sure that the trail is intact and tells of all that was recorded, once.
func (w *writers) check(t *testing.T) {
	t.Helper()
	w.enough.Store(true)
	w.working.Wait()
	for _, err := range w.odd {
		t.Errorf("odd: %v", err)
	}
	s := w.stores[0]
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	planned := make(map[string]int)
	for e, err := range s.Events(t.Context(), change.EventQuery{Kind: change.KindPlanned}) {
		if err != nil {
			t.Fatal(err)
		}
		planned[e.Change]++
	}
	for _, id := range w.kept {
		if _, err := s.Find(t.Context(), id); err != nil || planned[id] != 1 {
			t.Errorf("%s: planned %d times, %v", id, planned[id], err)
		}
	}
	for id, times := range planned {
		if times != 1 || !slices.Contains(w.kept, id) && !slices.Contains(w.doubted, id) {
			t.Errorf("%s: planned %d times", id, times)
		}
	}
	t.Logf("%d changes recorded, %d not, %d in doubt, %d in the trail", len(w.kept), len(w.denied), len(w.doubted),
		len(planned))
}

// TestDatabaseKilled kills the database under its writers, and starts it again, twice; then it is stopped in order.
func TestDatabaseKilled(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	w := write(t, server.URL("s"), 10*time.Second)
	for _, fast := range []bool{false, false, true} {
		w.more(t, 30)
		server.Stop(fast)
		time.Sleep(50 * time.Millisecond)
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
	}
	w.more(t, 30)
	w.check(t)
}

// stalling is a proxy to a server, which may hold up what goes through it.
type stalling struct {
	listener net.Listener
	to       net.Addr
	mu       sync.RWMutex // held while nothing goes through
	// swallowing is how many times what there was of connections then was made to swallow all that is sent
	swallowing atomic.Int64
}

// stall starts a proxy in a folder, and returns it.
func stall(t *testing.T, dir string, to net.Addr) *stalling {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	p := &stalling{listener: listener, to: to}
	var serving sync.WaitGroup
	ending, end := context.WithCancel(context.Background())
	serving.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			into, err := net.Dial(to.Network(), to.String())
			if err != nil {
				_ = from.Close()
				continue
			}
			context.AfterFunc(ending, func() { _, _ = from.Close(), into.Close() })
			since := p.swallowing.Load()
			for _, pair := range [][2]net.Conn{{from, into}, {into, from}} {
				serving.Go(func() {
					_, _ = io.Copy(held{pair[1], p, since}, pair[0])
					_ = from.Close()
					_ = into.Close()
				})
			}
		}
	})
	t.Cleanup(func() { end(); _ = listener.Close(); serving.Wait() })
	return p
}

// held writes while nobody holds it up.
type held struct {
	to    net.Conn
	proxy *stalling
	since int64 // what swallowing was
}

func (h held) Write(b []byte) (int, error) {
	h.proxy.mu.RLock()
	defer h.proxy.mu.RUnlock()
	if h.proxy.swallowing.Load() > h.since {
		return len(b), nil
	}
	return h.to.Write(b)
}

// throughProxy is a URL of a server whose socket is one in a folder.
func throughProxy(at string, of *postgrestest.Server, dir string) string {
	return strings.Replace(at, url.QueryEscape(of.Socket()), url.QueryEscape(dir), 1)
}

// TestDatabaseSlow holds every answer of the database up for five seconds: callers with less time give up, and what
// they gave up is recorded once or not at all.
func TestDatabaseSlow(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	dir := t.TempDir()
	p := stall(t, dir, server.Address())
	w := write(t, throughProxy(server.URL("s"), server, dir), 2*time.Second)
	w.more(t, 30)
	running := changetest.Create(t, w.stores[0], changetest.Planned(change.StatusApproved, 1))
	changetest.Advance(t, w.stores[0], running.ID, change.Step{To: change.StatusApplying, At: time.Now()})
	p.mu.Lock()
	time.Sleep(5 * time.Second)
	p.mu.Unlock()
	w.more(t, 30)
	w.kept = append(w.kept, running.ID)
	if status, owned, err := w.stores[1].Status(t.Context(), "ann", running.ID); status != change.StatusApplying ||
		!owned || err != nil {
		t.Errorf("%s, %t, %v", status, owned, err)
	}
	if left, err := w.stores[1].ClaimInterrupted(t.Context()); len(left) > 0 || err != nil {
		t.Errorf("taken over from who still runs: %v, %v", left, err)
	}
	w.check(t)
}

// both is the URL of a schema on two servers, of which one takes writes.
func both(a, b *postgrestest.Server) string {
	return strings.Replace(a.URL("s"), url.QueryEscape(a.Socket()), url.QueryEscape(a.Socket()+","+b.Socket()), 1) +
		"&port=5432,5432&target_session_attrs=read-write"
}

// standbyOf starts a standby.
func standbyOf(t *testing.T, primary *postgrestest.Server) *postgrestest.Server {
	t.Helper()
	standby, err := primary.Standby()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = standby.Remove() })
	return standby
}

// TestFailover kills the database under its writers, and promotes a synchronous standby: nothing is lost.
func TestFailover(t *testing.T) {
	t.Parallel()
	primary := newServer(t)
	standby := standbyOf(t, primary)
	for _, statement := range []string{`ALTER SYSTEM SET synchronous_standby_names = 'standby'`,
		`SELECT pg_reload_conf()`} {
		if err := primary.Exec("", statement); err != nil {
			t.Fatal(err)
		}
	}
	onStandby := openAt(t, standby.URL("s"))
	w := write(t, both(primary, standby), 10*time.Second)
	w.more(t, 60)
	refuses(t, onStandby, "standby")
	if list, err := onStandby.List(t.Context(), "", change.Query{Limit: 1}); err != nil || len(list) != 1 {
		t.Errorf("a read of the standby: %d, %v", len(list), err)
	}
	primary.Stop(false)
	if err := standby.Promote(); err != nil {
		t.Fatal(err)
	}
	w.more(t, 60)
	w.check(t)
}

// TestFailoverThatLoses promotes a standby that lacks the last commits: whoever saw them refuses writes, and has all
// others refuse them, until an operator accepts the loss.
func TestFailoverThatLoses(t *testing.T) {
	t.Parallel()
	primary := newServer(t)
	standby := standbyOf(t, primary)
	at := both(primary, standby)
	s, idle := openAt(t, at), openAt(t, at)
	before := changetest.Create(t, s, changetest.Planned(change.StatusApproved, 1))
	last := changetest.Create(t, idle, changetest.Planned(change.StatusAwaiting, 1))
	onStandby, deadline := openAt(t, standby.URL("s")), time.Now().Add(time.Minute)
	for ; ; time.Sleep(10 * time.Millisecond) { // until it has followed
		_, err := onStandby.Find(t.Context(), last.ID)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the standby has not followed: %v", err)
		}
	}
	standby.Stop(true)
	changetest.Advance(t, s, before.ID, change.Step{To: change.StatusApplying, At: time.Now()})
	lost := changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	primary.Stop(false)
	if err := errors.Join(standby.Start(), standby.Promote()); err != nil {
		t.Fatal(err)
	}
	// A server that was started since knows of nothing, and writes on in the place of what was lost.
	fresh := openAt(t, at)
	for range 3 {
		changetest.Create(t, fresh, changetest.Planned(change.StatusAwaiting, 1))
	}
	for range 2 {
		refuses(t, s, before.ID+", "+lost.ID)
		refuses(t, fresh, "state accept-loss")
		refuses(t, idle, "state accept-loss")
	}
	if c, err := s.Get(t.Context(), "ann", before.ID); err != nil || c.Status != change.StatusApproved {
		t.Errorf("a read: %s, %v", c.Status, err)
	}
	if err := s.Shared().Stops.Freeze(t.Context(), change.Actor{By: "ops"}, "look first"); err != nil {
		t.Errorf("freezing: %v", err)
	}
	changes, losses, err := openAt(t, at).AcceptLoss(t.Context(), change.Actor{By: "ops"})
	if err != nil || losses != 1 || !slices.Equal(changes, slices.Sorted(slices.Values([]string{before.ID, lost.ID}))) {
		t.Errorf("accepted: %v, %d, %v", changes, losses, err)
	}
	if _, err := s.Shared().Stops.Unfreeze(t.Context(), change.Actor{By: "ops"}); err != nil {
		t.Error(err)
	}
	for _, s := range []*Store{s, fresh, idle} {
		changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
		if _, err := s.VerifyAudit(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, losses, err := s.AcceptLoss(t.Context(), change.Actor{By: "ops"}); losses != 0 || err != nil {
		t.Errorf("again: %d, %v", losses, err)
	}
}

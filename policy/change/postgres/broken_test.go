package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/internal/stored"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// TestSilentServer connects to what accepts connections and says nothing: the database is to blame, not the caller.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s := openAt(t, "postgres://u@"+listener.Addr().String()+"/d?sslmode=disable&connect_timeout=1")
	refuses(t, s, "cannot be reached: no answer in time")
	ctx, enough := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer enough()
	if _, err := s.Find(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, change.ErrUnavailable) {
		t.Errorf("a caller who gives up: %v", err)
	}
}

// own is the URL of a schema and a statement that ends the connections that it makes.
func own(t *testing.T) (url, end string) {
	t.Helper()
	url = postgrestest.Schema(t)
	name := schemaIn(t, url)
	return url + "&application_name=" + name,
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '` + name + `'`
}

// TestConnectionsEnded ends all connections of a store, as a server does that is started again: the next calls of all
// kinds take new ones.
func TestConnectionsEnded(t *testing.T) {
	t.Parallel()
	at, end := own(t)
	s := openAt(t, at)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	calls := map[string]func() error{
		"a write": func() error {
			_, err := s.Create(t.Context(), changetest.Planned(change.StatusAwaiting, 1), nil)
			return err
		},
		"a read": func() error {
			_, err := s.List(t.Context(), "", change.Query{Limit: 1})
			return err
		},
		"a lease of rates": func() error {
			_, _, err := s.Shared().Rates.Lease(t.Context(), "key", 1, 100, 1)
			return err
		},
		"a renewal": func() error { return s.owner.renew(t.Context(), []string{"x"}) },
	}
	for name, call := range calls {
		if err := call(); err != nil {
			t.Fatal(err)
		}
		var together, begun sync.WaitGroup
		begun.Add(4)
		for range 4 { // so that the pool holds as many
			together.Go(func() {
				_ = s.database.view(t.Context(), "waiting", func(stored.Querier) error { begun.Done(); begun.Wait(); return nil })
			})
		}
		together.Wait()
		execIn(t, at, end)
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBackendsKilled ends single connections at random under their writers, some of them while they commit.
func TestBackendsKilled(t *testing.T) {
	t.Parallel()
	at, end := own(t)
	w := write(t, at, 10*time.Second)
	w.more(t, 10)
	for range 60 {
		execIn(t, at, end+` AND (state = 'active' OR random() < 0.2)`)
		time.Sleep(2 * time.Millisecond)
	}
	w.more(t, 10)
	w.check(t)
}

// TestOddTexts asks for what no column can hold, which names nothing, and keeps a change of such a principal.
func TestOddTexts(t *testing.T) {
	t.Parallel()
	s := openAt(t, postgrestest.Schema(t))
	for _, odd := range []string{"a\x00b", "a\xffb"} {
		if _, err := s.Find(t.Context(), odd); !errors.Is(err, change.ErrNotFound) {
			t.Errorf("find: %v", err)
		}
		err := s.Shared().Stops.Request(t.Context(), odd, change.Actor{By: odd}, odd)
		if !errors.Is(err, change.ErrNotFound) {
			t.Errorf("stop: %v", err)
		}
		if list, err := s.List(t.Context(), odd, change.Query{Limit: 1, After: odd}); len(list) > 0 || err != nil {
			t.Errorf("list: %v, %v", list, err)
		}
	}
	c := changetest.Planned(change.StatusAwaiting, 1)
	c.Principal = "a\x00b"
	changetest.Create(t, s, c)
	if kept, err := s.Get(t.Context(), c.Principal, c.ID); err != nil || kept.ID != c.ID {
		t.Errorf("get: %v", err)
	}
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestRolledBack passes the error of a statement over: what the transaction did is not said to be recorded.
func TestRolledBack(t *testing.T) {
	t.Parallel()
	s := openAt(t, postgrestest.Schema(t))
	err := s.database.update(t.Context(), "testing", func(tx *transaction) error {
		_, _ = tx.exec(t.Context(), `SELECT 1 / 0`)
		return nil
	})
	if !errors.Is(err, errRolledBack) {
		t.Error(err)
	}
}

// TestDeclineWaitsForNobody declines a change while another transaction drops the declines of before. To wait for it
// would be to wait until lockTimeout.
func TestDeclineWaitsForNobody(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	s := openAt(t, at)
	c := changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	execIn(t, at, `INSERT INTO declines (principal, at, place, value) VALUES ('bob', 1, '', '')`)
	err := s.database.update(t.Context(), "testing", func(tx *transaction) error {
		if _, err := tx.exec(t.Context(), `DELETE FROM declines`); err != nil {
			return err
		}
		_, err := s.Advance(t.Context(), c.ID, change.Step{To: change.StatusDeclined, At: time.Now()})
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// older makes a schema one of the version before the newest.
func older(t *testing.T, at string) {
	t.Helper()
	execIn(t, at, fmt.Sprintf(`DROP TABLE session_ends; UPDATE schema_version SET version = %d`, schemaVersion-1))
}

// TestRestored goes on with a schema that was restored from a copy of an older version while it was in use.
func TestRestored(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	s := openAt(t, at)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	older(t, at)
	refuses(t, s, "restored from a copy")
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
}

// TestMigrationWaits migrates a schema once nobody is in the middle of a transaction of the older version.
func TestMigrationWaits(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	s := openAt(t, at)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	older(t, at)
	newer := openAt(t, at)
	c := s.database.connections
	conn, _, err := c.begin(t.Context(), c.pool, beginWrite)
	if err != nil {
		t.Fatal(err)
	}
	ctx, enough := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer enough()
	if _, err := newer.Create(ctx, changetest.Planned(change.StatusAwaiting, 1), nil); !errors.Is(err,
		context.DeadlineExceeded) {
		t.Errorf("it did not wait: %v", err)
	}
	c.end(conn)
	changetest.Create(t, newer, changetest.Planned(change.StatusAwaiting, 1))
}

// TestRenewAfterSilence renews leases by new connections once the server does not answer on those that there are.
func TestRenewAfterSilence(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	dir := t.TempDir()
	p := stall(t, dir, postgrestest.Shared(t).Address())
	s, other := openAt(t, throughProxy(at, postgrestest.Shared(t), dir)), openAt(t, at)
	c := changetest.Create(t, s, changetest.Planned(change.StatusApproved, 1))
	changetest.Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: time.Now()})
	s.owner.leases.Close() // what it does once in a third of the time of a lease is done below
	s.owner.leases.Wait()
	renew := func(lease time.Duration) error {
		s.Lease = lease
		return s.owner.renew(t.Context(), []string{c.ID})
	}
	if err := renew(time.Minute); err != nil {
		t.Fatal(err)
	}
	p.swallowing.Add(1)
	began := time.Now()
	if err := renew(600 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	execIn(t, at, `UPDATE changes SET lease_until = '1970-01-01'`)
	if err := renew(time.Minute); err != nil {
		t.Errorf("by a new connection: %v", err)
	}
	if _, owned, err := other.Status(t.Context(), "ann", c.ID); err != nil || !owned {
		t.Errorf("the lease is not renewed: %v", err)
	}
}

// TestSchemaOf reads what search_path names.
func TestSchemaOf(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"": "public", " Team ": "team", `"Team"`: "Team", `"a""b"`: `a"b`,
		`"a,b"`: "a,b", `"a","b"`: "", `"a"b"`: "", "a,b": "", "pg_catalog": "", strings.Repeat("x", 64): ""} {
		if name, err := schemaOf(path); name != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", path, name, err)
		}
	}
}

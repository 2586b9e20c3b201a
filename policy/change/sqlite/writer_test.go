package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// locked has another process hold the write lock of a store's file, until the function that it returns is called.
func locked(t *testing.T, s *Store) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", s.Path())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
	}
}

// waitingFor returns once so many updates wait in a store.
func waitingFor(t *testing.T, s *Store, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		s.database.writer.mu.Lock()
		waiting := len(s.database.writer.waiting)
		s.database.writer.mu.Unlock()
		if waiting == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d updates wait, want %d", waiting, n)
		}
	}
}

// TestTogether has callers wait for the file: they are served in their order, in one transaction, and each fails for
// itself alone.
func TestTogether(t *testing.T) {
	s := openTemp(t)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	unlock := locked(t, s)
	errRefused := errors.New("refused")
	const callers = 9
	failures := make(chan error, callers)
	var want []string
	for i := range callers {
		c := changetest.Planned(change.StatusApproved, 1)
		if i%3 != 2 {
			want = append(want, c.ID)
		}
		go func() {
			defer func() {
				if caught := recover(); caught != nil {
					failures <- fmt.Errorf("panic: %v", caught)
				}
			}()
			_, err := s.Create(t.Context(), c, func(c *change.Change, recent change.Recent) error {
				switch {
				case recent.Written != i-i/3+1:
					return fmt.Errorf("%d were written before number %d", recent.Written, i)
				case i == 2:
					panic("in the middle")
				case i%3 == 2:
					return errRefused
				}
				c.Items[0].TargetID = fmt.Sprint("target ", i)
				return nil
			})
			failures <- err
		}()
		waitingFor(t, s, i+1)
	}
	unlock()
	refused, panics := 0, 0
	for range callers {
		switch err := <-failures; {
		case errors.Is(err, errRefused):
			refused++
		case err != nil && strings.Contains(err.Error(), "in the middle"):
			panics++
		case err != nil:
			t.Error(err)
		}
	}
	if refused != 2 || panics != 1 {
		t.Errorf("%d were refused, %d panicked", refused, panics)
	}
	var planned []string
	for _, e := range events(t, s, time.Time{})[1:] {
		planned = append(planned, e.Change)
	}
	if !slices.Equal(planned, want) {
		t.Errorf("recorded %v, want %v", planned, want)
	}
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestWithdrawn has callers go away that wait for the file: at once, and with nothing recorded.
func TestWithdrawn(t *testing.T) {
	s := openTemp(t)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	unlock := locked(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	failures := make(chan error)
	for range 2 {
		go func() {
			_, err := s.Create(ctx, changetest.Planned(change.StatusAwaiting, 1), nil)
			failures <- err
		}()
	}
	waitingFor(t, s, 2)
	cancel()
	for range 2 {
		if err := <-failures; !errors.Is(err, context.Canceled) || errors.Is(err, change.ErrUnavailable) {
			t.Error(err)
		}
	}
	s.database.writer.loops.Wait() // it does not wait for the file any longer
	unlock()
	if list, err := s.List(t.Context(), "ann", change.Query{Limit: 9}); err != nil || len(list) != 1 {
		t.Errorf("%d changes, %v", len(list), err)
	}
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
}

// TestTransactionIsLost has SQLite undo the transaction by itself, as on a full disk, on account of events that wait
// for a write: who shares it is told that nothing was recorded, and nothing was.
func TestTransactionIsLost(t *testing.T) {
	s := openTemp(t)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	execRaw(t, s.Path(), `CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.body ->> 'kind' = 'call'
		BEGIN SELECT RAISE(ROLLBACK, 'full'); END`)
	if err := s.AppendSoon(change.Event{Kind: change.KindCall}); err != nil {
		t.Fatal(err)
	}
	c := changetest.Planned(change.StatusAwaiting, 1)
	if _, err := s.Create(t.Context(), c, nil); !errors.Is(err, change.ErrUnavailable) {
		t.Errorf("recorded with what cannot be: %v", err)
	}
	if _, err := s.Find(t.Context(), c.ID); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("on record, though the caller was told that it is not: %v", err)
	}
	execRaw(t, s.Path(), `DROP TRIGGER full`)
	changetest.Create(t, s, c)
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	if got := trail(t, s); !slices.Equal(got, []string{"planned", "call", "planned"}) {
		t.Errorf("recorded %v", got)
	}
}

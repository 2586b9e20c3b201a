package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/internal/stored"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// grow fills the tables that have no bound, or a large one, and has PostgreSQL know it.
const grow = `INSERT INTO declines SELECT 'p' || i % 100, extract(epoch FROM now())::bigint * 1000000000, i, i
		FROM generate_series(1, 5000) i;
	INSERT INTO seal_spent SELECT i, extract(epoch FROM now())::bigint * 2000000000 FROM generate_series(1, 5000) i;
	INSERT INTO cursors SELECT 'p' || i % 100, i, extract(epoch FROM now())::bigint * 1000000000, ''
		FROM generate_series(1, 5000) i;
	ANALYZE declines, seal_spent, cursors`

// TestPlans makes sure that what calls wait for reads no large table from its beginning to its end.
func TestPlans(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	using(t, at, func(s *Store) error {
		return s.Receive(t.Context(), func(into change.Receiver) error {
			return changetest.History(t.Context(), into, 10_000)
		})
	})
	execIn(t, at, grow)
	before := scans(t, at)
	using(t, at, func(s *Store) error { return callAll(t.Context(), s) })
	if after := scans(t, at); !maps.Equal(before, after) {
		t.Errorf("read from the beginning to the end: %v before, %v after", before, after)
	}
}

// using has do use a store, and returns once its connections have ended: then they have told what they read.
func using(t *testing.T, at string, do func(s *Store) error) {
	t.Helper()
	name := schemaIn(t, at)
	s, err := Open(at + "&application_name=" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(do(s), s.Close()); err != nil {
		t.Fatal(err)
	}
	execIn(t, at, `DO $$ BEGIN FOR i IN 1..500 LOOP PERFORM pg_stat_clear_snapshot();
		EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '`+name+`');
		PERFORM pg_sleep(0.01); END LOOP; END $$`)
}

// scans tells how often which table was read from its beginning to its end.
func scans(t *testing.T, at string) map[string]int {
	t.Helper()
	found := make(map[string]int)
	err := openAt(t, at).database.view(t.Context(), "testing", func(tx stored.Querier) error {
		const query = `SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname IN
			('changes', 'items', 'events', 'declines', 'seal_spent', 'cursors')`
		return stored.EachRow(t.Context(), tx, query, func(rows *sql.Rows) error {
			var name string
			var n int
			err := rows.Scan(&name, &n)
			found[name] = n
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// callAll does what calls wait for.
func callAll(ctx context.Context, s *Store) error {
	none := func(*change.Change, change.Recent) error { return nil }
	planned := func(status change.Status) (string, error) {
		c := changetest.Planned(status, 1)
		c.CreatedAt = time.Now()
		_, err := s.Create(ctx, c, none)
		return c.ID, err
	}
	step := func(id string, to change.Status) error {
		_, err := s.Advance(ctx, id, change.Step{To: to, At: time.Now(), Decide: none})
		return err
	}
	id, err := planned(change.StatusApproved)
	if err != nil {
		return err
	}
	declined, err := planned(change.StatusAwaiting)
	if err != nil {
		return err
	}
	shared := s.Shared()
	for n, do := range []func() error{
		func() error { return step(declined, change.StatusDeclined) },
		func() error { return step(id, change.StatusApplying) },
		func() error { return s.RecordJob(ctx, id, change.Job{}) },
		func() error { return s.Record(ctx, id, []change.Recorded{{Outcome: change.Changed}}) },
		func() error { return s.owner.renew(ctx, []string{id}) },
		func() error { _, _, err := shared.Stops.Requested(ctx, id); return err },
		func() error { return step(id, change.StatusApplied) },
		func() error { _, err := s.Get(ctx, "ann", id); return err },
		func() error { _, _, err := s.Status(ctx, "ann", id); return err },
		func() error { _, err := s.ClaimInterrupted(ctx); return err },
		func() error { _, err := s.PurgeValues(ctx, changetest.Epoch.AddDate(-2, 0, 0)); return err },
		func() error { return shared.Seals.Spend(ctx, "nonce", time.Now()) },
		func() error { return shared.Cursors.Keep(ctx, "ann", "handle", "", time.Now()) },
		func() error {
			for _, err := range s.Events(ctx, change.EventQuery{Newest: 10}) {
				return err
			}
			return nil
		},
	} {
		if err := do(); err != nil {
			return fmt.Errorf("call %d: %w", n, err)
		}
	}
	for _, query := range []change.Query{{}, {Status: change.StatusApplied}, {Status: change.StatusUnknown},
		{Status: change.StatusAwaiting, At: time.Now()}, {Fingerprint: "x"}, {After: id}} {
		query.Limit = 10
		if _, err := s.List(ctx, "ann", query); err != nil {
			return err
		}
	}
	return nil
}

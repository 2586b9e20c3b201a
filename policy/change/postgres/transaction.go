package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

const (
	// lockTimeout bounds how long a statement waits for a lock that another transaction holds.
	lockTimeout = 10 * time.Second
	// idleTimeout is when the database ends a transaction of which it hears nothing, with the locks that it holds.
	idleTimeout = 30 * time.Second
	// clockTolerance is how far this machine's clock may be from the database's for writes: what counts in a window, and
	// what has expired, is told by the times of changes.
	clockTolerance = time.Minute
)

// querier is a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// transaction is one that writes. It is for one user at a time.
type transaction struct {
	store  *Store
	conn   *sql.Conn
	events []change.Event // to be put at the end of the trail when it is committed
}

// QueryContext runs a query, as [sql.Tx] does.
func (t *transaction) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.conn.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a query for one row, as [sql.Tx] does.
func (t *transaction) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.conn.QueryRowContext(ctx, query, args...)
}

// exec runs a statement, and returns how many rows it wrote.
func (t *transaction) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := t.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// append has events be put at the end of the trail when the transaction is committed.
func (t *transaction) append(events ...change.Event) { t.events = append(t.events, events...) }

// guard is what a transaction learns when it begins.
type guard struct {
	version   int
	workspace string        // that the schema is bound to; "" for none
	ahead     time.Duration // of the database's clock, as far as it is known to differ
	recovery  bool
	readOnly  bool
	loss      *loss // that nobody has accepted
}

// The beginnings of transactions. One that writes waits for what is locked, and is in force on the disk at least.
const (
	beginRead  = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`
	beginWrite = `BEGIN ISOLATION LEVEL READ COMMITTED`
)

// selectGuard reads a guard.
const selectGuard = `SELECT (SELECT version FROM schema_version), coalesce((SELECT name FROM workspace), ''),
	(extract(epoch FROM clock_timestamp()) * 1000000000)::bigint, pg_is_in_recovery(),
	current_setting('transaction_read_only') = 'on',
	(SELECT row_to_json(losses) FROM losses WHERE accepted_at IS NULL ORDER BY id LIMIT 1)`

// begin begins a transaction on a connection of a pool, which the caller has to give back by end.
func (s *Store) begin(ctx context.Context, db *sql.DB, how string) (conn *sql.Conn, g guard, err error) {
	script := fmt.Sprintf(`%s; SET LOCAL search_path TO %s; SET LOCAL lock_timeout TO %d;
		SET LOCAL idle_in_transaction_session_timeout TO %d;
		SELECT set_config('synchronous_commit', 'on', true)
			WHERE current_setting('synchronous_commit') IN ('off', 'local'); `,
		how, s.quoted(), lockTimeout.Milliseconds(), idleTimeout.Milliseconds())
	for range mostConnections + 1 { // after the database was started again, none of those in the pool is of use
		if conn, err = db.Conn(ctx); err != nil {
			return nil, g, err
		}
		var row [][]byte
		before := time.Now()
		err = conn.Raw(func(raw any) (err error) {
			c := raw.(*wire)
			if row, err = c.script(ctx, script+selectGuard); err != nil && c.pg.IsClosed() && ctx.Err() == nil {
				return fmt.Errorf("%w: %w", driver.ErrBadConn, err)
			}
			return err
		})
		if err == nil {
			g, err = readGuard(row, before, time.Now())
		}
		if err == nil {
			return conn, g, nil
		}
		broken := isBroken(err)
		s.end(conn)
		if !broken {
			return nil, g, err
		}
	}
	return nil, g, err
}

// readGuard reads what selectGuard selected between two moments.
func readGuard(row [][]byte, before, after time.Time) (g guard, err error) {
	if g.version, err = strconv.Atoi(string(row[0])); err != nil {
		return g, fmt.Errorf("reading the version of the schema: %w", err)
	}
	g.workspace = string(row[1])
	nanos, err := strconv.ParseInt(string(row[2]), 10, 64)
	if err != nil {
		return g, fmt.Errorf("reading the clock of the database: %w", err)
	}
	now := time.Unix(0, nanos)
	switch {
	case now.Before(before):
		g.ahead = now.Sub(before)
	case now.After(after):
		g.ahead = now.Sub(after)
	}
	g.recovery, g.readOnly = string(row[3]) == "t", string(row[4]) == "t"
	if row[5] != nil {
		g.loss = new(loss)
		err = stored.Decode(row[5], g.loss)
	}
	return g, err
}

// end gives a connection back to its pool, after the end of its transaction or to end it: it did nothing then.
func (s *Store) end(conn *sql.Conn) {
	_ = conn.Raw(func(raw any) error {
		c := raw.(*wire)
		if !c.pg.IsClosed() && c.pg.TxStatus() != 'I' {
			ctx, enough := context.WithTimeout(context.Background(), time.Second)
			defer enough()
			_, _ = c.script(ctx, `ROLLBACK`) // where it fails, the pool drops the connection
		}
		return nil
	})
	_ = conn.Close()
}

// view runs do in a transaction that reads one state of the schema.
func (s *Store) view(ctx context.Context, doing string, do func(querier) error) error {
	return s.failed(doing, func() error {
		if err := s.makeReady(ctx); err != nil {
			return err
		}
		conn, g, err := s.begin(ctx, s.db, beginRead)
		if err != nil {
			return err
		}
		defer s.end(conn)
		if err := s.checkVersion(g.version); err != nil {
			return err
		}
		if s.Workspace != nil && g.workspace != "" {
			if err := s.lookup.CheckRead(ctx, s.Workspace, s.place, g.workspace); err != nil {
				return err
			}
		}
		return do(conn)
	}())
}

// update runs do in a transaction, which is in force when the error is nil. do must not use the store.
func (s *Store) update(ctx context.Context, doing string, do func(*transaction) error) error {
	return s.failed(doing, s.write(ctx, false, do))
}

// urgent is update of what has to be recorded while other writes are refused, too: a freeze, a request to stop.
func (s *Store) urgent(ctx context.Context, doing string, do func(*transaction) error) error {
	return s.failed(doing, s.write(ctx, true, do))
}

func (s *Store) write(ctx context.Context, urgent bool, do func(*transaction) error) error {
	if s.looking {
		return errLooking
	}
	if err := s.makeReady(ctx); err != nil {
		return err
	}
	workspace := ""
	if s.Workspace != nil {
		var err error
		if workspace, err = s.lookup.ForWrite(ctx, s.Workspace); err != nil {
			return err
		}
	}
	conn, g, err := s.begin(ctx, s.db, beginWrite)
	if err != nil {
		return err
	}
	defer s.end(conn)
	if err := s.checkWritable(g, urgent); err != nil {
		return err
	}
	tx := &transaction{store: s, conn: conn}
	if workspace != "" {
		if err := tx.claim(ctx, g.workspace, workspace); err != nil {
			return err
		}
	}
	if err := do(tx); err != nil {
		return err
	}
	return tx.commit(ctx, urgent)
}

// checkWritable returns why nothing may be written now.
func (s *Store) checkWritable(g guard, urgent bool) error {
	if err := s.checkVersion(g.version); err != nil {
		return err
	}
	switch {
	case g.recovery:
		return fmt.Errorf("%w: %s is in recovery, or a standby: it can only be read until it is promoted",
			change.ErrUnavailable,
			s.place)
	case g.readOnly:
		return fmt.Errorf("%w: %s can only be read (default_transaction_read_only)", change.ErrUnavailable, s.place)
	case g.ahead.Abs() > clockTolerance:
		return fmt.Errorf("%w: the clock of this machine is %s off that of the database: set both by the network (NTP)",
			change.ErrUnavailable, g.ahead.Abs().Round(time.Second))
	case g.loss != nil && !urgent:
		return g.loss
	}
	return nil
}

// claim binds the schema to a workspace, unless it is bound to it.
func (t *transaction) claim(ctx context.Context, kept, name string) error {
	if kept == "" {
		n, err := t.exec(ctx, `INSERT INTO workspace (name) VALUES ($1) ON CONFLICT DO NOTHING`, name)
		if err != nil {
			return err
		}
		if n == 1 {
			t.append(change.Event{Kind: change.KindClaimed, Facts: map[string]string{"workspace": name}})
			return nil
		}
		if err := t.QueryRowContext(ctx, `SELECT name FROM workspace`).Scan(&kept); err != nil {
			return err
		}
	}
	return stored.CheckSame(t.store.place, kept, name)
}

// Writable returns why nothing may be written now; nil where it may, as far as can be told without.
func (s *Store) Writable(ctx context.Context) error {
	return s.failed("looking whether the database takes writes", func() error {
		if err := s.makeReady(ctx); err != nil {
			return err
		}
		conn, g, err := s.begin(ctx, s.db, beginWrite)
		if err != nil {
			return err
		}
		defer s.end(conn)
		return s.checkWritable(g, false)
	}())
}

package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

const (
	// mostConnections bounds the connections that the calls of one store share; more calls wait.
	mostConnections = 10
	// connectTimeout bounds how long a connection may take to come about, where the URL has no connect_timeout.
	connectTimeout = 5 * time.Second
)

// connections are those to a database, whose transactions are in a schema of it.
type connections struct {
	schema *schema
	pool   *sql.DB // for all but leases
	beat   *sql.DB // for what must not wait for a connection that a call holds: leases, and what became of a commit
}

// newConnections returns those that a configuration describes, to a schema that it names. It connects to nothing yet.
func newConnections(config *pgconn.Config, name string) *connections {
	place := fmt.Sprintf("the schema %s of the database %s on %s", name, config.Database, config.Host)
	c := &connections{
		schema: &schema{name: name, place: place}, pool: sql.OpenDB(connector{config}), beat: sql.OpenDB(connector{config}),
	}
	c.pool.SetMaxOpenConns(mostConnections)
	c.pool.SetMaxIdleConns(mostConnections / 2)
	c.pool.SetConnMaxIdleTime(time.Minute)
	c.beat.SetMaxOpenConns(2) // leases are renewed while it is asked what became of a commit, which may wait long
	c.beat.SetConnMaxIdleTime(time.Minute)
	return c
}

// close closes them.
func (c *connections) close() error { return errors.Join(c.pool.Close(), c.beat.Close()) }

// makeReady makes or migrates the schema, unless that is known to be done.
func (c *connections) makeReady(ctx context.Context) error {
	s := c.schema
	if s.ready.Load() {
		return nil
	}
	conn, err := c.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.end(conn)
	now, err := s.examine(ctx, conn)
	if err != nil {
		return err
	}
	if now.version < schemaVersion {
		if s.existing && now.version == 0 {
			return fmt.Errorf("%w: there are no changes in %s yet", change.ErrUnavailable, s.place)
		}
		if s.looking {
			return fmt.Errorf("%w: %s is of version %d, and has to be migrated: start a server on it", change.ErrUnavailable,
				s.place, now.version)
		}
		if err := s.migrate(ctx, conn, now); err != nil {
			return err
		}
	}
	s.ready.Store(true)
	return nil
}

// guard is what a transaction learns when it begins.
type guard struct {
	version   int
	workspace string        // that the schema is bound to; "" for none
	ahead     time.Duration // of the database's clock, as far as it is known to differ
	recovery  bool
	readOnly  bool
	loss      *loss // that nobody has accepted
}

// The beginnings of transactions. One that reads sees one state; one that writes sees, each time it has waited for a
// lock, what others have committed meanwhile.
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
func (c *connections) begin(ctx context.Context, db *sql.DB, how string) (conn *sql.Conn, g guard, err error) {
	script := fmt.Sprintf(`%s; SET LOCAL search_path TO %s; SET LOCAL lock_timeout TO %d;
		SET LOCAL idle_in_transaction_session_timeout TO %d;
		SELECT set_config('synchronous_commit', 'on', true)
			WHERE current_setting('synchronous_commit') IN ('off', 'local'); `,
		how, c.schema.quoted(), lockTimeout.Milliseconds(), idleTimeout.Milliseconds())
	for range mostConnections + 1 { // after the database was started again, none of those in the pool is of use
		if conn, err = db.Conn(ctx); err != nil {
			return nil, g, err
		}
		var row [][]byte
		before := time.Now()
		err = conn.Raw(func(raw any) (err error) {
			w := raw.(*wire)
			if row, err = w.script(ctx, script+selectGuard); err != nil && w.pg.IsClosed() && ctx.Err() == nil {
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
		c.end(conn)
		if !broken {
			return nil, g, err
		}
	}
	return nil, g, err
}

// aside runs do in a transaction on a connection of a pool, for what is no part of the trail and of no workspace.
func (c *connections) aside(ctx context.Context, db *sql.DB, do func(*transaction) error) error {
	conn, g, err := c.begin(ctx, db, beginWrite)
	if err != nil {
		return err
	}
	defer c.end(conn)
	if err := c.schema.checkWritable(g, true); err != nil {
		return err
	}
	tx := &transaction{place: c.schema.place, conn: conn}
	if err := do(tx); err != nil {
		return err
	}
	return tx.finish(ctx)
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

// end gives a connection back to its pool. A transaction that is under way yet is rolled back. A second call does
// nothing.
func (c *connections) end(conn *sql.Conn) {
	_ = conn.Raw(func(raw any) error {
		w := raw.(*wire)
		if !w.pg.IsClosed() && w.pg.TxStatus() != 'I' {
			ctx, enough := context.WithTimeout(context.Background(), time.Second)
			defer enough()
			_, _ = w.script(ctx, `ROLLBACK`) // where it fails, the pool drops the connection
		}
		return nil
	})
	_ = conn.Close()
}

package postgres

import (
	"context"
	"database/sql"
	"fmt"
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

// transaction is one that writes. It is for one user at a time.
type transaction struct {
	place  string // of the store, for people
	owner  *owner // of what it starts to apply
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
	return stored.CheckSame(t.place, kept, name)
}

// finish ends the transaction.
func (t *transaction) finish(ctx context.Context) error {
	ctx, enough := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer enough()
	err := t.conn.Raw(func(raw any) error { return raw.(*wire).commit(ctx) })
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %s does not answer within %s", change.ErrUnavailable, t.place, commitTimeout)
	}
	return err
}

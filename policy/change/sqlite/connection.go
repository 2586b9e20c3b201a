package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"intercom-mcp/policy/change"
)

// connection is the one that writes. It keeps the statements that it has prepared, so that queries are to be constants.
// Since callers share its transactions, no statement is interrupted where the context of a caller ends; only begin
// obeys its own. It is for one user at a time.
type connection struct {
	db         *sql.DB
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	begun      bool        // a transaction is under way, as far as known
	head       change.Head // of the trail, as it is in this transaction
	sums       *sums       // of what is in the windows; nil: to be made
}

// connect returns a connection to a database, which it owns from then on.
func connect(ctx context.Context, db *sql.DB) (*connection, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{db: db, conn: conn, statements: make(map[string]*sql.Stmt)}, nil
}

// close closes the connection and its database.
func (c *connection) close() error {
	var failures []error
	for _, statement := range c.statements {
		failures = append(failures, statement.Close())
	}
	return errors.Join(append(failures, c.conn.Close(), c.db.Close())...)
}

// prepare returns the prepared statement of a query.
func (c *connection) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if statement, ok := c.statements[query]; ok {
		return statement, nil
	}
	statement, err := c.conn.PrepareContext(ctx, query)
	if err == nil {
		c.statements[query] = statement
	}
	return statement, err
}

// ExecContext runs a statement, as [sql.Tx] does.
func (c *connection) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx = context.WithoutCancel(ctx)
	statement, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(ctx, args...)
}

// QueryContext runs a query, as [sql.Tx] does.
func (c *connection) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx = context.WithoutCancel(ctx)
	statement, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, args...)
}

// QueryRowContext runs a query for one row, as [sql.Tx] does.
func (c *connection) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	ctx = context.WithoutCancel(ctx)
	statement, err := c.prepare(ctx, query)
	if err != nil {
		return c.conn.QueryRowContext(ctx, query, args...) // which fails likewise, and tells in the row
	}
	return statement.QueryRowContext(ctx, args...)
}

// begin begins a transaction that holds the write lock. It waits for it until ctx ends, and for busyTimeout at most.
func (c *connection) begin(ctx context.Context) error {
	statement, err := c.prepare(ctx, "BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	if _, err := statement.ExecContext(ctx); err != nil {
		c.rollback() // it may have begun when ctx ended
		return err
	}
	c.begun = true
	if c.head, err = lastEvent(ctx, c); err != nil {
		c.rollback()
	}
	return err
}

// savepoint runs do, and undoes what it did where it fails. Where that cannot be done, the transaction is over. The
// sums count nothing that do writes, since it decides before it writes.
func (c *connection) savepoint(do func() error) error {
	if err := c.exec("SAVEPOINT one"); err != nil {
		c.begun = false
		return err
	}
	head := c.head
	err := do()
	if err != nil {
		if c.head = head; c.sums != nil {
			c.sums.at = min(c.sums.at, head.Seq)
		}
		if c.exec("ROLLBACK TO one") != nil {
			c.begun = false
			return err
		}
	}
	if failed := c.exec("RELEASE one"); failed != nil {
		c.begun = false
		return errors.Join(err, failed)
	}
	return err
}

// commit ends the transaction: what it did is on the disk.
func (c *connection) commit() error {
	c.begun = false
	return c.exec("COMMIT")
}

// rollback ends the transaction, if there is one: it did nothing.
func (c *connection) rollback() {
	c.begun, c.sums = false, nil
	_ = c.exec("ROLLBACK") // fails where SQLite undid it by itself
}

func (c *connection) exec(query string) error {
	_, err := c.ExecContext(context.Background(), query)
	return err
}

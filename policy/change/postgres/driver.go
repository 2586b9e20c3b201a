package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// silence is how long a server that is gone without a word, as after a failover, is taken for one that works: the
// system would wait for minutes. It is less than idleTimeout, so that one that is there has not given up yet.
const silence = 20 * time.Second

// dialer connects to servers. Where one does not confirm for the time of silence that it got what was sent, or that it
// is there, the connection ends.
var dialer = &net.Dialer{
	KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silence / 2, Interval: silence / 4, Count: 2},
	Control:         boundSilence,
}

// connector opens connections for the pool of database/sql.
type connector struct{ config *pgconn.Config }

// Connect implements [driver.Connector].
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	pg, err := pgconn.ConnectConfig(ctx, c.config)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w: %v", errSilent, err) // not its chain: the deadline is no caller's
	}
	if err != nil {
		return nil, err
	}
	return &wire{pg}, nil
}

// errSilent tells of a server that did not answer within connect_timeout.
var errSilent = errors.New("no answer in time")

// Driver implements [driver.Connector].
func (c connector) Driver() driver.Driver { return c }

// Open implements [driver.Driver], which nobody calls.
func (c connector) Open(string) (driver.Conn, error) { return c.Connect(context.Background()) }

// wire is a connection. Statements are sent with their parameters and not kept, so that a pooler which gives each
// transaction another connection may stand between.
type wire struct{ pg *pgconn.PgConn }

// IsValid implements [driver.Validator]: a broken connection leaves the pool.
func (c *wire) IsValid() bool { return !c.pg.IsClosed() && c.pg.TxStatus() == 'I' }

// Close implements [driver.Conn].
func (c *wire) Close() error {
	ctx, enough := context.WithTimeout(context.Background(), time.Second)
	defer enough()
	return c.pg.Close(ctx)
}

var errUnused = errors.New("not used")

// Prepare implements [driver.Conn].
func (c *wire) Prepare(string) (driver.Stmt, error) { return nil, errUnused }

// Begin implements [driver.Conn].
func (c *wire) Begin() (driver.Tx, error) { return nil, errUnused }

// ExecContext implements [driver.ExecerContext].
func (c *wire) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	values, err := encode(args)
	if err != nil {
		return nil, err
	}
	tag, err := c.pg.ExecParams(ctx, query, values, nil, nil, nil).Close()
	return driver.RowsAffected(tag.RowsAffected()), err
}

// QueryContext implements [driver.QueryerContext].
func (c *wire) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	values, err := encode(args)
	if err != nil {
		return nil, err
	}
	return &rows{reader: c.pg.ExecParams(ctx, query, values, nil, nil, nil)}, nil
}

// script runs statements without parameters in one round trip, and returns the row of the last one that has any.
func (c *wire) script(ctx context.Context, statements string) ([][]byte, error) {
	results, err := c.pg.Exec(ctx, statements).ReadAll()
	if err != nil {
		return nil, err
	}
	for i := range results {
		if last := results[len(results)-1-i]; len(last.Rows) > 0 {
			return last.Rows[0], nil
		}
	}
	return nil, nil
}

// errRolledBack tells that a transaction was not committed, since an error of one of its statements was passed over.
var errRolledBack = errors.New("a statement of the transaction had failed")

// commit commits the transaction. Where a statement has failed, the database answers ROLLBACK, and no error.
func (c *wire) commit(ctx context.Context) error {
	results, err := c.pg.Exec(ctx, `COMMIT`).ReadAll()
	if err == nil && (len(results) != 1 || results[0].CommandTag.String() != "COMMIT") {
		err = errRolledBack
	}
	return err
}

// encode writes arguments as PostgreSQL reads them.
func encode(args []driver.NamedValue) ([][]byte, error) {
	values := make([][]byte, len(args))
	for i, arg := range args {
		switch v := arg.Value.(type) {
		case nil:
		case string:
			values[i] = []byte(plain(v))
		case []byte:
			values[i] = v
		case int64:
			values[i] = strconv.AppendInt(nil, v, 10)
		case bool:
			values[i] = strconv.AppendBool(nil, v)
		case time.Time:
			values[i] = v.UTC().AppendFormat(nil, time.RFC3339Nano)
		default:
			return nil, fmt.Errorf("argument %d is a %T", i+1, v)
		}
	}
	return values, nil
}

// rows are those of a query as they arrive.
type rows struct{ reader *pgconn.ResultReader }

// Columns implements [driver.Rows].
func (r *rows) Columns() []string {
	fields := r.reader.FieldDescriptions()
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	return names
}

// Next implements [driver.Rows].
func (r *rows) Next(into []driver.Value) error {
	if !r.reader.NextRow() {
		if _, err := r.reader.Close(); err != nil {
			return err
		}
		return io.EOF
	}
	for i, value := range r.reader.Values() {
		if into[i] = nil; value != nil {
			into[i] = value
		}
	}
	return nil
}

// Close implements [driver.Rows].
func (r *rows) Close() error {
	_, err := r.reader.Close()
	return err
}

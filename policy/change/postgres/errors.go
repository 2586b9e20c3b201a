package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// advice says what errors of the database mean here, by their codes.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
var advice = map[string]string{
	"25006": "the database can only be read: it is a standby, in recovery, or set so",
	"25P03": "the database gave up on a transaction of which it heard nothing for too long",
	"28000": "the database does not let this user in",
	"28P01": "the password is wrong, or there is no such user",
	"3D000": "there is no such database",
	"40P01": "two transactions waited for each other",
	"42501": "the user of the database lacks the right",
	"42P01": "the tables of intercom-mcp are gone from the schema",
	"3F000": "the schema is gone",
	"53100": "the disk of the database is full",
	"53200": "the database is out of memory",
	"53300": "the database has no connection left",
	"55P03": "another transaction holds what this one needs for too long",
	"57014": "the database gave up on a statement, as its statement_timeout says",
	"57P01": "the database is shutting down",
	"57P02": "the database has crashed",
	"57P03": "the database is starting up, in recovery, or shutting down",
}

// failed wraps err with what was being done, as [change.UnavailableError] where the database is to blame. The
// contract's own errors stay as they are.
func (s *schema) failed(doing string, err error) error {
	var answered *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, change.ErrUnavailable):
		return &change.UnavailableError{Doing: doing, Err: err}
	case stored.IsContract(err):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.As(err, &answered):
		err = inOneLine{err}
		if known := advice[answered.Code]; known != "" {
			err = fmt.Errorf("%s: %w", known, err)
		}
		return &change.UnavailableError{Doing: doing, Err: fmt.Errorf("%w: %s: %w", change.ErrUnavailable, s.place, err)}
	case isBroken(err):
		err = fmt.Errorf("%w: %s cannot be reached: %w", change.ErrUnavailable, s.place, inOneLine{err})
		return &change.UnavailableError{Doing: doing, Err: err}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// inOneLine is an error of pgx, which has a line for each way that was tried, often the same.
type inOneLine struct{ error }

// Error implements error.
func (e inOneLine) Error() string {
	var lines []string
	for line := range strings.Lines(e.error.Error()) {
		if line = strings.TrimSpace(line); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.ReplaceAll(strings.Join(lines, "; "), ":; ", ": ")
}

// Unwrap returns the error itself.
func (e inOneLine) Unwrap() error { return e.error }

// isBroken reports whether err tells of a connection rather than of a statement.
func isBroken(err error) bool {
	var connecting *pgconn.ConnectError
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, errSilent) ||
		errors.Is(err, pgconn.ErrConnClosed) || pgconn.SafeToRetry(err) || errors.As(err, &connecting) ||
		errors.As(err, &network) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

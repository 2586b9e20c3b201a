package stored

import (
	"context"
	"database/sql"

	"intercom-mcp/policy/change"
)

// Querier is a transaction, for what it reads.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// EachRow calls do for each row that a query finds, until it returns an error.
func EachRow(ctx context.Context, tx Querier, query string, do func(*sql.Rows) error, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Texts reads the only column of what a query finds.
func Texts(ctx context.Context, tx Querier, query string, args ...any) (list []string, err error) {
	err = EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		list = append(list, text)
		return err
	}, args...)
	return list, err
}

// Events reads the events that a query finds, as [ScanEvent] does.
func Events(ctx context.Context, tx Querier, query string, args ...any) (list []change.Event, err error) {
	err = EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		e, err := ScanEvent(rows.Scan)
		list = append(list, e)
		return err
	}, args...)
	return list, err
}

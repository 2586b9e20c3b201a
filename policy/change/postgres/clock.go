package postgres

import (
	"context"
	"time"
)

// dbNow is the clock of the database, as columns have times. It is a SELECT, which is read once for a statement: no
// index would help to find what is before it else.
const dbNow = `(SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint)`

// now reads the clock of the database.
func now(ctx context.Context, tx querier) (time.Time, error) {
	var nanos int64
	err := tx.QueryRowContext(ctx, `SELECT `+dbNow).Scan(&nanos)
	return time.Unix(0, nanos), err
}

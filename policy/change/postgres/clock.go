package postgres

import (
	"context"
	"time"

	"intercom-mcp/policy/change/internal/stored"
)

// dbNow is the clock of the database, as columns have times. It is a SELECT so that it is evaluated once for each
// statement: otherwise no index could find what is before it.
const dbNow = `(SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint)`

// now reads the clock of the database.
func now(ctx context.Context, tx stored.Querier) (time.Time, error) {
	var nanos int64
	err := tx.QueryRowContext(ctx, `SELECT `+dbNow).Scan(&nanos)
	return time.Unix(0, nanos), err
}

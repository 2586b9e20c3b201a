package postgres

import (
	"context"
	"time"

	"intercom-mcp/policy/change"
)

// Shared implements [change.Store].
func (s *Store) Shared() change.Shared {
	return change.Shared{
		Stops: stops{s}, Cursors: cursors{s}, Requests: requests{s}, Servers: servers{s}, Sessions: sessions{s},
		Outbox: outbox{s},
		Rates:  rates{s}, Seals: seals{s},
	}
}

// dbNow is the clock of the database, as columns have times.
const dbNow = `(extract(epoch FROM clock_timestamp()) * 1000000000)::bigint`

// now reads the clock of the database.
func now(ctx context.Context, tx querier) (time.Time, error) {
	var nanos int64
	err := tx.QueryRowContext(ctx, `SELECT `+dbNow).Scan(&nanos)
	return time.Unix(0, nanos), err
}

// fenced returns [change.ErrFenced] where an update met no row.
func fenced(n int64, err error) error {
	if err == nil && n == 0 {
		return change.ErrFenced
	}
	return err
}

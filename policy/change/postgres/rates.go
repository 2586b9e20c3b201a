package postgres

import (
	"context"

	"intercom-mcp/policy/change"
)

// rates are those of a store.
type rates struct{ database *database }

// lease grants as [change.RateWindow] does, in one statement; $1 is the key, $2 the epoch, $3 the limit, $4 what is
// wanted, $5 by how much a window may be late.
const lease = `INSERT INTO rates AS r (key, epoch, used, granted)
	VALUES ($1, $2::bigint, greatest(least($4::integer, greatest($3::integer / 4, 1), $3), 0),
		greatest(least($4, greatest($3 / 4, 1), $3), 0))
	ON CONFLICT (key) DO UPDATE SET
		epoch = CASE WHEN excluded.epoch BETWEEN r.epoch - $5::bigint AND r.epoch THEN r.epoch ELSE excluded.epoch END,
		granted = CASE WHEN excluded.epoch BETWEEN r.epoch - $5 AND r.epoch - 1 THEN 0
			WHEN excluded.epoch <> r.epoch THEN excluded.granted
			ELSE greatest(least($4, greatest(($3 - r.used) / 4, 1), $3 - r.used), 0) END,
		used = CASE WHEN excluded.epoch BETWEEN r.epoch - $5 AND r.epoch - 1 THEN r.used
			WHEN excluded.epoch <> r.epoch THEN excluded.used
			ELSE r.used + greatest(least($4, greatest(($3 - r.used) / 4, 1), $3 - r.used), 0) END
	RETURNING epoch, used, granted`

// Lease implements [change.Rates]. It binds the schema to no workspace, since asking for that takes a request itself.
func (r rates) Lease(ctx context.Context, key string, epoch int64, limit, want int) (granted, left int, err error) {
	c := r.database.connections
	err = c.schema.failed("taking a share of the rate window", func() error {
		if c.schema.looking {
			return errLooking
		}
		if err := c.makeReady(ctx); err != nil {
			return err
		}
		return c.aside(ctx, c.pool, func(tx *transaction) error {
			var latest int64
			var used int
			row := tx.QueryRowContext(ctx, lease, key, epoch, limit, want, change.StaleWindow)
			if err := row.Scan(&latest, &used, &granted); err != nil {
				return err
			}
			if latest == epoch {
				left = max(limit-used, 0)
			}
			if used != granted {
				return nil
			}
			// The first of a window.
			const older = `DELETE FROM rates WHERE key IN
				(SELECT key FROM rates ORDER BY epoch DESC, key OFFSET $1 FOR UPDATE SKIP LOCKED)`
			_, err := tx.exec(ctx, older, change.MaxRates)
			return err
		})
	}())
	if err != nil {
		return 0, 0, err
	}
	return granted, left, nil
}

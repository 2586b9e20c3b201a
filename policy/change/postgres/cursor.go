package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// cursors are those of a store.
type cursors struct{ database *database }

// Keep implements [change.Cursors].
func (c cursors) Keep(ctx context.Context, principal, handle, position string, at time.Time) error {
	return c.database.update(ctx, "keeping a cursor", func(tx *transaction) error {
		const insert = `INSERT INTO cursors (principal, handle, at, position) VALUES ($1, $2, $3, $4)
			ON CONFLICT (principal, handle) DO UPDATE SET at = excluded.at, position = excluded.position`
		if _, err := tx.exec(ctx, insert, principal, handle, at.UnixNano(), position); err != nil {
			return err
		}
		// What another transaction deletes at the same time is skipped, so that none waits for another's rows.
		const older = `DELETE FROM cursors WHERE (principal, handle) IN (
			SELECT principal, handle FROM cursors WHERE at < $1 FOR UPDATE SKIP LOCKED)`
		if _, err := tx.exec(ctx, older, at.Add(-change.CursorHolds).UnixNano()); err != nil {
			return err
		}
		const more = `DELETE FROM cursors WHERE principal = $1 AND handle IN (SELECT handle FROM cursors
			WHERE principal = $1 ORDER BY at DESC, handle = $2 DESC OFFSET $3 FOR UPDATE SKIP LOCKED)`
		_, err := tx.exec(ctx, more, principal, handle, change.MaxCursors)
		return err
	})
}

// Find implements [change.Cursors].
func (c cursors) Find(ctx context.Context, principal, handle string, at time.Time) (position string, err error) {
	err = c.database.view(ctx, "looking for a cursor", func(tx stored.Querier) error {
		const query = `SELECT position FROM cursors WHERE principal = $1 AND handle = $2 AND at >= $3`
		err := tx.QueryRowContext(ctx, query, principal, handle, at.Add(-change.CursorHolds).UnixNano()).Scan(&position)
		if errors.Is(err, sql.ErrNoRows) {
			err = change.ErrNotFound
		}
		return err
	})
	return position, err
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"intercom-mcp/policy/change"
)

// cursors are those of a store.
type cursors struct{ database *database }

// Keep implements [change.Cursors].
func (c cursors) Keep(ctx context.Context, principal, handle, position string, at time.Time) error {
	return c.database.update(ctx, "keeping a cursor", func(tx *connection) error {
		const insert = `INSERT OR REPLACE INTO cursors (principal, handle, at, position) VALUES (?, ?, ?, ?)`
		if _, err := tx.ExecContext(ctx, insert, principal, handle, at.UnixNano(), position); err != nil {
			return err
		}
		const expired = `DELETE FROM cursors WHERE at < ?`
		if _, err := tx.ExecContext(ctx, expired, at.Add(-change.CursorHolds).UnixNano()); err != nil {
			return err
		}
		const older = `DELETE FROM cursors WHERE principal = ?1 AND handle IN
			(SELECT handle FROM cursors WHERE principal = ?1 ORDER BY at DESC, handle = ?2 DESC LIMIT -1 OFFSET ?3)`
		_, err := tx.ExecContext(ctx, older, principal, handle, change.MaxCursors)
		return err
	})
}

// Find implements [change.Cursors].
func (c cursors) Find(ctx context.Context, principal, handle string, at time.Time) (position string, err error) {
	err = c.database.view(ctx, "looking for a cursor", func(tx *sql.Tx) error {
		const query = `SELECT position FROM cursors WHERE principal = ? AND handle = ? AND at >= ?`
		err := tx.QueryRowContext(ctx, query, principal, handle, at.Add(-change.CursorHolds).UnixNano()).Scan(&position)
		if errors.Is(err, sql.ErrNoRows) {
			err = change.ErrNotFound
		}
		return err
	})
	return position, err
}

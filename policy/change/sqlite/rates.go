package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"intercom-mcp/policy/change"
)

// rates are those of a store.
type rates struct{ database *database }

// Lease implements [change.Rates]. It binds the file to no workspace, since asking for that takes a request itself.
func (r rates) Lease(ctx context.Context, key string, epoch int64, limit, want int) (granted, left int, err error) {
	const doing = "taking a share of the rate window"
	if r.database.file.missing() {
		return 0, 0, cmp.Or(ctx.Err(), change.ErrNotFound) // nobody uses it yet
	}
	if err := r.database.file.ready(ctx); err != nil {
		return 0, 0, r.database.file.failed(doing, err)
	}
	err = r.database.writer.carryOut(ctx, "", func(tx *connection) error {
		var w change.RateWindow
		err := tx.QueryRowContext(ctx, `SELECT epoch, used FROM rates WHERE key = ?`, key).Scan(&w.Epoch, &w.Used)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if granted, left = w.Grant(epoch, limit, want); granted == 0 {
			return nil
		}
		const upsert = `INSERT OR REPLACE INTO rates (key, epoch, used) VALUES (?, ?, ?)`
		if _, err := tx.ExecContext(ctx, upsert, key, w.Epoch, w.Used); err != nil {
			return err
		}
		const older = `DELETE FROM rates WHERE key IN (SELECT key FROM rates ORDER BY epoch DESC, key LIMIT -1 OFFSET ?)`
		_, err = tx.ExecContext(ctx, older, change.MaxRates)
		return err
	})
	return granted, left, r.database.file.failed(doing, err)
}

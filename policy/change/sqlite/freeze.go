package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"intercom-mcp/policy/change"
)

// Freeze implements [change.Stops].
func (s stops) Freeze(ctx context.Context, by change.Actor, reason string) error {
	return s.database.update(ctx, "freezing writes", func(tx *connection) error {
		if err := checkFrozen(ctx, tx); err != nil {
			return err
		}
		f := change.Freeze{By: by.By, Reason: reason, At: time.Now()}
		const insert = `INSERT INTO freeze (one, by, reason, at) VALUES (1, ?, ?, ?)`
		if _, err := tx.ExecContext(ctx, insert, f.By, f.Reason, f.At.UnixNano()); err != nil {
			return err
		}
		const whereApplying = `INDEXED BY changes_open WHERE status IN ('approved', 'applying') AND status = 'applying'
			AND stop_by IS NULL ORDER BY seq`
		heads, err := queryHeads(ctx, tx, selectHead+whereApplying)
		if err != nil {
			return err
		}
		applying := make([]change.Change, len(heads))
		for i, h := range heads {
			const update = `UPDATE changes SET stop_by = ?, stop_reason = ? WHERE seq = ?`
			if _, err := tx.ExecContext(ctx, update, f.By, f.Stop().Reason, h.seq); err != nil {
				return err
			}
			applying[i] = h.change
		}
		return appendEvents(ctx, tx, change.FreezeEvents(f, by, applying)...)
	})
}

// Unfreeze implements [change.Stops].
func (s stops) Unfreeze(ctx context.Context, by change.Actor) (lifted bool, err error) {
	err = s.database.update(ctx, "lifting a freeze", func(tx *connection) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM freeze`)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if lifted = n > 0; err != nil || !lifted {
			return err
		}
		return appendEvents(ctx, tx, change.UnfreezeEvent(by))
	})
	return lifted && err == nil, err
}

// Frozen implements [change.Stops].
func (s stops) Frozen(ctx context.Context) (f change.Freeze, frozen bool, err error) {
	err = s.database.view(ctx, "looking for a freeze", func(tx *sql.Tx) error {
		f, frozen, err = readFreeze(ctx, tx)
		return err
	})
	return f, frozen, err
}

// checkFrozen returns a [change.FrozenError] while writes are frozen.
func checkFrozen(ctx context.Context, from rowQuerier) error {
	f, frozen, err := readFreeze(ctx, from)
	if err == nil && frozen {
		err = &change.FrozenError{Freeze: f}
	}
	return err
}

// readFreeze reads the freeze in force.
func readFreeze(ctx context.Context, from rowQuerier) (f change.Freeze, frozen bool, err error) {
	var at int64
	err = from.QueryRowContext(ctx, `SELECT by, reason, at FROM freeze`).Scan(&f.By, &f.Reason, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return change.Freeze{}, false, nil
	}
	f.At = time.Unix(0, at)
	return f, err == nil, err
}

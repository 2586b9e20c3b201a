package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"intercom-mcp/policy/change"
)

// stops are those of a store.
type stops struct{ database *database }

// Request implements [change.Stops].
func (s stops) Request(ctx context.Context, id string, by change.Actor, reason string) error {
	return s.database.update(ctx, "requesting that a change be stopped", func(tx *connection) error {
		h, err := findHead(ctx, tx, `WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if h.change.Status != change.StatusApplying {
			return change.ErrStatusChanged
		}
		const update = `UPDATE changes SET stop_by = ?, stop_reason = ? WHERE seq = ? AND stop_by IS NULL`
		result, err := tx.ExecContext(ctx, update, by.By, reason, h.seq)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err // it was requested before
		}
		return appendEvents(ctx, tx, h.change.StopEvent(by, reason))
	})
}

// Requested implements [change.Stops].
func (s stops) Requested(ctx context.Context, id string) (stop change.StopRequest, requested bool, err error) {
	err = s.database.view(ctx, "looking for a request to stop a change", func(tx *sql.Tx) error {
		var by, reason sql.NullString
		err := tx.QueryRowContext(ctx, `SELECT stop_by, stop_reason FROM changes WHERE id = ?`, id).Scan(&by, &reason)
		if errors.Is(err, sql.ErrNoRows) {
			return change.ErrNotFound
		}
		stop, requested = change.StopRequest{By: by.String, Reason: reason.String}, by.Valid
		return err
	})
	return stop, requested, err
}

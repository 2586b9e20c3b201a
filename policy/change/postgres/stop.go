package postgres

import (
	"context"
	"database/sql"
	"errors"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// stops are those of a store.
type stops struct{ database *database }

// Request implements [change.Stops].
func (s stops) Request(ctx context.Context, id string, by change.Actor, reason string) error {
	by.By, reason = plain(by.By), plain(reason)
	return s.database.urgent(ctx, "requesting that a change be stopped", func(tx *transaction) error {
		h, err := lockHead(ctx, tx, id)
		if err != nil {
			return err
		}
		if h.change.Status != change.StatusApplying {
			return change.ErrStatusChanged
		}
		const update = `UPDATE changes SET stop_by = $1, stop_reason = $2 WHERE seq = $3 AND stop_by IS NULL`
		n, err := tx.exec(ctx, update, by.By, reason, h.seq)
		if n > 0 { // else it was requested before
			tx.append(h.change.StopEvent(by, reason))
		}
		return err
	})
}

// Requested implements [change.Stops].
func (s stops) Requested(ctx context.Context, id string) (stop change.StopRequest, requested bool, err error) {
	err = s.database.view(ctx, "looking for a request to stop a change", func(tx stored.Querier) error {
		var by, reason sql.NullString
		err := tx.QueryRowContext(ctx, `SELECT stop_by, stop_reason FROM changes WHERE id = $1`, id).Scan(&by, &reason)
		if errors.Is(err, sql.ErrNoRows) {
			return change.ErrNotFound
		}
		stop, requested = change.StopRequest{By: by.String, Reason: reason.String}, by.Valid
		return err
	})
	return stop, requested, err
}

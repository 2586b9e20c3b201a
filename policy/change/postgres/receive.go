package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// receivedAtOnce is how many events are stored by one statement.
const receivedAtOnce = 500

// ErrNotEmpty refuses to take a trail over where there is one.
var ErrNotEmpty = errors.New("there are changes or events already")

// Receive takes over what another store keeps, which transfer gives, in one transaction: all of it or nothing. A change
// that is approved or being applied is nobody's, and is taken up by the next server. It returns ErrNotEmpty where
// something is kept already.
func (s *Store) Receive(ctx context.Context, transfer func(change.Receiver) error) error {
	return s.database.urgent(ctx, "taking over what another store keeps", func(tx *transaction) error {
		var tip, changes int64
		if err := tx.QueryRowContext(ctx, `SELECT seq FROM tip FOR UPDATE`).Scan(&tip); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM changes`).Scan(&changes); err != nil {
			return err
		}
		if tip > 0 || changes > 0 {
			return fmt.Errorf("%s: %w", tx.place, ErrNotEmpty)
		}
		r := &receiver{tx: tx}
		if err := transfer(r); err != nil {
			return err
		}
		if err := r.flush(ctx); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `UPDATE tip SET seq = $1, hash = $2`, r.tip.Seq, r.tip.Hash); err != nil {
			return err
		}
		// Else PostgreSQL plans by guesses until it gets to it by itself, which may be a minute or never.
		_, err := tx.exec(ctx, `ANALYZE changes, items, events`)
		return err
	})
}

// receiver stores what it receives.
type receiver struct {
	tx     *transaction
	events []eventRow // to be stored
	tip    change.Head
}

// Workspace implements [change.Receiver].
func (r *receiver) Workspace(ctx context.Context, name string) error {
	_, err := r.tx.exec(ctx, `INSERT INTO workspace (name) VALUES ($1)`, name)
	return err
}

// Freeze implements [change.Receiver].
func (r *receiver) Freeze(ctx context.Context, f change.Freeze) error {
	_, err := r.tx.exec(ctx, `INSERT INTO frozen (by, reason, at) VALUES ($1, $2, $3)`, f.By, f.Reason, f.At.UnixNano())
	return err
}

// Event implements [change.Receiver].
func (r *receiver) Event(ctx context.Context, at change.Head, body string) error {
	e, err := change.ParseEvent(body, at.Hash)
	if err != nil {
		return err
	}
	row, err := rowOfEvent(&e)
	if err != nil {
		return err
	}
	row.Seq, row.Body, row.Hash = at.Seq, body, at.Hash
	r.events, r.tip = append(r.events, row), at
	if len(r.events) < receivedAtOnce {
		return nil
	}
	return r.flush(ctx)
}

// flush stores the events that were received.
func (r *receiver) flush(ctx context.Context) error {
	if len(r.events) == 0 {
		return nil
	}
	list, err := jsonOf(r.events)
	if err != nil {
		return err
	}
	r.events = nil
	_, err = r.tx.exec(ctx, insertEvents, list)
	return err
}

// Change implements [change.Receiver].
func (r *receiver) Change(ctx context.Context, c *change.Change, stop change.StopRequest) error {
	if err := insertChange(ctx, r.tx, c); err != nil {
		return err
	}
	by := sql.NullString{String: stop.By, Valid: stop != change.StopRequest{}}
	why := sql.NullString{String: stop.Reason, Valid: by.Valid}
	_, err := r.tx.exec(ctx, `UPDATE changes SET forgotten = $2, stop_by = $3, stop_reason = $4, owner = NULL,
		lease_until = CASE WHEN status IN ('approved', 'applying') THEN to_timestamp(0) END WHERE id = $1`,
		c.ID, stored.ColumnsOf(c).Purged, by, why)
	return err
}

// Decline implements [change.Receiver].
func (r *receiver) Decline(ctx context.Context, principal string, at time.Time, key change.DeclineKey) error {
	_, err := r.tx.exec(ctx, `INSERT INTO declines (principal, at, place, value) VALUES ($1, $2, $3, $4)`,
		principal, at.UnixNano(), key.Place, key.Value)
	return err
}

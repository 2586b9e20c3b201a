package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// Recent implements [change.Store].
func (s *Store) Recent(ctx context.Context, c change.Change, at time.Time) (recent change.Recent, err error) {
	err = s.view(ctx, "reading what happened lately", func(tx *sql.Tx) error {
		recent, err = readRecent(ctx, tx, &c, at)
		return err
	})
	return recent, err
}

// readRecent sums up what happened before a moment.
func readRecent(ctx context.Context, tx *sql.Tx, about *change.Change, at time.Time) (change.Recent, error) {
	var r change.Recent
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM changes JOIN items ON items.change = changes.seq
		WHERE principal = ? AND started_at >= ? AND approval NOT IN (?, ?) AND outcome IN (?, ?, ?) AND id <> ?`,
		about.Principal, at.Add(-change.Window).UnixNano(), policy.LevelUser.String(), policy.LevelApprover.String(),
		string(change.Pending), string(change.Changed), string(change.Unknown), about.ID).Scan(&r.Written)
	if err != nil {
		return r, err
	}
	if about.Fingerprint != "" {
		r.Latest, err = readNewest(ctx, tx, `WHERE principal = ? AND effect = ? AND id <> ?
			AND status IN ('awaiting', 'approved', 'applying', 'applied', 'partial', 'unknown')`, about.Principal, about.Fingerprint, about.ID)
		if err != nil {
			return r, err
		}
	}
	if about.Undoes != "" {
		r.Undoing, err = readNewest(ctx, tx, `WHERE undoes <> '' AND undoes = ? AND principal = ? AND id <> ?
			AND (status IN ('approved', 'applying') OR status = 'applied' AND (SELECT status FROM changes WHERE id = ?) = 'undone')`,
			about.Undoes, about.Principal, about.ID, about.Undoes)
		if err != nil {
			return r, err
		}
	}
	declined, err := readDeclined(ctx, tx, about.Principal, at.Add(-change.DeclineHolds))
	if err != nil {
		return r, err
	}
	return r, r.MatchDeclined(about.Items, declined)
}

// readNewest reads the newest change of those that a condition selects, nil where
// there is none.
func readNewest(ctx context.Context, tx *sql.Tx, where string, args ...any) (*change.Change, error) {
	newest, err := scanHead(tx.QueryRowContext(ctx, selectHead+where+` ORDER BY seq DESC LIMIT 1`, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &newest.change, err
}

// readDeclined reads what a principal's user declined since a time.
func readDeclined(ctx context.Context, tx *sql.Tx, principal string, since time.Time) ([]change.DeclineKey, error) {
	rows, err := tx.QueryContext(ctx, `SELECT place, value FROM declines WHERE principal = ? AND at >= ?`, principal, since.UnixNano())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var declined []change.DeclineKey
	for rows.Next() {
		var m change.DeclineKey
		if err := rows.Scan(&m.Place, &m.Value); err != nil {
			return nil, err
		}
		declined = append(declined, m)
	}
	return declined, rows.Err()
}

// storeDeclined keeps what a change that was declined would have done, and
// drops what holds no more.
func storeDeclined(ctx context.Context, tx *sql.Tx, c *change.Change, at time.Time) error {
	declined, err := change.DeclineKeys(c.Items)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM declines WHERE at < ?`, at.Add(-change.DeclineHolds).UnixNano()); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO declines (principal, at, place, value) VALUES (?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, m := range declined {
		if _, err := insert.ExecContext(ctx, c.Principal, at.UnixNano(), m.Place, m.Value); err != nil {
			return err
		}
	}
	return nil
}

// AskCancel implements [change.Store].
func (s *Store) AskCancel(ctx context.Context, id string) error {
	return s.update(ctx, "asking to cancel a change", func(tx *sql.Tx) error {
		h, err := findHead(ctx, tx, id)
		if err != nil {
			return err
		}
		if h.change.Status != change.StatusApplying {
			return change.ErrStatusChanged
		}
		if _, err := tx.ExecContext(ctx, `UPDATE changes SET cancel_asked = 1 WHERE seq = ?`, h.seq); err != nil {
			return err
		}
		return appendEvents(ctx, tx, change.Event{Kind: change.KindCancelAsked, Change: h.change.ID, Principal: h.change.Principal})
	})
}

// CancelAsked implements [change.Store].
func (s *Store) CancelAsked(ctx context.Context, id string) (asked bool, err error) {
	err = s.view(ctx, "looking whether a change is to be stopped", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT cancel_asked FROM changes WHERE id = ?`, id).Scan(&asked)
		if errors.Is(err, sql.ErrNoRows) {
			return change.ErrNotFound
		}
		return err
	})
	return asked, err
}

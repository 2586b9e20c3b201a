package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// outbox is that of a store.
type outbox struct{ database *database }

// Want implements [change.Outbox].
func (o outbox) Want(ctx context.Context, until time.Time, kinds ...change.NoticeKind) error {
	return o.database.update(ctx, "recording which notices are wanted", func(tx *connection) error {
		for _, kind := range kinds {
			const insert = `INSERT OR REPLACE INTO outbox_wanted (kind, until) VALUES (?, ?)`
			if _, err := tx.ExecContext(ctx, insert, string(kind), until.UnixNano()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Add implements [change.Outbox].
func (o outbox) Add(ctx context.Context, n change.Notice) error {
	return o.database.update(ctx, "writing a notice", func(tx *connection) error {
		now := time.Now()
		const old = `DELETE FROM outbox_added WHERE at < ?`
		if _, err := tx.ExecContext(ctx, old, now.Add(-change.NoticeHolds).UnixNano()); err != nil {
			return err
		}
		const insert = `INSERT OR IGNORE INTO outbox_added (id, at) VALUES (?, ?)`
		result, err := tx.ExecContext(ctx, insert, n.ID, now.UnixNano())
		if err != nil {
			return err
		}
		if added, err := result.RowsAffected(); err != nil || added == 0 {
			return err
		}
		return writeNotices(ctx, tx, n)
	})
}

// writeNotices puts the notices that somebody wants into the outbox, in the transaction of what they tell.
func writeNotices(ctx context.Context, tx *connection, notices ...change.Notice) error {
	now := time.Now()
	written := int64(0)
	for _, n := range notices {
		const insert = `INSERT INTO outbox (id, kind, change, at, written_at, expires_at)
			SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM outbox_wanted WHERE kind = ? AND until > ?)`
		result, err := tx.ExecContext(ctx, insert, n.ID, string(n.Kind), n.Change, n.At.UnixNano(),
			now.UnixNano(), stored.Nanoseconds(n.ExpiresAt), string(n.Kind), now.UnixNano())
		if err != nil {
			return err
		}
		inserted, err := result.RowsAffected()
		if err != nil {
			return err
		}
		written += inserted
	}
	if written == 0 {
		return nil
	}
	const old = `DELETE FROM outbox WHERE written_at < ?1
		OR seq IN (SELECT seq FROM outbox ORDER BY seq DESC LIMIT -1 OFFSET ?2)`
	result, err := tx.ExecContext(ctx, old, now.Add(-change.NoticeHolds).UnixNano(), change.MaxNotices)
	if err != nil {
		return err
	}
	dropped, err := result.RowsAffected()
	if err != nil || dropped == 0 {
		return err
	}
	return appendEvents(ctx, tx, change.Event{Kind: change.KindUndelivered, Facts: map[string]string{
		"dropped": strconv.FormatInt(dropped, 10), "reason": "too many notices waited, or too long"}})
}

// queryNotices reads the notices that a condition selects.
func queryNotices(ctx context.Context, tx stored.Querier, where string, args ...any) (list []change.Notice, err error) {
	const query = `SELECT id, kind, change, at, expires_at, taken, tried, problem FROM outbox `
	err = stored.EachRow(ctx, tx, query+where, func(rows *sql.Rows) error {
		n, err := stored.ScanNotice(rows.Scan)
		list = append(list, n)
		return err
	}, args...)
	return list, err
}

// Take implements [change.Outbox].
func (o outbox) Take(
	ctx context.Context, lease time.Duration, limit int, kinds ...change.NoticeKind,
) (taken []change.Notice, err error) {
	if o.database.file.missing() {
		return nil, ctx.Err()
	}
	wanted, err := stored.Encode(kinds)
	if err != nil {
		return nil, err
	}
	due := func(tx stored.Querier) ([]change.Notice, error) {
		return queryNotices(ctx, tx, `WHERE due_at <= ?1 AND lease_until <= ?1
			AND kind IN (SELECT value FROM json_each(?2)) ORDER BY seq LIMIT ?3`, time.Now().UnixNano(), wanted, limit)
	}
	err = o.database.view(ctx, "looking for notices", func(tx *sql.Tx) (err error) {
		taken, err = due(tx)
		return err
	})
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	err = o.database.update(ctx, "taking notices", func(tx *connection) (err error) {
		if taken, err = due(tx); err != nil {
			return err
		}
		for i := range taken {
			n := &taken[i]
			n.Taken++
			const update = `UPDATE outbox SET taken = ?, lease_until = ? WHERE id = ?`
			if _, err := tx.ExecContext(ctx, update, n.Taken, time.Now().Add(lease).UnixNano(), n.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// whereHeld selects a notice that a caller has taken, and nobody since.
const whereHeld = `id = ? AND taken = ? AND taken > 0`

// Delivered implements [change.Outbox].
func (o outbox) Delivered(ctx context.Context, n change.Notice) error {
	return o.database.update(ctx, "recording that a notice was sent", func(tx *connection) error {
		return fenced(tx.ExecContext(ctx, `DELETE FROM outbox WHERE `+whereHeld, n.ID, n.Taken))
	})
}

// Retry implements [change.Outbox].
func (o outbox) Retry(ctx context.Context, n change.Notice, at time.Time, why string) error {
	return o.database.update(ctx, "putting a notice back", func(tx *connection) error {
		return fenced(tx.ExecContext(ctx, `UPDATE outbox SET due_at = ?, lease_until = 0, tried = tried + 1, problem = ?
			WHERE `+whereHeld, at.UnixNano(), why, n.ID, n.Taken))
	})
}

// GiveUp implements [change.Outbox].
func (o outbox) GiveUp(ctx context.Context, n change.Notice, why string) error {
	return o.database.update(ctx, "giving a notice up", func(tx *connection) error {
		if err := fenced(tx.ExecContext(ctx, `DELETE FROM outbox WHERE `+whereHeld, n.ID, n.Taken)); err != nil {
			return err
		}
		return appendEvents(ctx, tx, n.Undelivered(why))
	})
}

// Waiting implements [change.Outbox].
func (o outbox) Waiting(ctx context.Context, limit int) (list []change.Notice, err error) {
	if o.database.file.missing() {
		return nil, ctx.Err()
	}
	err = o.database.view(ctx, "looking for notices", func(tx *sql.Tx) (err error) {
		list, err = queryNotices(ctx, tx, `ORDER BY seq LIMIT ?`, limit)
		return err
	})
	return list, err
}

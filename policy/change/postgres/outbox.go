package postgres

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
	list, err := jsonOf(kinds)
	if err != nil || len(kinds) == 0 {
		return err
	}
	return o.database.update(ctx, "recording which notices are wanted", func(tx *transaction) error {
		// In the order of the kinds, so that those who do the same wait for each other in turn.
		const insert = `INSERT INTO outbox_wanted (kind, until)
			SELECT DISTINCT value, $2::bigint FROM json_array_elements_text($1::json) AS value ORDER BY value
			ON CONFLICT (kind) DO UPDATE SET until = excluded.until`
		_, err := tx.exec(ctx, insert, list, until.UnixNano())
		return err
	})
}

// Add implements [change.Outbox].
func (o outbox) Add(ctx context.Context, n change.Notice) error {
	return o.database.update(ctx, "writing a notice", func(tx *transaction) error {
		const old = `DELETE FROM outbox_added WHERE id IN
			(SELECT id FROM outbox_added WHERE at < ` + dbNow + ` - $1 FOR UPDATE SKIP LOCKED)`
		if _, err := tx.exec(ctx, old, change.NoticeHolds.Nanoseconds()); err != nil {
			return err
		}
		const insert = `INSERT INTO outbox_added (id, at) VALUES ($1, ` + dbNow + `) ON CONFLICT DO NOTHING`
		if added, err := tx.exec(ctx, insert, n.ID); err != nil || added == 0 {
			return err
		}
		return tx.writeNotices(ctx, n)
	})
}

// writeNotices puts the notices that somebody wants into the outbox, in the transaction of what they tell.
func (t *transaction) writeNotices(ctx context.Context, notices ...change.Notice) error {
	written := int64(0)
	for _, n := range notices {
		const insert = `INSERT INTO outbox (id, kind, change, at, written_at, expires_at)
			SELECT $1, $2, $3, $4, ` + dbNow + `, $5 WHERE EXISTS (SELECT FROM outbox_wanted
				WHERE kind = $2 AND until > ` + dbNow + `)`
		inserted, err := t.exec(ctx, insert, n.ID, string(n.Kind), n.Change, n.At.UnixNano(), stored.Nanoseconds(n.ExpiresAt))
		if err != nil {
			return err
		}
		written += inserted
	}
	if written == 0 {
		return nil
	}
	const old = `DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE written_at < ` + dbNow + ` - $1
		OR seq <= (SELECT seq FROM outbox ORDER BY seq DESC OFFSET $2 LIMIT 1) FOR UPDATE SKIP LOCKED)`
	dropped, err := t.exec(ctx, old, change.NoticeHolds.Nanoseconds(), change.MaxNotices)
	if dropped > 0 {
		t.append(change.Event{Kind: change.KindUndelivered, Facts: map[string]string{
			"dropped": strconv.FormatInt(dropped, 10), "reason": "too many notices waited, or too long"}})
	}
	return err
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
	wanted, err := jsonOf(kinds)
	if err != nil || len(kinds) == 0 {
		return nil, err
	}
	due := func(tx stored.Querier, lock string) ([]change.Notice, error) {
		return queryNotices(ctx, tx, `WHERE due_at <= `+dbNow+` AND lease_until <= `+dbNow+`
			AND kind IN (SELECT value FROM json_array_elements_text($1::json) AS value) ORDER BY seq LIMIT $2`+lock,
			wanted, limit)
	}
	err = o.database.view(ctx, "looking for notices", func(tx stored.Querier) (err error) {
		taken, err = due(tx, "")
		return err
	})
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	err = o.database.update(ctx, "taking notices", func(tx *transaction) (err error) {
		if taken, err = due(tx, ` FOR UPDATE SKIP LOCKED`); err != nil {
			return err
		}
		for i := range taken {
			n := &taken[i]
			n.Taken++
			const update = `UPDATE outbox SET taken = $1, lease_until = ` + dbNow + ` + $2 WHERE id = $3`
			if _, err := tx.exec(ctx, update, n.Taken, lease.Nanoseconds(), n.ID); err != nil {
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
const whereHeld = `id = $1 AND taken = $2 AND taken > 0`

// Delivered implements [change.Outbox].
func (o outbox) Delivered(ctx context.Context, n change.Notice) error {
	return o.database.update(ctx, "recording that a notice was sent", func(tx *transaction) error {
		return fenced(tx.exec(ctx, `DELETE FROM outbox WHERE `+whereHeld, n.ID, n.Taken))
	})
}

// Retry implements [change.Outbox].
func (o outbox) Retry(ctx context.Context, n change.Notice, at time.Time, why string) error {
	return o.database.update(ctx, "putting a notice back", func(tx *transaction) error {
		return fenced(tx.exec(ctx, `UPDATE outbox SET due_at = $3, lease_until = 0, tried = tried + 1, problem = $4
			WHERE `+whereHeld, n.ID, n.Taken, at.UnixNano(), why))
	})
}

// GiveUp implements [change.Outbox].
func (o outbox) GiveUp(ctx context.Context, n change.Notice, why string) error {
	return o.database.update(ctx, "giving a notice up", func(tx *transaction) error {
		tx.append(n.Undelivered(why))
		return fenced(tx.exec(ctx, `DELETE FROM outbox WHERE `+whereHeld, n.ID, n.Taken))
	})
}

// Waiting implements [change.Outbox].
func (o outbox) Waiting(ctx context.Context, limit int) (list []change.Notice, err error) {
	err = o.database.view(ctx, "looking for notices", func(tx stored.Querier) (err error) {
		list, err = queryNotices(ctx, tx, `ORDER BY seq LIMIT $1`, limit)
		return err
	})
	return list, err
}

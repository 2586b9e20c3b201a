package postgres

import (
	"context"
	"database/sql"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// servers are those of a store.
type servers struct{ database *database }

// Seen implements [change.Servers].
func (s servers) Seen(ctx context.Context, i change.Instance) error {
	return s.database.update(ctx, "recording that a server is there", func(tx *transaction) (err error) {
		if i.SeenAt, err = now(ctx, tx); err != nil {
			return err
		}
		body, err := stored.Encode(i)
		if err != nil {
			return err
		}
		const insert = `INSERT INTO servers (id, seen_at, body) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, body = excluded.body`
		if _, err := tx.exec(ctx, insert, i.ID, i.SeenAt.UnixNano(), body); err != nil {
			return err
		}
		const older = `DELETE FROM servers WHERE id IN
			(SELECT id FROM servers ORDER BY seen_at DESC, id OFFSET $1 FOR UPDATE SKIP LOCKED)`
		_, err = tx.exec(ctx, older, change.MaxServers)
		return err
	})
}

// List implements [change.Servers].
func (s servers) List(ctx context.Context, within time.Duration) (list []change.Instance, err error) {
	err = s.database.view(ctx, "listing servers", func(tx stored.Querier) error {
		const query = `SELECT body FROM servers WHERE seen_at >= ` + dbNow + ` - $1 ORDER BY seen_at DESC, id`
		return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
			i, err := stored.ScanInstance(rows.Scan)
			list = append(list, i)
			return err
		}, within.Nanoseconds())
	})
	return list, err
}

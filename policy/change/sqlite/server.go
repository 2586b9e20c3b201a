package sqlite

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
	if s.database.file.missing() {
		return ctx.Err()
	}
	return s.database.update(ctx, "recording that a server is there", func(tx *connection) error {
		i.SeenAt = time.Now()
		body, err := stored.Encode(i)
		if err != nil {
			return err
		}
		const insert = `INSERT OR REPLACE INTO servers (id, seen_at, body) VALUES (?, ?, ?)`
		if _, err := tx.ExecContext(ctx, insert, i.ID, i.SeenAt.UnixNano(), body); err != nil {
			return err
		}
		const older = `DELETE FROM servers WHERE id IN (SELECT id FROM servers ORDER BY seen_at DESC, id LIMIT -1 OFFSET ?)`
		_, err = tx.ExecContext(ctx, older, change.MaxServers)
		return err
	})
}

// List implements [change.Servers].
func (s servers) List(ctx context.Context, within time.Duration) (list []change.Instance, err error) {
	if s.database.file.missing() {
		return nil, ctx.Err()
	}
	err = s.database.view(ctx, "listing servers", func(tx *sql.Tx) error {
		const query = `SELECT body FROM servers WHERE seen_at >= ? ORDER BY seen_at DESC, id`
		return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
			i, err := stored.ScanInstance(rows.Scan)
			list = append(list, i)
			return err
		}, time.Now().Add(-within).UnixNano())
	})
	return list, err
}

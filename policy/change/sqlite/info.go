package sqlite

import (
	"context"
	"database/sql"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Info implements [change.Durable].
func (s *Store) Info(ctx context.Context, at time.Time) (info change.Info, err error) {
	err = s.database.view(ctx, "summing up the file", func(tx *sql.Tx) error {
		return readInfo(ctx, tx, at, &info)
	})
	return info, err
}

// readInfo sums up what a file keeps.
func readInfo(ctx context.Context, tx *sql.Tx, at time.Time, info *change.Info) (err error) {
	info.Version, info.Changes = schemaVersion, make(map[change.Status]int)
	if info.Workspace, err = readWorkspace(ctx, tx); err != nil {
		return err
	}
	const byStatus = `SELECT CASE WHEN status = 'awaiting' AND expires_at <= ? THEN 'expired' ELSE status END,
		count(*), sum(forgotten) FROM changes GROUP BY 1`
	err = stored.EachRow(ctx, tx, byStatus, func(rows *sql.Rows) error {
		var status change.Status
		var n, purged int
		err := rows.Scan(&status, &n, &purged)
		info.Changes[status] += n
		info.Purged += purged
		return err
	}, at.UnixNano())
	if err != nil {
		return err
	}
	const waiting = `SELECT count(*), coalesce(sum(size), 0) FROM changes
		WHERE status = 'awaiting' AND (expires_at IS NULL OR expires_at > ?)`
	if err := tx.QueryRowContext(ctx, waiting, at.UnixNano()).Scan(&info.Waiting, &info.WaitingBytes); err != nil {
		return err
	}
	var oldest sql.NullInt64
	const rest = `SELECT (SELECT min(created_at) FROM changes), (SELECT count(*) FROM items),
		(SELECT coalesce(min(seq), 0) FROM events), (SELECT page_count * page_size
		FROM pragma_page_count, pragma_page_size)`
	if err := tx.QueryRowContext(ctx, rest).Scan(&oldest, &info.Items, &info.First, &info.Bytes); err != nil {
		return err
	}
	if oldest.Valid {
		info.Oldest = time.Unix(0, oldest.Int64).UTC()
	}
	if info.Head, err = lastEvent(ctx, tx); err != nil {
		return err
	}
	if info.Cut, err = readLastCut(ctx, tx); err != nil {
		return err
	}
	_, info.Frozen, err = readFreeze(ctx, tx)
	return err
}

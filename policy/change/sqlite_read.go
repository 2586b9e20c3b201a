package change

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"intercom-mcp/policy"
)

// Get implements [Store].
func (s *SQLite) Get(ctx context.Context, principal, id string) (Change, error) {
	return s.one(ctx, `WHERE principal = ? AND id = ?`, principal, id)
}

// Latest implements [Store].
func (s *SQLite) Latest(ctx context.Context, principal, effect string) (Change, error) {
	return s.one(ctx, `WHERE principal = ? AND effect = ? ORDER BY seq DESC LIMIT 1`, principal, effect)
}

// one reads the change that the condition selects, or returns [ErrNotFound].
func (s *SQLite) one(ctx context.Context, condition string, args ...any) (Change, error) {
	var c Change
	err := s.view(ctx, "reading a change", func(tx *sql.Tx) error {
		h, err := scanHead(tx.QueryRowContext(ctx, selectHead+condition, args...).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		c = h.change
		c.Items, err = readItems(ctx, tx, h.seq)
		return err
	})
	if err != nil {
		return Change{}, err
	}
	return c, nil
}

// List implements [Store].
func (s *SQLite) List(ctx context.Context, principal string, query Query) ([]Summary, error) {
	list := []Summary{}
	err := s.view(ctx, "listing changes", func(tx *sql.Tx) error {
		condition, args := `WHERE principal = ?`, []any{principal}
		if query.After != "" {
			condition += ` AND seq < (SELECT seq FROM changes WHERE principal = ? AND id = ?)`
			args = append(args, principal, query.After)
		}
		if query.Status != "" {
			condition += ` AND status = ?`
			args = append(args, string(query.Status))
		}
		if query.Effect != "" {
			condition += ` AND effect = ?`
			args = append(args, query.Effect)
		}
		if !query.Before.IsZero() {
			condition += ` AND created_at < ?`
			args = append(args, query.Before.UnixNano())
		}
		heads, err := queryHeads(ctx, tx, selectHead+condition+` ORDER BY seq DESC LIMIT ?`, append(args, query.Limit)...)
		if err != nil {
			return err
		}
		for i := range heads {
			c := &heads[i].change
			count, err := countOutcomes(ctx, tx, heads[i].seq)
			if err != nil {
				return err
			}
			list = append(list, Summary{c.ID, c.Tool, c.Title, c.Status, c.CreatedAt, count})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// countOutcomes sums up the items of a change without reading them.
func countOutcomes(ctx context.Context, tx *sql.Tx, seq int64) (Count, error) {
	rows, err := tx.QueryContext(ctx, `SELECT outcome, count(*) FROM items WHERE change = ? GROUP BY outcome`, seq)
	if err != nil {
		return Count{}, err
	}
	defer rows.Close()
	var n Count
	for rows.Next() {
		var outcome Outcome
		var items int
		if err := rows.Scan(&outcome, &items); err != nil {
			return Count{}, err
		}
		n.add(outcome, items)
	}
	return n, rows.Err()
}

// Written implements [Store].
func (s *SQLite) Written(ctx context.Context, principal string, since time.Time) (int, error) {
	written := 0
	err := s.view(ctx, "counting recent writes", func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT count(*) FROM changes JOIN items ON items.change = changes.seq
			WHERE principal = ? AND started_at >= ? AND approval NOT IN (?, ?) AND outcome IN (?, ?, ?)`,
			principal, since.UnixNano(), policy.LevelUser.String(), policy.LevelApprover.String(),
			string(Pending), string(Changed), string(Unknown)).Scan(&written)
	})
	return written, err
}

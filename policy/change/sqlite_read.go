package change

import (
	"context"
	"database/sql"
	"errors"
)

// Get implements [Store].
func (s *SQLite) Get(ctx context.Context, principal, id string) (Change, error) {
	var c Change
	err := s.view(ctx, "reading a change", func(tx *sql.Tx) error {
		h, err := scanHead(tx.QueryRowContext(ctx, selectHead+`WHERE principal = ? AND id = ?`, principal, id).Scan)
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

// Status implements [Store].
func (s *SQLite) Status(ctx context.Context, principal, id string) (status Status, err error) {
	err = s.view(ctx, "reading where a change stands", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT status FROM changes WHERE principal = ? AND id = ?`, principal, id).Scan(&status)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	return status, err
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
		if query.Fingerprint != "" {
			condition += ` AND effect = ?`
			args = append(args, query.Fingerprint)
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
			summary := Summary{Change: heads[i].change}
			if summary.Count, err = countOutcomes(ctx, tx, heads[i].seq); err != nil {
				return err
			}
			if summary.First, err = readFirst(ctx, tx, heads[i].seq); err != nil {
				return err
			}
			list = append(list, summary)
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

// readFirst reads the first item of a change; zero where it has none.
func readFirst(ctx context.Context, tx *sql.Tx, seq int64) (Item, error) {
	var item Item
	var body []byte
	err := tx.QueryRowContext(ctx, `SELECT body FROM items WHERE change = ? AND idx = 0`, seq).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return item, nil
	}
	if err != nil {
		return item, err
	}
	return item, decode(body, &item)
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Find implements [change.Store].
func (s *Store) Find(ctx context.Context, id string) (change.Change, error) {
	return find(ctx, s.database, `WHERE id = ?`, id)
}

// Get implements [change.Store].
func (s *Store) Get(ctx context.Context, principal, id string) (change.Change, error) {
	return find(ctx, s.database, `WHERE principal = ? AND id = ?`, principal, id)
}

// find reads the change that a condition selects, with its items.
func find(ctx context.Context, d *database, where string, args ...any) (change.Change, error) {
	var c change.Change
	err := d.view(ctx, "reading a change", func(tx *sql.Tx) error {
		h, err := findHead(ctx, tx, where, args...)
		if err != nil {
			return err
		}
		c = h.change
		c.Items, err = readItems(ctx, tx, h.seq)
		return err
	})
	if err != nil {
		return change.Change{}, err
	}
	return c, nil
}

// Status implements [change.Store].
func (s *Store) Status(ctx context.Context, principal, id string) (status change.Status, owned bool, err error) {
	err = s.database.view(ctx, "reading the status of a change", func(tx *sql.Tx) error {
		const query = `SELECT status, status IN ('approved', 'applying') AND coalesce(lease_until, 0) >= ?
			FROM changes WHERE principal = ? AND id = ?`
		err := tx.QueryRowContext(ctx, query, time.Now().UnixNano(), principal, id).Scan(&status, &owned)
		if errors.Is(err, sql.ErrNoRows) {
			return change.ErrNotFound
		}
		return err
	})
	return status, owned, err
}

// List implements [change.Store].
func (s *Store) List(ctx context.Context, principal string, query change.Query) ([]change.Summary, error) {
	list := []change.Summary{}
	err := s.database.view(ctx, "listing changes", func(tx *sql.Tx) error {
		heads, err := listHeads(ctx, tx, principal, query)
		if err != nil {
			return err
		}
		for i := range heads {
			summary := change.Summary{Change: heads[i].change}
			summary.Change.Status = summary.Change.StatusAt(query.At)
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

// listHeads reads the changes that a query selects.
func listHeads(ctx context.Context, tx stored.Querier, principal string, query change.Query) ([]head, error) {
	condition, args := listCondition(principal, query)
	return stored.Page(query, func(before int64) ([]head, error) {
		return queryHeads(ctx, tx, selectHead+condition+` AND seq < ? ORDER BY seq DESC LIMIT ?`,
			append(args, before, query.Limit)...)
	}, (*head).numbered)
}

// ofEmail selects the changes of a person by an e-mail in lower case. By its second half SQLite takes changes_of_email.
const ofEmail = `(email = ? AND email <> '')`

// listCondition selects what a query may select.
func listCondition(principal string, query change.Query) (condition string, args []any) {
	// Among what waits, that which is overdue is passed over at once: nobody may ever touch it again.
	waiting := query.Status == change.StatusAwaiting && !query.At.IsZero()
	if condition = `WHERE true`; waiting {
		condition = `INDEXED BY changes_awaiting WHERE status = 'awaiting' AND coalesce(expires_at, 9223372036854775807) > ?`
		args = append(args, query.At.UnixNano())
	}
	if principal != "" {
		condition += ` AND principal = ?`
		args = append(args, principal)
	}
	if query.Email != "" {
		condition += ` AND ` + ofEmail
		args = append(args, strings.ToLower(query.Email))
	}
	if query.After != "" {
		condition += ` AND seq < (SELECT seq FROM changes WHERE id = ?`
		args = append(args, query.After)
		if principal != "" {
			condition += ` AND principal = ?`
			args = append(args, principal)
		}
		condition += `)`
	}
	switch {
	case waiting:
	case query.Status == change.StatusExpired && !query.At.IsZero():
		condition += ` AND status IN (?, 'awaiting', 'approved')`
		args = append(args, string(query.Status))
	case query.Status != "" && principal == "":
		condition += ` AND status = ? COLLATE NOCASE` // by changes_by_status
		args = append(args, string(query.Status))
	case query.Status != "":
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
	return condition, args
}

// countOutcomes sums up the items of a change without reading them.
func countOutcomes(ctx context.Context, tx stored.Querier, seq int64) (n change.Count, err error) {
	const query = `SELECT outcome, count(*) FROM items WHERE change = ? GROUP BY outcome`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var outcome change.Outcome
		var items int
		err := rows.Scan(&outcome, &items)
		n.Add(outcome, items)
		return err
	}, seq)
	return n, err
}

// readFirst reads the first item of a change; zero where it has none.
func readFirst(ctx context.Context, tx stored.Querier, seq int64) (change.Item, error) {
	var item change.Item
	var body []byte
	err := tx.QueryRowContext(ctx, `SELECT body FROM items WHERE change = ? AND idx = 0`, seq).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return item, nil
	}
	if err != nil {
		return item, err
	}
	err = stored.Decode(body, &item)
	return item, err
}

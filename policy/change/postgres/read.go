package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Find implements [change.Store].
func (s *Store) Find(ctx context.Context, id string) (change.Change, error) {
	return find(ctx, s.database, `WHERE id = $1`, id)
}

// Get implements [change.Store].
func (s *Store) Get(ctx context.Context, principal, id string) (change.Change, error) {
	return find(ctx, s.database, `WHERE principal = $1 AND id = $2`, principal, id)
}

// find reads the change that a condition selects, with its items.
func find(ctx context.Context, d *database, where string, args ...any) (change.Change, error) {
	var c change.Change
	err := d.view(ctx, "reading a change", func(tx stored.Querier) error {
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
	err = s.database.view(ctx, "reading the status of a change", func(tx stored.Querier) error {
		const query = `SELECT status, status IN ('approved', 'applying') AND coalesce(lease_until >= clock_timestamp(), false)
			FROM changes WHERE principal = $1 AND id = $2`
		err := tx.QueryRowContext(ctx, query, principal, id).Scan(&status, &owned)
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
	err := s.database.view(ctx, "listing changes", func(tx stored.Querier) error {
		heads, err := listHeads(ctx, tx, principal, query)
		if err != nil || len(heads) == 0 {
			return err
		}
		list = make([]change.Summary, len(heads))
		places, seqs := make(map[int64]int), make([]int64, len(heads))
		for i := range heads {
			places[heads[i].seq], seqs[i] = i, heads[i].seq
			list[i].Change = heads[i].change
			list[i].Change.Status = list[i].Change.StatusAt(query.At)
		}
		of, err := jsonOf(seqs)
		if err != nil {
			return err
		}
		if err := countOutcomes(ctx, tx, of, func(seq int64, outcome change.Outcome, items int) {
			list[places[seq]].Count.Add(outcome, items)
		}); err != nil {
			return err
		}
		return readFirst(ctx, tx, of, func(seq int64, item change.Item) { list[places[seq]].First = item })
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// listHeads reads the changes that a query selects.
func listHeads(ctx context.Context, tx stored.Querier, principal string, query change.Query) ([]head, error) {
	where := listCondition(principal, query)
	return stored.Page(query, func(before int64) ([]head, error) {
		page := where
		page.add(`seq < $%d`, before)
		order := fmt.Sprintf(` ORDER BY seq DESC LIMIT %d`, query.Limit)
		return queryHeads(ctx, tx, selectHead+page.text()+order, page.args...)
	}, (*head).numbered)
}

// listCondition selects what a query may select.
func listCondition(principal string, query change.Query) (where condition) {
	if principal != "" {
		where.add(`principal = $%d`, principal)
	}
	if query.Email != "" {
		where.add(`email = $%d`, lower(query.Email))
	}
	if query.After != "" && principal != "" {
		where.add(`seq < (SELECT seq FROM changes WHERE id = $%d AND principal = $%d)`, query.After, principal)
	} else if query.After != "" {
		where.add(`seq < (SELECT seq FROM changes WHERE id = $%d)`, query.After)
	}
	switch {
	case query.Status == change.StatusAwaiting && !query.At.IsZero(): // but for what is overdue
		where.add(`status = 'awaiting' AND coalesce(expires_at, 9223372036854775807) > $%d`, query.At.UnixNano())
	case query.Status == change.StatusExpired && !query.At.IsZero():
		where.add(`status IN ($%d, 'awaiting', 'approved')`, string(query.Status))
	case query.Status != "":
		where.add(`status = $%d`, string(query.Status))
	}
	if query.Fingerprint != "" {
		where.add(`effect = $%d`, query.Fingerprint)
	}
	if !query.Before.IsZero() {
		where.add(`created_at < $%d`, query.Before.UnixNano())
	}
	return where
}

// countOutcomes sums up the items of some changes, as JSON, without reading them.
func countOutcomes(
	ctx context.Context, tx stored.Querier, changes string, do func(seq int64, outcome change.Outcome, items int),
) error {
	const query = `SELECT value::bigint, outcome, items FROM json_array_elements_text($1::json) AS value,
		LATERAL (SELECT outcome, count(*) AS items FROM items WHERE change = value::bigint GROUP BY outcome) AS of_it`
	return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var seq int64
		var outcome change.Outcome
		var items int
		err := rows.Scan(&seq, &outcome, &items)
		if err == nil {
			do(seq, outcome, items)
		}
		return err
	}, changes)
}

// readFirst reads the first item of some changes, as JSON, where they have any.
func readFirst(ctx context.Context, tx stored.Querier, changes string, do func(seq int64, item change.Item)) error {
	const query = `SELECT value::bigint, body FROM json_array_elements_text($1::json) AS value,
		LATERAL (SELECT body FROM items WHERE change = value::bigint AND idx = 0 OFFSET 0) AS of_it`
	return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var seq int64
		var body []byte
		var item change.Item
		if err := rows.Scan(&seq, &body); err != nil {
			return err
		}
		err := stored.Decode(body, &item)
		do(seq, item)
		return err
	}, changes)
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// head is a row of changes: a change without its items.
type head struct {
	seq    int64
	owner  sql.NullString // the store that applies it, or did
	lease  sql.NullInt64  // when another may take over, in nanoseconds since 1970
	change change.Change
}

// numbered is the change with its number in the store.
func (h *head) numbered() (int64, *change.Change) { return h.seq, &h.change }

const selectHead = `SELECT seq, owner, lease_until, body FROM changes `

// scanHead reads what selectHead selects, by sql.Row.Scan or sql.Rows.Scan.
func scanHead(scan func(...any) error) (head, error) {
	var h head
	var body []byte
	if err := scan(&h.seq, &h.owner, &h.lease, &body); err != nil {
		return head{}, err
	}
	return h, stored.Decode(body, &h.change)
}

// findHead reads the change that a condition selects, or returns [change.ErrNotFound].
func findHead(ctx context.Context, tx rowQuerier, where string, args ...any) (head, error) {
	h, err := scanHead(tx.QueryRowContext(ctx, selectHead+where, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return head{}, change.ErrNotFound
	}
	return h, err
}

// rowQuerier is a database, or a transaction of one.
type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// queryHeads reads the changes that a query of selectHead finds.
func queryHeads(ctx context.Context, tx stored.Querier, query string, args ...any) (heads []head, err error) {
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		h, err := scanHead(rows.Scan)
		heads = append(heads, h)
		return err
	}, args...)
	return heads, err
}

// readItems reads the items of a change in their order.
func readItems(ctx context.Context, tx stored.Querier, seq int64) (items []change.Item, err error) {
	var body sql.RawBytes
	reader := stored.NewItemReader()
	err = stored.EachRow(ctx, tx, `SELECT body FROM items WHERE change = ? ORDER BY idx`, func(rows *sql.Rows) error {
		if err := rows.Scan(&body); err != nil {
			return err
		}
		item, err := reader.Decode(body)
		items = append(items, item)
		return err
	}, seq)
	return items, err
}

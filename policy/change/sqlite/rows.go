package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// head is a row of changes: a change without its items.
type head struct {
	seq    int64
	owner  sql.NullString // the store that applies it, or did
	lease  sql.NullInt64  // when another may take over, in nanoseconds
	change change.Change
}

const selectHead = `SELECT seq, owner, lease_until, body FROM changes `

// scanHead reads what selectHead selects, by sql.Row.Scan or sql.Rows.Scan.
func scanHead(scan func(...any) error) (head, error) {
	var h head
	var body []byte
	if err := scan(&h.seq, &h.owner, &h.lease, &body); err != nil {
		return head{}, err
	}
	return h, decode(body, &h.change)
}

// findHead reads the change id, or returns [change.ErrNotFound].
func findHead(ctx context.Context, tx *sql.Tx, id string) (head, error) {
	h, err := scanHead(tx.QueryRowContext(ctx, selectHead+`WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return head{}, change.ErrNotFound
	}
	return h, err
}

// queryHeads reads the changes that a query of selectHead finds.
func queryHeads(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]head, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var heads []head
	for rows.Next() {
		h, err := scanHead(rows.Scan)
		if err != nil {
			return nil, err
		}
		heads = append(heads, h)
	}
	return heads, rows.Err()
}

// readItems reads the items of a change in their order.
func readItems(ctx context.Context, tx *sql.Tx, seq int64) ([]change.Item, error) {
	rows, err := tx.QueryContext(ctx, `SELECT body FROM items WHERE change = ? ORDER BY idx`, seq)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []change.Item
	var body sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		var item change.Item
		if err := decode(body, &item); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

// headBody is the JSON of a change without its items.
func headBody(c *change.Change) (string, error) {
	bare := *c
	bare.Items = nil
	body, err := json.Marshal(&bare)
	if err != nil {
		return "", fmt.Errorf("encoding a change: %w", err)
	}
	return string(body), nil
}

// decode reads a body. Numbers stay as they were written.
func decode(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: reading what was stored: %w", change.ErrUnavailable, err)
	}
	return nil
}

// nanoseconds stores a time; the zero time as NULL.
func nanoseconds(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixNano(), Valid: true}
}

// approvalLevel is the level of the yes that a change has got.
func approvalLevel(c *change.Change) string {
	if c.Approval == nil {
		return policy.LevelNone.String()
	}
	return c.Approval.Level.String()
}

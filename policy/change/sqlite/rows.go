package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
)

// head is a row of changes: a change without its items.
type head struct {
	seq    int64
	owner  sql.NullString // the store that applies it, or did
	lease  sql.NullInt64  // when another may take over, in nanoseconds since 1970
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
func findHead(ctx context.Context, tx querier, id string) (head, error) {
	h, err := scanHead(tx.QueryRowContext(ctx, selectHead+`WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return head{}, change.ErrNotFound
	}
	return h, err
}

// rowQuerier is a database, or a transaction of one.
type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// eachRow calls do for each row that a query finds, until it returns an error.
func eachRow(ctx context.Context, tx querier, query string, do func(*sql.Rows) error, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// queryHeads reads the changes that a query of selectHead finds.
func queryHeads(ctx context.Context, tx querier, query string, args ...any) (heads []head, err error) {
	err = eachRow(ctx, tx, query, func(rows *sql.Rows) error {
		h, err := scanHead(rows.Scan)
		heads = append(heads, h)
		return err
	}, args...)
	return heads, err
}

// itemReader decodes the items of a change. Those with the same patch share it, and so with the image of what was
// before: nobody writes to them, and most items of a large change have them in common.
type itemReader struct {
	patches map[string]change.Patch
	images  map[string]change.Image
}

// mostShared is how many different patches, and images, are kept to be shared.
const mostShared = 64

// itemBody is an item with its patch and its image as they were stored.
type itemBody struct {
	*change.Item
	Patch, Before json.RawMessage
}

func newItemReader() itemReader {
	return itemReader{make(map[string]change.Patch), make(map[string]change.Image)}
}

// decode decodes the body of an item.
func (r itemReader) decode(body []byte) (item change.Item, err error) {
	stored := itemBody{Item: &item}
	if err := decode(body, &stored); err != nil {
		return item, err
	}
	if item.Patch, err = shared(r.patches, stored.Patch); err != nil {
		return item, err
	}
	item.Before, err = shared(r.images, stored.Before)
	return item, err
}

// shared decodes a value, or returns the one that was decoded of the same body before.
func shared[T any](known map[string]T, body []byte) (value T, err error) {
	if len(body) == 0 {
		return value, nil
	}
	value, found := known[string(body)]
	if found {
		return value, nil
	}
	err = decode(body, &value)
	if err == nil && len(known) < mostShared {
		known[string(body)] = value
	}
	return value, err
}

// readItems reads the items of a change in their order.
func readItems(ctx context.Context, tx querier, seq int64) (items []change.Item, err error) {
	var body sql.RawBytes
	reader := newItemReader()
	err = eachRow(ctx, tx, `SELECT body FROM items WHERE change = ? ORDER BY idx`, func(rows *sql.Rows) error {
		if err := rows.Scan(&body); err != nil {
			return err
		}
		item, err := reader.decode(body)
		items = append(items, item)
		return err
	}, seq)
	return items, err
}

// columns are the columns by which a change is found, besides those of its owner.
type columns struct {
	id, principal, fingerprint, undoes, approval string
	status                                       change.Status
	created                                      int64
	started                                      sql.NullInt64
	purged                                       bool
}

// columnsOf returns the columns of a change.
func columnsOf(c *change.Change) columns {
	return columns{
		c.ID, c.Principal, c.Fingerprint, c.Undoes, c.CountedLevel().String(),
		c.Status, c.CreatedAt.UnixNano(), nanoseconds(c.StartedAt()), c.Purged,
	}
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

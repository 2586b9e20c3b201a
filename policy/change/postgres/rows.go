package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// head is a row of changes: a change without its items.
type head struct {
	seq    int64
	owner  sql.NullString // the store that applies it, or did
	change change.Change
}

// numbered is the change with its number in the store.
func (h *head) numbered() (int64, *change.Change) { return h.seq, &h.change }

const selectHead = `SELECT seq, owner, body FROM changes `

// scanHead reads what selectHead selects, by sql.Row.Scan or sql.Rows.Scan.
func scanHead(scan func(...any) error) (head, error) {
	var h head
	var body []byte
	if err := scan(&h.seq, &h.owner, &body); err != nil {
		return head{}, err
	}
	return h, stored.Decode(body, &h.change)
}

// findHead reads the change that a condition selects, or returns [change.ErrNotFound].
func findHead(ctx context.Context, tx stored.Querier, where string, args ...any) (head, error) {
	h, err := scanHead(tx.QueryRowContext(ctx, selectHead+where, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return head{}, change.ErrNotFound
	}
	return h, err
}

// lockHead is findHead of a change that nobody else writes to until the transaction ends.
func lockHead(ctx context.Context, tx stored.Querier, id string) (head, error) {
	return findHead(ctx, tx, `WHERE id = $1 FOR UPDATE`, id)
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
	err = stored.EachRow(ctx, tx, `SELECT body FROM items WHERE change = $1 ORDER BY idx`, func(rows *sql.Rows) error {
		if err := rows.Scan(&body); err != nil {
			return err
		}
		item, err := reader.Decode(body)
		items = append(items, item)
		return err
	}, seq)
	return items, err
}

// itemRow is a row of items, as JSON for json_to_recordset.
type itemRow struct {
	Index   int            `json:"idx"`
	Outcome change.Outcome `json:"outcome"`
	Target  string         `json:"target"`
	Note    bool           `json:"note"`
	Into    string         `json:"into_id"`
	Names   []string       `json:"names"`
	Body    string         `json:"body"`
}

// itemRecord is an itemRow as SQL has it.
const itemRecord = `AS t (idx integer, outcome text, target text, note boolean, into_id text, names text[], body text)`

// rowOf is the row of an item.
func rowOf(changeID string, index int, item *change.Item) (itemRow, error) {
	body, err := json.Marshal(item)
	if err != nil {
		return itemRow{}, fmt.Errorf("encoding item %d: %w", index, err)
	}
	row := itemRow{Index: index, Outcome: item.Outcome, Target: plain(item.Target(changeID, index)),
		Note: item.Patch.Note != nil, Names: namesOf(item), Body: string(body)}
	if item.Patch.Into != nil {
		row.Into = plain(item.Patch.Into.ID)
	}
	return row, nil
}

// namesOf lists what people may call the contacts of an item by, in lower case.
func namesOf(item *change.Item) []string {
	names := []string{}
	for _, name := range item.Names() {
		names = append(names, lower(name))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// lower is a text in lower case, as columns hold it.
func lower(text string) string { return plain(strings.ToLower(text)) }

// plain is a text without what no column can hold. Bodies hold it all the same, since they are JSON. Arguments of
// statements become it by themselves, so that what nothing can be named is not found.
func plain(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}

// jsonOf is a list as JSON, for json_to_recordset and its like, which take no null.
func jsonOf[T any](list []T) (string, error) {
	if list == nil {
		list = []T{}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("encoding rows: %w", err)
	}
	return string(text), nil
}

// columnsOf are the columns of a change as the schema holds them.
func columnsOf(c *change.Change) stored.Columns {
	columns := stored.ColumnsOf(c)
	columns.Principal, columns.Email = plain(columns.Principal), plain(columns.Email)
	return columns
}

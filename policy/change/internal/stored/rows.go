package stored

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"intercom-mcp/policy/change"
)

// ItemReader decodes the items of a change. Those with the same patch share it, and so with the image of what was
// before: nobody writes to them, and most items of a large change have them in common.
type ItemReader struct {
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

// NewItemReader returns one for the items of a change.
func NewItemReader() ItemReader {
	return ItemReader{make(map[string]change.Patch), make(map[string]change.Image)}
}

// Decode decodes the body of an item.
func (r ItemReader) Decode(body []byte) (item change.Item, err error) {
	stored := itemBody{Item: &item}
	if err := Decode(body, &stored); err != nil {
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
	err = Decode(body, &value)
	if err == nil && len(known) < mostShared {
		known[string(body)] = value
	}
	return value, err
}

// Columns are the columns by which a change is found, besides those of its owner.
type Columns struct {
	ID, Principal, Fingerprint, Undoes, Approval string
	Email                                        string // of whose it is, in lower case; "" where nobody vouches for it
	Status                                       change.Status
	Created                                      int64         // nanoseconds since 1970
	Started                                      sql.NullInt64 // likewise; NULL where it wrote nothing and will not
	Purged                                       bool
}

// ColumnsOf returns the columns of a change.
func ColumnsOf(c *change.Change) Columns {
	return Columns{
		ID: c.ID, Principal: c.Principal, Fingerprint: c.Fingerprint, Undoes: c.Undoes,
		Approval: c.CountedLevel().String(), Status: c.Status, Created: c.CreatedAt.UnixNano(),
		Started: Nanoseconds(c.StartedAt()), Purged: c.Purged,
		Email: strings.ToLower(c.Person.VouchedEmail()),
	}
}

// HeadBody is the JSON of a change without its items.
func HeadBody(c *change.Change) (string, error) {
	bare := *c
	bare.Items = nil
	body, err := json.Marshal(&bare)
	if err != nil {
		return "", fmt.Errorf("encoding a change: %w", err)
	}
	return string(body), nil
}

// Encode writes a body.
func Encode(v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encoding what is to be stored: %w", err)
	}
	return string(body), nil
}

// Decode reads a body. Numbers stay as they were written.
func Decode(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: reading what was stored: %w", change.ErrUnavailable, err)
	}
	return nil
}

// Nanoseconds stores a time; the zero time as NULL.
func Nanoseconds(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixNano(), Valid: true}
}

// IsContract reports whether err says how a change stands, rather than what broke.
func IsContract(err error) bool {
	var frozen *change.FrozenError
	return errors.As(err, &frozen) || errors.Is(err, change.ErrNotFound) || errors.Is(err, change.ErrStatusChanged) ||
		errors.Is(err, change.ErrUnapproved) || errors.Is(err, change.ErrFenced) || errors.Is(err, change.ErrTooMany) ||
		change.IsApprovalError(err)
}

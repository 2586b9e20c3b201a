package render

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// Position is where the next page of a list begins: at row Skip of the page
// that Intercom serves for Page, when asked for Size rows a page.
type Position struct {
	Page string `json:"p,omitempty"`
	Skip int    `json:"s,omitempty"`
	Size int    `json:"n"`
	Seen int    `json:"r,omitempty"` // rows of the pages before, shown or not
}

// cursor is what the agent holds of a position, bound to the call it came from.
type cursor struct {
	Position
	Binding string `json:"b"`
}

// Binding ties a cursor to the tool, the principal and all arguments that choose the rows.
func Binding(tool, principal string, arguments any) string {
	encoded, _ := json.Marshal(arguments) // plain structs of strings
	sum := sha256.Sum256([]byte(tool + "\x00" + principal + "\x00" + string(encoded)))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// maxSkip bounds the rows of a page: Intercom has lists that take no size.
const maxSkip = 10_000

// maxCursor bounds a cursor, in bytes.
const maxCursor = 4096

// encodeCursor writes a position for the agent, with a checksum behind it.
func encodeCursor(at Position, binding string) string {
	encoded, _ := json.Marshal(cursor{at, binding}) // strings and ints
	return base64.RawURLEncoding.EncodeToString(withSum(encoded))
}

// DecodeCursor reads a cursor back. The empty text is the first page.
func DecodeCursor(text, binding string, size int) (Position, error) {
	if text == "" {
		return Position{Size: size}, nil
	}
	invalid := toolerr.New(toolerr.InvalidArgument, "cursor: this is no cursor of this tool.",
		"Leave it out to start from the first row.")
	if len(text) > maxCursor {
		return Position{}, invalid
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(sealed) < sumBytes {
		return Position{}, invalid
	}
	encoded := sealed[:len(sealed)-sumBytes]
	if !bytes.Equal(withSum(encoded), sealed) {
		return Position{}, altered()
	}
	var c cursor
	decoder := json.NewDecoder(strings.NewReader(string(encoded)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil || c.Size < 1 || c.Size > directory.PageOfContacts || c.Skip < 0 ||
		c.Skip > maxSkip || c.Seen < 0 {
		return Position{}, invalid
	}
	if c.Binding != binding {
		return Position{}, OtherCall()
	}
	return c.Position, nil
}

// OtherCall is the error of a cursor that came from a call with other arguments.
func OtherCall() *toolerr.Error {
	return toolerr.New(toolerr.InvalidArgument, "cursor: it belongs to a call with other arguments.",
		"Repeat the arguments it came with, or leave it out to start from the first row.")
}

// row is one record and the position just behind it.
type row[T any] struct {
	value T
	after Position
}

// MaxPages bounds how many pages one call reads to find matching rows.
const MaxPages = 10

// Collected is what a walk through a list brought.
type Collected[T any] struct {
	Rows  []row[T]
	Next  *Position // where to go on; nil at the end
	Total int       // as Intercom says; -1 unknown
	Pages int       // read
	Cut   bool      // the time of the call did not suffice for the rest
	Short bool      // the list ended before the rows that Intercom promised
}

// Row is the record at an index.
func (c *Collected[T]) Row(i int) *T { return &c.Rows[i].value }

// Has reports whether a record of this id was collected.
func (c *Collected[T]) Has(id string) bool {
	return slices.ContainsFunc(c.Rows, func(r row[T]) bool { return keyOf(&r.value, 0) == "id "+id })
}

// Add puts records that are not of the list behind its last ones.
func (c *Collected[T]) Add(records []T) {
	at := Position{Size: 1}
	if n := len(c.Rows); n > 0 {
		at = c.Rows[n-1].after
	}
	for _, record := range records {
		c.Rows = append(c.Rows, row[T]{record, at})
	}
}

// end notes that the list ended with a page that began at a position.
func (c *Collected[T]) end(at Position, page *intercom.Page[T]) {
	c.Next = nil
	c.Short = intercom.ShortList(at.Seen+rowsOf(page), page.Total) != nil
}

// rowsOf is how many rows a page has, those that cannot be read included.
func rowsOf[T any](page *intercom.Page[T]) int { return len(page.Items) + len(page.Dropped) }

// CutAt has the list go on with the row at an index: the time of the call does not suffice for those from there on.
func (c *Collected[T]) CutAt(i int) {
	c.Next, c.Rows, c.Cut = &c.Rows[i-1].after, c.Rows[:i], true
}

// stop has the list go on at a position where the time of the call does not suffice for what is there. It returns any
// other error, and that of a call which came no further than where it began.
func (c *Collected[T]) stop(ctx context.Context, from, at Position, err error) error {
	if at == from || !toolerr.IsTimeUp(ctx, err) {
		return err
	}
	c.Next, c.Cut = &at, true
	return nil
}

// Collect walks through a list from a position and keeps up to limit records; fewer where the time of the call, which
// ctx has, ends before.
func Collect[T any](ctx context.Context, from Position, limit int, fetch func(Position) (intercom.Page[T], error),
	keep func(*T) (bool, error)) (Collected[T], error) {
	c := Collected[T]{Total: -1}
	at := from
	came := make(map[string]bool) // what the list brought, so that it is shown once
	for c.Pages < MaxPages {
		page, err := fetch(at)
		if err != nil {
			return c, c.stop(ctx, from, at, err)
		}
		c.Pages++
		c.Total = page.Total
		c.Rows = slices.Grow(c.Rows, max(0, min(limit-len(c.Rows), len(page.Items)-at.Skip)))
		for i := at.Skip; i < len(page.Items); i++ {
			if key := keyOf(&page.Items[i], len(came)); came[key] {
				continue
			} else {
				came[key] = true
			}
			kept, err := keep(&page.Items[i])
			if err != nil {
				return c, c.stop(ctx, from, Position{at.Page, i, at.Size, at.Seen}, err)
			}
			if !kept {
				continue
			}
			c.Rows = append(c.Rows, row[T]{page.Items[i], Position{at.Page, i + 1, at.Size, at.Seen}})
			if len(c.Rows) == limit {
				if c.Next = after(c.Rows[limit-1].after, &page); c.Next == nil {
					c.end(at, &page)
				}
				return c, nil
			}
		}
		if page.Next == "" {
			c.end(at, &page)
			return c, nil
		}
		if page.Next == at.Page {
			return c, endless()
		}
		at = Position{Page: page.Next, Size: at.Size, Seen: at.Seen + rowsOf(&page)}
		if toolerr.IsLate(ctx) {
			c.Cut = true
			break
		}
	}
	if len(came) == 0 {
		return c, endless()
	}
	c.Next = &at
	return c, nil
}

// endless is the error of a list whose pages have nothing, and lead on.
func endless() error {
	return toolerr.New(toolerr.UpstreamUnavailable, "Intercom's list goes on without advancing.",
		"Try again in a minute, or narrow the conditions.")
}

// keyOf is what tells a record of a list from the others; a record that has nothing of the kind is one of its own.
func keyOf(item any, n int) string {
	if keyed, ok := item.(interface{ Key() string }); ok {
		return "id " + keyed.Key()
	}
	return strconv.Itoa(n)
}

// after is the position behind a row, moved to the next page at a page's end.
func after[T any](at Position, page *intercom.Page[T]) *Position {
	switch {
	case at.Skip < len(page.Items):
		return &at
	case page.Next == "":
		return nil
	}
	return &Position{Page: page.Next, Size: at.Size, Seen: at.Seen + rowsOf(page)}
}

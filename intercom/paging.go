package intercom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Dropped are records that are missing from Items, since they cannot be read.
	Dropped []Unreadable
	Total   int    // of all pages, -1 if unknown
	Next    string // cursor of the next page, "" on the last one
}

// PageOptions choose a page of a list.
type PageOptions struct {
	// PerPage is how many items a page should have: 0 leaves it to Intercom,
	// too many are lowered to what the endpoint allows.
	PerPage int
	// Cursor is the Next of the page before, "" for the first page. It is opaque, and belongs to the list that gave it.
	Cursor string
	// Seen is how many rows the pages before Cursor had, where the caller counted them: [Pages] needs it to tell whether a
	// list came whole.
	Seen int
	// Partial has a client made by [Client.Strict] leave records out that cannot be read, as any other does.
	Partial bool
}

// The most items on a page, by endpoint.
const (
	maxPerPage          = 150 // contacts
	maxCompaniesPerPage = 60
	maxRelatedPerPage   = 50 // companies and notes of a contact: the documented default, no maximum is
)

// cursorKeys are the parameters that say where a page begins. A cursor is a
// query string of these, so that all of Intercom's paging styles fit in it.
var cursorKeys = []string{"starting_after", "page", "per_page", "scroll_param", "cursor"}

// parseCursor reads a cursor of newCursor's making.
func parseCursor(cursor string) (url.Values, error) {
	values, err := url.ParseQuery(cursor)
	if err != nil || cursor != "" && newCursor(values) != cursor {
		return nil, errors.New("the cursor is none that this client gave out")
	}
	return values, nil
}

// newCursor keeps of values what makes a cursor; "" if there is nothing that leads on.
func newCursor(values url.Values) string {
	kept := url.Values{}
	for _, key := range cursorKeys {
		if value := values.Get(key); value != "" {
			kept.Set(key, value)
		}
	}
	if len(kept) == 0 || len(kept) == 1 && kept.Has("per_page") {
		return ""
	}
	return kept.Encode()
}

// page adds the parameters of a page to the query.
func (r request) page(options PageOptions, most int) request {
	values, err := parseCursor(options.Cursor)
	if err != nil {
		return r.refuse(err)
	}
	if options.PerPage < 0 {
		return r.refuse(fmt.Errorf("%d items per page", options.PerPage))
	}
	if options.PerPage > 0 {
		r.query.Set("per_page", strconv.Itoa(min(options.PerPage, most)))
	}
	for key := range values {
		r.query.Set(key, values.Get(key))
	}
	r.partial = options.Partial
	return r
}

// next is the cursor of the next page. On the wire it is an object, a URL, null, or absent.
type next string

// UnmarshalJSON implements [json.Unmarshaler].
func (n *next) UnmarshalJSON(data []byte) error {
	*n = ""
	switch data[0] {
	case '{':
		var object struct {
			Page          looseInt `json:"page"`
			StartingAfter string   `json:"starting_after"`
		}
		if err := json.Unmarshal(data, &object); err != nil {
			return err
		}
		if object.StartingAfter != "" {
			*n = next(newCursor(url.Values{"starting_after": {object.StartingAfter}}))
		} else if object.Page > 0 {
			*n = next(newCursor(url.Values{"page": {strconv.FormatInt(int64(object.Page), 10)}}))
		}
		return nil
	case '"':
		var address string
		if err := json.Unmarshal(data, &address); err != nil {
			return err
		}
		at, err := url.Parse(address)
		if err != nil {
			return errors.New("pages.next is no URL")
		}
		*n = next(newCursor(at.Query()))
		return nil
	case 'n':
		return nil
	}
	return fmt.Errorf("pages.next is %.20q", data)
}

// listWire is a list, in all its shapes: the key of the items, and the way to the next page, depend on the endpoint.
type listWire[W any] struct {
	Errors    any `json:"errors"`
	Data      []W `json:"data" odd:"never"`
	Admins    []W `json:"admins" odd:"never"`
	Companies []W `json:"companies" odd:"never"`
	Contacts  []W `json:"contacts" odd:"never"`
	Segments  []W `json:"segments" odd:"never"`
	Tags      []W `json:"tags" odd:"never"`

	TotalCount *looseInt `json:"total_count"`
	Pages      struct {
		Next next `json:"next" odd:"never"`
	} `json:"pages" odd:"never"`
	ScrollParam string `json:"scroll_param" odd:"never"`
	NextCursor  string `json:"next_cursor" odd:"never"`
}

// items are the items, nil where there is no list.
func (l *listWire[W]) items() []W {
	for _, items := range [][]W{l.Data, l.Admins, l.Companies, l.Contacts, l.Segments, l.Tags} {
		if items != nil {
			return items
		}
	}
	return nil
}

// tellsErrors reports whether the answer tells of errors.
func (l *listWire[W]) tellsErrors() bool {
	errors, isList := l.Errors.([]any)
	return l.Errors != nil && (!isList || len(errors) > 0)
}

// cursor is where the next page begins, whatever the paging style.
func (l *listWire[W]) cursor() string {
	switch {
	case l.Pages.Next != "":
		return string(l.Pages.Next)
	case l.NextCursor != "":
		return newCursor(url.Values{"cursor": {l.NextCursor}})
	case l.ScrollParam != "" && len(l.items()) > 0:
		return newCursor(url.Values{"scroll_param": {l.ScrollParam}})
	}
	return ""
}

// errNoList is a 200 that has no list where one was asked for: that is not an empty list.
var errNoList = errors.New("the answer is no list")

// asNoList makes errNoList of the error of an answer that has none, or something else in its place. Unlike a record
// that cannot be read, it may well be one the next time.
func asNoList(err error) error {
	var odd *UnreadableError
	if errors.As(err, &odd) && !odd.Value.OfRecord() && !strings.ContainsAny(odd.Value.Key, ".[") {
		return errNoList
	}
	return err
}

// toPage turns a list into a page.
func toPage[W model[T], T any](l *listWire[W]) (Page[T], error) {
	wires := l.items()
	if wires == nil || len(wires) == 0 && l.tellsErrors() {
		return Page[T]{}, errNoList
	}
	page := Page[T]{Items: make([]T, 0, len(wires)), Total: -1, Next: l.cursor()}
	if l.TotalCount != nil && *l.TotalCount >= 0 {
		page.Total = int(*l.TotalCount)
	}
	seen := newSeen[T]()
	for i := range wires {
		item, err := wires[i].model()
		if err != nil {
			return Page[T]{}, fmt.Errorf("item %d: %w", i, err)
		}
		page.Items = append(page.Items, item)
		if n := len(page.Items) - 1; !seen.add(&page.Items[n]) {
			page.Items = page.Items[:n]
		}
	}
	return page, nil
}

// errAnother is an answer about something that was not asked for.
var errAnother = errors.New("it is about another object than the one asked for")

// decodeOne decodes an object, which must have the id about unless that is "", and reports what of it cannot be read.
func decodeOne[W model[T], T any](ctx context.Context, c *Client, body []byte, about string) (value T, err error) {
	var wire W
	odd, err := decodeAnswer(body, &wire, c.strict, false)
	if err == nil && about != "" && recordID(&wire) != about {
		err = errAnother
	}
	if err == nil {
		value, err = wire.model()
	}
	if err == nil {
		ReportUnreadable(ctx, odd...)
	}
	return value, err
}

// decodeList decodes a list, likewise. partial is that of [PageOptions].
func decodeList[W model[T], T any](ctx context.Context, c *Client, body []byte, partial bool) (page Page[T],
	err error) {
	var wire listWire[W]
	odd, err := decodeAnswer(body, &wire, c.strict, c.strict && !partial)
	err = asNoList(err)
	if err == nil {
		page, err = toPage(&wire)
	}
	if err == nil {
		ReportUnreadable(ctx, odd...)
		page.Dropped = slices.DeleteFunc(odd, func(u Unreadable) bool { return !u.Dropped })
	}
	return page, err
}

// one performs r and returns its object.
func one[W model[T], T any](ctx context.Context, c *Client, r request) (T, error) {
	return created[W](ctx, c, r, func(*T) bool { return true })
}

// created is [one] for a request that creates an object. isSent reports whether the object that was answered is the one
// that was sent.
func created[W model[T], T any](ctx context.Context, c *Client, r request, isSent func(*T) bool) (T, error) {
	var value T
	err := c.perform(ctx, r, func(body []byte) (err error) {
		value, err = decodeOne[W](ctx, c, body, r.about)
		if err == nil && !isSent(&value) {
			err = errAnother
		}
		return err
	})
	return value, err
}

// list performs r and returns its page.
func list[W model[T], T any](ctx context.Context, c *Client, r request) (Page[T], error) {
	var page Page[T]
	err := c.perform(ctx, r, func(body []byte) (err error) {
		page, err = decodeList[W](ctx, c, body, r.partial)
		return err
	})
	return page, err
}

// every performs r and returns its list, which is never paged.
func every[W model[T], T any](ctx context.Context, c *Client, r request) ([]T, error) {
	page, err := list[W](ctx, c, r)
	return page.Items, err
}

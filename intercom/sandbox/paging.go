package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// listJSON is a list that is whole.
type listJSON struct {
	Type string `json:"type"`
	Data []any  `json:"data"`
}

// wholeList makes a list of all items.
func wholeList[T any](items []T) listJSON {
	data := make([]any, 0, len(items))
	for _, item := range items {
		data = append(data, item)
	}
	return listJSON{"list", data}
}

// pageJSON is one page of a list.
type pageJSON struct {
	Type       string `json:"type"`
	Data       []any  `json:"data"`
	TotalCount int    `json:"total_count"`
	Pages      any    `json:"pages"`
}

// cursorPages describe a page that is continued with a cursor; Next is absent on the last.
type cursorPages struct {
	Type       string      `json:"type"`
	Next       *cursorNext `json:"next,omitempty"`
	Page       int         `json:"page"`
	PerPage    int         `json:"per_page"`
	TotalPages int         `json:"total_pages"`
}

type cursorNext struct {
	Page          int    `json:"page"`
	StartingAfter string `json:"starting_after"`
}

// numberedPages describe a page that is continued by its number; Next is the URL of the next one.
type numberedPages struct {
	Type       string  `json:"type"`
	Next       *string `json:"next"`
	Page       int     `json:"page"`
	PerPage    int     `json:"per_page"`
	TotalPages int     `json:"total_pages"`
}

// cursor is the place between two rows of a sorted list: the sort value and id of the last row given out, and the
// number of the page that follows. On the wire it is base64 of a JSON array, as Intercom's are.
type cursor struct {
	value any // float64 (milliseconds, for times), string, bool or nil
	id    string
	page  int
}

// encode is the cursor's wire form.
func (c cursor) encode() string {
	data, err := json.Marshal([]any{c.value, c.id, c.page})
	if err != nil {
		panic("sandbox: encoding a cursor: " + err.Error())
	}
	return base64.StdEncoding.EncodeToString(data)
}

// parseCursor reads a cursor's wire form.
func parseCursor(s string) (cursor, *apiError) {
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return cursor{}, errBadCursor
	}
	var parts []any
	if json.Unmarshal(data, &parts) != nil || len(parts) != 3 {
		return cursor{}, errBadCursor
	}
	id, isID := parts[1].(string)
	page, isPage := parts[2].(float64)
	switch parts[0].(type) {
	case map[string]any, []any:
		return cursor{}, errBadCursor
	}
	if !isID || !isPage || page < 2 {
		return cursor{}, errBadCursor
	}
	return cursor{parts[0], id, int(page)}, nil
}

// perPage reads a page size; more than limit is taken as limit.
func perPage(given string, standard, limit int) (int, *apiError) {
	if given == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		return 0, errPerPage
	}
	return min(n, limit), nil
}

// pageNumber reads a page's number.
func pageNumber(given string) (int, *apiError) {
	if given == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		return 0, fail(http.StatusBadRequest, "parameter_invalid", "Page isn't an integer")
	}
	return n, nil
}

// pageCount is how many pages n rows fill.
func pageCount(n, size int) int { return (n + size - 1) / size }

// numberedPage cuts one numbered page out of rows, where path leads to it, and renders its rows.
func numberedPage[T, J any](q *request, path string, rows []T, page, size int, render func(T) J) pageJSON {
	pages := numberedPages{Type: "pages", Page: page, PerPage: size, TotalPages: pageCount(len(rows), size)}
	if page < pages.TotalPages {
		query := make(url.Values, len(q.query)+2)
		for key, values := range q.query {
			query[key] = values
		}
		query.Set("page", strconv.Itoa(page+1))
		query.Set("per_page", strconv.Itoa(size))
		pages.Next = orNull(fmt.Sprintf("%s%s?%s", q.base, path, query.Encode()))
	}
	first := len(rows)
	if page <= pages.TotalPages {
		first = (page - 1) * size
	}
	data := []any{}
	for _, row := range rows[first:min(first+size, len(rows))] {
		data = append(data, render(row))
	}
	return pageJSON{Type: "list", Data: data, TotalCount: len(rows), Pages: pages}
}

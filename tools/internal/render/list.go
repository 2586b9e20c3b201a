package render

import (
	"context"
	"fmt"
	"strconv"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
)

// DefaultLimit is the page size where the agent names none.
const DefaultLimit = 20

// Tabulate makes a table of collected records; its cursor goes on behind the last row that fits an answer.
func Tabulate[T any](got Collected[T], binding string, columns []string, cells func(*T) []string) (*Table, error) {
	rows := make([][]string, 0, len(got.Rows))
	for i := range got.Rows {
		rows = append(rows, cells(&got.Rows[i].value))
	}
	return TabulateRows(got, binding, columns, rows)
}

// TabulateRows is [Tabulate] of rows that are at hand.
func TabulateRows[T any](got Collected[T], binding string, columns []string, rows [][]string) (*Table, error) {
	t := &Table{Columns: columns, Rows: rows}
	if got.Total >= 0 {
		t.Total = &got.Total
	}
	next := got.Next
	kept, err := t.fit()
	if err != nil {
		return nil, err
	}
	if kept < len(got.Rows) {
		next = &got.Rows[kept-1].after
		t.AddNote(fmt.Sprintf("cut to %d rows to fit; next_cursor goes on", kept))
	}
	switch {
	case next != nil:
	case len(t.Rows) == 0 && got.Total > 0:
		t.AddNote("Intercom counts these and gives none of them; its index may be behind, so try again in a minute")
	case got.Short:
		t.AddNote("Intercom's list was cut short: it counts more than it gave, so some are missing; try again in a minute")
	}
	if got.Cut && next != nil {
		t.AddNote("there was no time for more; next_cursor goes on")
	}
	if next != nil {
		t.NextCursor = encodeCursor(*next, binding)
	}
	return t, nil
}

// ListWhole pages through a list that Intercom serves whole.
func ListWhole[T any](ctx context.Context, binding, cursorText string, limit int, all []T, columns []string,
	cells func(*T) []string) (*Table, error) {
	if limit == 0 {
		limit = 50
	}
	from, err := DecodeCursor(cursorText, binding, directory.PageOfContacts)
	if err != nil {
		return nil, err
	}
	fetch := func(at Position) (intercom.Page[T], error) { return SliceOf(all, at), nil }
	got, err := Collect(ctx, from, limit, fetch, func(*T) (bool, error) { return true, nil })
	if err != nil {
		return nil, err
	}
	return Tabulate(got, binding, columns, cells)
}

// SliceOf serves one page of a list that is at hand.
func SliceOf[T any](all []T, at Position) intercom.Page[T] {
	start := 0
	if at.Page != "" {
		var err error
		if start, err = strconv.Atoi(at.Page); err != nil || start < 0 {
			start = len(all)
		}
	}
	start = min(start, len(all))
	end := min(start+at.Size, len(all))
	page := intercom.Page[T]{Items: all[start:end], Total: len(all)}
	if end < len(all) {
		page.Next = fmt.Sprint(end)
	}
	return page
}

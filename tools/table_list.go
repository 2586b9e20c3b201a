package tools

import (
	"fmt"
	"strconv"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
)

// defaultLimit is the page size where the agent names none.
const defaultLimit = 20

// tabulate makes a table of collected records; its cursor goes on behind the
// last row that fits an answer.
func tabulate[T any](got collected[T], binding string, columns []string, cells func(*T) []string) (*Table, error) {
	t := &Table{Columns: columns, Rows: make([][]string, 0, len(got.rows))}
	for i := range got.rows {
		t.Rows = append(t.Rows, cells(&got.rows[i].value))
	}
	if got.total >= 0 {
		t.Total = &got.total
	}
	next := got.next
	kept, err := t.fit()
	if err != nil {
		return nil, err
	}
	if kept < len(got.rows) {
		next = &got.rows[kept-1].after
		t.addNote(fmt.Sprintf("cut to %d rows to fit; next_cursor goes on", kept))
	}
	if next != nil {
		t.NextCursor = encodeCursor(*next, binding)
	}
	return t, nil
}

// listWhole pages through a list that Intercom serves whole.
func listWhole[T any](binding, cursorText string, limit int, all []T, columns []string, cells func(*T) []string) (*Table, error) {
	if limit == 0 {
		limit = 50
	}
	from, err := decodeCursor(cursorText, binding, directory.PageOfContacts)
	if err != nil {
		return nil, err
	}
	fetch := func(at position) (intercom.Page[T], error) { return sliceOf(all, at), nil }
	got, err := collect(from, limit, fetch, func(*T) (bool, error) { return true, nil })
	if err != nil {
		return nil, err
	}
	return tabulate(got, binding, columns, cells)
}

// sliceOf serves one page of a list that is at hand.
func sliceOf[T any](all []T, at position) intercom.Page[T] {
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

package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

// sorting is an order of contacts. Those without a value come last; those with the same value are ordered by their ids.
type sorting struct {
	value      func(*Contact) any // float64, string, bool or nil
	descending bool
}

// newestFirst is the order of contacts where none is asked for.
var newestFirst = sorting{func(c *Contact) any { return float64(c.CreatedAt) * 1000 }, true}

// place is where a row stands in an order.
type place struct {
	value any
	id    string
}

// compare orders two places.
func (s sorting) compare(a, b place) int {
	switch {
	case a.value == nil && b.value == nil:
	case a.value == nil:
		return 1
	case b.value == nil:
		return -1
	}
	order := cmp.Or(compareValues(a.value, b.value), strings.Compare(a.id, b.id))
	if s.descending {
		return -order
	}
	return order
}

// compareValues orders two values of one field. Values of two types, which
// only a cursor of another search combines, are equal.
func compareValues(a, b any) int {
	switch x := a.(type) {
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	case bool:
		if y, ok := b.(bool); ok && x != y {
			if x {
				return 1
			}
			return -1
		}
	}
	return 0
}

// placed is a row with its place.
type placed struct {
	place
	row *Contact
}

// contactPage sorts contacts and cuts the page after the cursor out of them.
func (v view) contactPage(rows []*Contact, s sorting, after string, size int) (any, *apiError) {
	pages := cursorPages{Type: "pages", Page: 1, PerPage: size, TotalPages: pageCount(len(rows), size)}
	var from *place
	if after != "" {
		c, err := parseCursor(after)
		if err != nil {
			return nil, err
		}
		pages.Page, from = c.page, &place{c.value, c.id}
	}
	order := s.first(rows, from, size+1)
	if len(order) > size {
		order = order[:size]
		last := order[size-1]
		pages.Next = &cursorNext{pages.Page + 1, cursor{last.value, last.id, pages.Page + 1}.encode()}
	}
	j := jsonText{make([]byte, 0, (len(order)+1)*contactSize)}
	j.open()
	j.str("type", "list")
	j.key("data")
	j.text = append(j.text, '[')
	for _, p := range order {
		j.comma('[')
		v.listed(&j, p.row)
	}
	j.text = append(j.text, ']')
	j.number("total_count", int64(len(rows)))
	j.member("pages", pages)
	j.close()
	return rendered(j.text), nil
}

// first sorts rows, those after a place where one is given, and returns the first n. It sorts no more than it has to:
// a page is asked for of thousands.
func (s sorting) first(rows []*Contact, after *place, n int) []placed {
	order := make([]placed, 0, min(len(rows), 2*n))
	var bound *place // of the first n of those seen so far
	sort := func() {
		slices.SortFunc(order, func(a, b placed) int { return s.compare(a.place, b.place) })
		order = order[:min(len(order), n)]
	}
	for _, row := range rows {
		p := place{s.value(row), row.ID}
		if after != nil && s.compare(p, *after) <= 0 || bound != nil && s.compare(p, *bound) > 0 {
			continue
		}
		if order = append(order, placed{p, row}); len(order) == 2*n {
			sort()
			bound = &place{order[n-1].value, order[n-1].id}
		}
	}
	sort()
	return order
}

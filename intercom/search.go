package intercom

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Operator compares a field with a value, or joins conditions. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts
type Operator string

// The operators. Which ones a field has depends on its type and on the API version; Intercom refuses the others.
const (
	And Operator = "AND"
	Or  Operator = "OR"

	Equal          Operator = "="
	NotEqual       Operator = "!=" // also true where there is no value
	In             Operator = "IN"
	NotIn          Operator = "NIN"
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Contains       Operator = "~"
	NotContains    Operator = "!~"
	StartsWith     Operator = "^"
	EndsWith       Operator = "$"
)

// Query is what to search for: a Filter or a Group.
type Query interface {
	// render checks the query, whose groups may nest so deep, and returns its wire form for a version.
	render(depth int, v version) (any, error)
}

// The limits that Intercom sets to a query.
const (
	maxGroup = 15 // conditions in a group
	maxDepth = 2  // groups within each other
)

// Filter compares one field. Value is a string, bool, number, Time, a slice of these for In and NotIn, or nil.
type Filter struct {
	Field    string
	Operator Operator
	Value    any
}

// Group joins conditions by And or Or.
type Group struct {
	Operator Operator
	Of       []Query
}

// Sort orders what a search finds. The zero Sort leaves the order to Intercom.
type Sort struct {
	Field      string
	Descending bool
}

// SearchRequest is a search and the page of it that is wanted.
type SearchRequest struct {
	Query   Query
	Sort    Sort
	PerPage int    // as PageOptions.PerPage
	Cursor  string // as PageOptions.Cursor
	Partial bool   // as PageOptions.Partial
}

type queryWire struct {
	Field    string   `json:"field,omitempty"`
	Operator Operator `json:"operator"`
	Value    any      `json:"value"`
}

func (f Filter) render(_ int, v version) (any, error) {
	if f.Field == "" {
		return nil, errors.New("a filter has no field")
	}
	switch f.Operator {
	case "", And, Or:
		return nil, fmt.Errorf("the filter on %s has no operator that compares", f.Field)
	}
	value := f.Value
	if f.Field == "owner_id" && v.numericOwner() {
		value = numeric(value)
	}
	return queryWire{Field: f.Field, Operator: f.Operator, Value: value}, nil
}

// numeric turns ids into the JSON numbers that older versions search by.
func numeric(value any) any {
	switch value := value.(type) {
	case string:
		if _, err := strconv.ParseInt(value, 10, 64); err == nil {
			return json.Number(value)
		}
	case []string:
		return eachNumeric(value)
	case []any:
		return eachNumeric(value)
	}
	return value
}

func eachNumeric[T any](ids []T) []any {
	numbers := make([]any, len(ids))
	for i, id := range ids {
		numbers[i] = numeric(id)
	}
	return numbers
}

func (g Group) render(depth int, v version) (any, error) {
	switch {
	case g.Operator != And && g.Operator != Or:
		return nil, fmt.Errorf("a group is joined by AND or OR, not by %q", g.Operator)
	case depth == 0:
		return nil, fmt.Errorf("groups are nested deeper than %d", maxDepth)
	case len(g.Of) == 0:
		return nil, errors.New("a group has no conditions")
	case len(g.Of) > maxGroup:
		return nil, fmt.Errorf("a group has %d conditions: Intercom allows %d", len(g.Of), maxGroup)
	}
	parts := make([]any, len(g.Of))
	for i, q := range g.Of {
		if q == nil {
			return nil, errors.New("a group has an empty condition")
		}
		var err error
		if parts[i], err = q.render(depth-1, v); err != nil {
			return nil, err
		}
	}
	return queryWire{Operator: g.Operator, Value: parts}, nil
}

type searchWire struct {
	Query      any            `json:"query"`
	Sort       *sortWire      `json:"sort,omitempty"`
	Pagination paginationWire `json:"pagination"`
}

type sortWire struct {
	Field string `json:"field"`
	Order string `json:"order"`
}

type paginationWire struct {
	PerPage       int    `json:"per_page,omitempty"`
	StartingAfter string `json:"starting_after,omitempty"`
}

// search puts a search into the body of r.
func (r request) search(s SearchRequest, most int, v version) request {
	if s.Query == nil {
		return r.refuse(errors.New("the search has no query"))
	}
	query, err := s.Query.render(maxDepth, v)
	if err != nil {
		return r.refuse(err)
	}
	cursor, err := parseCursor(s.Cursor)
	if err != nil {
		return r.refuse(err)
	}
	if s.PerPage < 0 {
		return r.refuse(fmt.Errorf("%d items per page", s.PerPage))
	}
	body := searchWire{Query: query}
	body.Pagination.PerPage = min(s.PerPage, most)
	body.Pagination.StartingAfter = cursor.Get("starting_after")
	if s.Sort.Field != "" {
		body.Sort = &sortWire{Field: s.Sort.Field, Order: "ascending"}
		if s.Sort.Descending {
			body.Sort.Order = "descending"
		}
	}
	r.partial = s.Partial
	return r.with(body)
}

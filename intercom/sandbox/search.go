package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// The bounds of a search query.
const (
	maxFilters = 15 // in one group
	maxNesting = 2  // groups within one another
	maxValues  = 10 // in one IN or NIN
)

// searchContacts is POST /contacts/search. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts
func searchContacts(q *request) (any, *apiError) {
	if err := q.only("query", "pagination", "sort"); err != nil {
		return nil, err
	}
	engine := &searchEngine{q: q}
	matches, err := engine.node(q.body.value("query"), 0)
	if err != nil {
		return nil, err
	}
	sorting, err := engine.sorting(newestFirst)
	if err != nil {
		return nil, err
	}
	after, size, err := q.pagination(searchContactsPage, maxContactsPage)
	if err != nil {
		return nil, err
	}
	candidates := q.space.contacts.all
	if engine.ids != nil {
		candidates = q.space.contacts.named(engine.ids)
	}
	rows := q.space.contacts.visibleOf(candidates, q.at, matches)
	return view{q}.contactPage(rows, sorting, after, size)
}

// pagination reads the member of that name: the cursor and the page size.
func (q *request) pagination(standard, limit int) (after string, size int, err *apiError) {
	raw, ok := q.body.given("pagination")
	if !ok {
		return "", standard, nil
	}
	given, ok := parseObject(raw)
	if !ok {
		return "", 0, invalidField("pagination")
	}
	sizeText := ""
	if raw, ok := given.given("per_page"); ok {
		n, ok := idText(raw)
		if !ok {
			return "", 0, errPerPage
		}
		sizeText = n
	}
	if size, err = perPage(sizeText, standard, limit); err != nil {
		return "", 0, err
	}
	if raw, ok := given.given("starting_after"); ok {
		if after, ok = text(raw); !ok {
			return "", 0, errBadCursor
		}
	}
	return after, size, nil
}

// searchEngine compiles the query of a request over contacts.
type searchEngine struct {
	q   *request
	ids map[string]bool // of the only contacts that can match; nil: any can
}

// predicate is a compiled query.
type predicate func(*Contact) bool

// errQuery refuses a query without the members it must have.
var errQuery = fail(http.StatusBadRequest, "invalid_query", "Invalid query. Ensure 'field', 'operator', 'value' are "+
	"present for field queries. Ensure 'operator' and 'value' for composite queries.")

// node compiles a query: a filter, or a group, that is inside depth groups.
func (e *searchEngine) node(raw json.RawMessage, depth int) (predicate, *apiError) {
	o, isObject := parseObject(raw)
	operator, isText := text(o.value("operator"))
	value, hasValue := o.get("value")
	if !isObject || !isText || !hasValue {
		return nil, errQuery
	}
	if fieldRaw, ok := o.get("field"); ok {
		name, ok := text(fieldRaw)
		if !ok {
			return nil, errQuery
		}
		return e.filter(name, operator, value)
	}
	return e.group(operator, value, depth+1)
}

// group compiles AND and OR.
func (e *searchEngine) group(operator string, value json.RawMessage, depth int) (predicate, *apiError) {
	if operator != "AND" && operator != "OR" {
		return nil, fail(http.StatusBadRequest, "invalid_operator", "Composite operators must be of type AND or OR ")
	}
	items, ok := list(value)
	if !ok || len(items) == 0 || depth > maxNesting {
		return nil, errQuery
	}
	if len(items) > maxFilters {
		return nil, fail(http.StatusBadRequest, "invalid_value",
			"Number of elements in composite query is greater than %d, please try again with a smaller list", maxFilters)
	}
	parts := make([]predicate, 0, len(items))
	for _, item := range items {
		part, err := e.node(item, depth)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	all := operator == "AND"
	if !all {
		if one := e.alternatives(items, depth); one != nil {
			return one, nil
		}
	}
	return func(c *Contact) bool {
		for _, part := range parts {
			if part(c) != all {
				return !all
			}
		}
		return all
	}, nil
}

// alternatives compiles an OR of "=" on one field that holds text to one lookup: clients look for many contacts by
// their ids. It is nil where the items, which are valid, are anything else.
func (e *searchEngine) alternatives(items []json.RawMessage, depth int) predicate {
	field, wanted := "", make(map[string]bool, len(items))
	for _, item := range items {
		o, _ := parseObject(item)
		nameRaw, isFilter := o.get("field")
		name, _ := text(nameRaw)
		operator, _ := text(o.value("operator"))
		value, isText := text(o.value("value"))
		if !isFilter || !isText || operator != "=" || field != "" && name != field {
			return nil
		}
		field, wanted[value] = name, true
	}
	get, ok := contactTexts[field]
	if !ok {
		return nil
	}
	delete(wanted, "") // which nobody has
	if field == "id" && depth == 1 {
		e.ids = wanted
	}
	return func(c *Contact) bool { return wanted[get(c)] }
}

// filter compiles one comparison.
func (e *searchEngine) filter(name, operator string, value json.RawMessage) (predicate, *apiError) {
	f, ok := e.contactSearchField(name)
	if !ok {
		return nil, invalidSearchField(name)
	}
	if !slices.Contains(f.operators(), operator) {
		return nil, fail(http.StatusBadRequest, "invalid_operator", "%s does not support operator: %s", name, operator)
	}
	if operator == "IN" || operator == "NIN" {
		return f.oneOf(operator == "IN", value)
	}
	want, err := f.kind.parse(value)
	if err != nil {
		return nil, err
	}
	if want == nil && operator != "=" && operator != "!=" {
		return nil, f.kind.invalid(value)
	}
	compare := f.kind.comparison(operator, want, e.q)
	return func(c *Contact) bool { return compare(f.value(c)) }, nil
}

// invalidSearchField refuses a field that contacts do not have in a search.
func invalidSearchField(name string) *apiError {
	return fail(http.StatusBadRequest, "invalid_field", "%s is not a valid field", name)
}

// oneOf compiles IN and NIN.
func (f searchField) oneOf(in bool, value json.RawMessage) (predicate, *apiError) {
	items, ok := list(value)
	if !ok {
		return nil, fail(http.StatusBadRequest, "invalid_value", "%s is not a valid array", plain(value))
	}
	if len(items) > maxValues {
		return nil, fail(http.StatusBadRequest, "invalid_values", "Value depth exceeds %d items", maxValues)
	}
	wants := make([]any, 0, len(items))
	for _, item := range items {
		want, err := f.kind.parse(item)
		if err != nil {
			return nil, err
		}
		wants = append(wants, want)
	}
	return func(c *Contact) bool {
		v := f.value(c)
		return slices.ContainsFunc(wants, func(want any) bool { return f.kind.equal(v, want) }) == in
	}, nil
}

// plain is a JSON value as error messages show it.
func plain(raw json.RawMessage) string {
	if s, ok := text(raw); ok {
		return s
	}
	return string(raw)
}

// sorting reads the body's sort; standard stands in where there is none. Up to 2.15 an unknown order is passed over.
func (e *searchEngine) sorting(standard sorting) (sorting, *apiError) {
	raw, ok := e.q.body.given("sort")
	if !ok {
		return standard, nil
	}
	given, ok := parseObject(raw)
	if !ok {
		return standard, invalidField("sort")
	}
	out := standard
	if raw, ok := given.given("field"); ok {
		name := plain(raw)
		f, known := e.contactSearchField(name)
		if !known || f.kind == kindTag || f.kind == kindSegment {
			return standard, invalidSearchField(name)
		}
		out = sorting{f.sortValue, true}
	}
	if raw, ok := given.given("order"); ok {
		switch order := plain(raw); {
		case order == "ascending":
			out.descending = false
		case order == "descending":
			out.descending = true
		case e.q.version >= v216:
			return standard, fail(http.StatusBadRequest, "invalid_sort_order",
				"Invalid sort order '%s'. Must be one of: ascending, descending", order)
		}
	}
	return out, nil
}

// sortValue is a row's value as cursors hold it: numbers as floating point, times in milliseconds.
func (f searchField) sortValue(c *Contact) any {
	switch v := f.value(c).(type) {
	case int64:
		if f.kind == kindTime || f.kind == kindDay || f.kind == kindUTCDay {
			v *= 1000
		}
		return float64(v)
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && f.kind == kindOwner {
			return float64(n)
		}
		return v
	default:
		return v
	}
}

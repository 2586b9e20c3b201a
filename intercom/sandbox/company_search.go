package sandbox

import (
	"slices"
	"strings"
)

// The page sizes of a company search.
const (
	searchCompaniesPage    = 15
	maxSearchCompaniesPage = 150
)

// companyTexts are the searchable fields of companies that hold text.
var companyTexts = map[string]func(*company) string{
	"company_id": func(c *company) string { return c.CompanyID },
	"name":       func(c *company) string { return c.Name },
}

// companyTimes are the timestamps of companies.
var companyTimes = map[string]func(*company) int64{
	"created_at":        func(c *company) int64 { return c.CreatedAt },
	"updated_at":        func(c *company) int64 { return c.UpdatedAt },
	"remote_created_at": func(c *company) int64 { return c.RemoteCreatedAt },
	"last_request_at":   func(c *company) int64 { return c.LastRequestAt },
}

// The operators of companies where they differ from those of contacts.
var (
	companyTimeOperators   = []string{"=", "!=", ">", "<"}
	companyNumberOperators = []string{"=", "!=", "IN", "NIN", ">", "<"}
)

// newestCompany is the order of companies where none is asked for.
var newestCompany = sorting[*company]{func(c *company) any { return float64(c.CreatedAt) * 1000 }, true}

// searchCompanies is POST /companies/search. Companies without contacts are
// not found.
func searchCompanies(q *request) (any, error) {
	if err := q.only("query", "pagination", "sort"); err != nil {
		return nil, err
	}
	engine := searchEngine[*company]{q, q.companySearchField, "%s is not a valid search field"}
	matches, err := engine.compile()
	if err != nil {
		return nil, err
	}
	sorting, err := engine.sorting(newestCompany)
	if err != nil {
		return nil, err
	}
	after, size, err := q.pagination(searchCompaniesPage, maxSearchCompaniesPage)
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(q.visibleCompanies(), func(c *company) bool { return !matches(c) })
	return cursorPage(rows, sorting, func(c *company) string { return c.ID }, after, size, q.renderCompany)
}

// companySearchField looks up a field of POST /companies/search.
func (q *request) companySearchField(name string) (searchField[*company], bool) {
	if get, ok := companyTexts[name]; ok {
		return searchField[*company]{kind: kindText, value: func(c *company) any { return orNil(get(c)) }}, true
	}
	if get, ok := companyTimes[name]; ok {
		return searchField[*company]{kindUTCDay, func(c *company) any { return orNil(get(c)) }, companyTimeOperators}, true
	}
	if attribute, ok := strings.CutPrefix(name, "custom_attributes."); ok {
		return attributeSearchField(q, "company", attribute, func(c *company) map[string]any { return c.CustomAttributes })
	}
	number := func(get func(*company) int64) (searchField[*company], bool) {
		return searchField[*company]{kindInteger, func(c *company) any { return get(c) }, companyNumberOperators}, true
	}
	switch name {
	case "monthly_spend":
		return number(func(c *company) int64 { return c.MonthlySpend })
	case "session_count":
		return number(func(c *company) int64 { return c.SessionCount })
	case "user_count":
		return number(func(c *company) int64 { return int64(q.userCounts()[c.ID]) })
	case "tag_id":
		return searchField[*company]{kind: kindTag, value: func(c *company) any {
			return func(id string) bool { return slices.Contains(c.TagIDs, id) }
		}}, true
	}
	return searchField[*company]{}, false
}

package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// visibleCompanies are the companies that lists show, those with contacts, the last used first.
func (q *request) visibleCompanies() []*Company {
	counts := q.userCounts()
	rows := make([]*Company, 0, len(q.space.companies.all))
	for _, c := range q.space.companies.all {
		if !c.Archived && counts[c.ID] > 0 {
			rows = append(rows, c)
		}
	}
	slices.SortFunc(rows, func(a, b *Company) int {
		return cmp.Or(cmp.Compare(b.LastRequestAt, a.LastRequestAt), strings.Compare(b.ID, a.ID))
	})
	return rows
}

// listCompanies is POST /companies/list, whose parameters are in the query.
func listCompanies(q *request) (any, *apiError) {
	page, size, err := q.companyPaging()
	if err != nil {
		return nil, err
	}
	rows := q.visibleCompanies()
	switch order := q.query.Get("order"); order {
	case "", "desc":
	case "asc":
		slices.Reverse(rows)
	default:
		return nil, invalidField("order")
	}
	return numberedPage(q, "/companies/list", rows, page, size, view{q}.company), nil
}

// listCompanyContacts is GET /companies/{id}/contacts. It tells of merges from 2.17 on.
func listCompanyContacts(q *request, c *Company) (any, *apiError) {
	if q.version < v217 {
		q.query.Del("include_merge_history")
	}
	size, err := perPage(q.query.Get("per_page"), searchContactsPage, maxContactsPage)
	if err != nil {
		return nil, err
	}
	rows := q.space.contacts.visible(q.at, func(m *Contact) bool { return slices.Contains(m.CompanyIDs, c.ID) })
	return view{q}.contactPage(rows, newestFirst, q.query.Get("starting_after"), size)
}

// listCompanySegments is GET /companies/{id}/segments.
func listCompanySegments(q *request, c *Company) (any, *apiError) {
	return wholeList(view{q}.segments(func(s *segment) bool { return s.hasCompany(c, q.userCounts()[c.ID]) })), nil
}

// A scroll gives its batches as long as it is asked again in time.
const (
	scrollBatch = 100
	scrollIdle  = time.Minute
)

// companyScroll is the one scroll that a workspace can have open.
type companyScroll struct {
	param string
	rest  []*Company
	used  time.Time
}

// scrollJSON is one batch of a scroll.
type scrollJSON struct {
	Type       string `json:"type"`
	Data       []any  `json:"data"`
	Pages      any    `json:"pages"`
	TotalCount any    `json:"total_count"`
	Param      string `json:"scroll_param"`
}

// scrollCompanies is GET /companies/scroll. The batch without companies ends the scroll.
func scrollCompanies(q *request) (any, *apiError) {
	param := q.query.Get("scroll_param")
	switch {
	case param == "" && q.space.scroll != nil:
		return nil, fail(http.StatusBadRequest, "scroll_exists", "scroll already exists for this workspace")
	case param == "":
		q.space.scroll = &companyScroll{param: randomUUID(q.space.ids.random), rest: q.visibleCompanies()}
	case q.space.scroll == nil || q.space.scroll.param != param:
		return nil, fail(http.StatusNotFound, "not_found", "scroll parameter not found")
	}
	s := q.space.scroll
	s.used = q.at
	batch := s.rest[:min(len(s.rest), scrollBatch)]
	s.rest = s.rest[len(batch):]
	if len(batch) == 0 {
		q.space.scroll = nil
	}
	data := make([]any, 0, len(batch))
	for _, c := range batch {
		data = append(data, view{q}.company(c))
	}
	return scrollJSON{Type: "list", Data: data, Param: s.param}, nil
}

package sandbox

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"
)

// companyField is one key of a body that writes a company.
type companyField struct {
	since version
	parse companyParser
}

// companyParser reads a value: the assignment to make of it, and whether it is of the right kind. An error says more.
type companyParser func(*request, json.RawMessage) (assign func(*Company), ok bool, err *apiError)

// companyFields are the keys that POST /companies takes.
var companyFields = map[string]companyField{
	"company_id":             {v207, parseCompanyKey},
	"name":                   {v207, companyText(func(c *Company) *string { return &c.Name })},
	"website":                {v207, companyText(func(c *Company) *string { return &c.Website })},
	"industry":               {v207, companyText(func(c *Company) *string { return &c.Industry })},
	"plan":                   {v207, parsePlan},
	"size":                   {v207, companyNumber(func(c *Company) *int64 { return &c.Size })},
	"monthly_spend":          {v207, companyNumber(func(c *Company) *int64 { return &c.MonthlySpend })},
	"remote_created_at":      {v207, companyNumber(func(c *Company) *int64 { return &c.RemoteCreatedAt })},
	"update_last_request_at": {v216, parseLastRequest},
	"custom_attributes":      {v207, parseCompanyAttributes},
}

// companyUpdateFields are the keys that PUT /companies/{id} takes.
var companyUpdateFields = []string{"name", "plan", "size", "website", "industry", "custom_attributes", "monthly_spend"}

// parseCompany checks a body, and refuses keys outside allowed; nil allows all.
func (q *request) parseCompany(body object, allowed []string) (assignments[Company], *apiError) {
	var patch assignments[Company]
	for _, m := range body {
		f, known := companyFields[m.key]
		if !known || q.version < f.since || allowed != nil && !slices.Contains(allowed, m.key) {
			return nil, badParameter(m.key)
		}
		assign, ok, err := f.parse(q, m.raw)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, invalidField(m.key)
		}
		patch = append(patch, assign)
	}
	return patch, nil
}

// companyText takes a string, without the blanks around it, or a whole number as its digits; null clears.
func companyText(at func(*Company) *string) companyParser {
	return func(_ *request, raw json.RawMessage) (func(*Company), bool, *apiError) {
		s, ok := idText(raw)
		return func(c *Company) { *at(c) = strings.TrimSpace(s) }, ok || isNull(raw), nil
	}
}

// companyNumber takes a number up to 2147483647 and drops its fraction; null clears.
func companyNumber(at func(*Company) *int64) companyParser {
	return func(_ *request, raw json.RawMessage) (func(*Company), bool, *apiError) {
		f, ok := number(raw)
		ok = ok && f >= 0 && f <= math.MaxInt32
		return func(c *Company) { *at(c) = int64(f) }, ok || isNull(raw), nil
	}
}

// parseCompanyKey takes the workspace's own id as it is.
func parseCompanyKey(_ *request, raw json.RawMessage) (func(*Company), bool, *apiError) {
	key, ok := idText(raw)
	return func(c *Company) { c.CompanyID = key }, ok || isNull(raw), nil
}

func parsePlan(q *request, raw json.RawMessage) (func(*Company), bool, *apiError) {
	name, ok := text(raw)
	return func(c *Company) {
		c.Plan, c.PlanID = name, ""
		if name != "" {
			c.PlanID = q.space.planID(name)
		}
	}, ok || isNull(raw), nil
}

func parseLastRequest(q *request, raw json.RawMessage) (func(*Company), bool, *apiError) {
	update, ok := truth(raw)
	return func(c *Company) {
		if update {
			c.LastRequestAt = q.now()
		}
	}, ok || isNull(raw), nil
}

func parseCompanyAttributes(q *request, raw json.RawMessage) (func(*Company), bool, *apiError) {
	set, ok, err := q.space.parseAttributes("company", raw)
	return func(c *Company) { c.CustomAttributes = set.applied(c.CustomAttributes) }, ok, err
}

// saveCompany is POST /companies: it updates the company with the given company_id, or creates it.
func saveCompany(q *request) (any, *apiError) {
	patch, err := q.parseCompany(q.body, nil)
	if err != nil {
		return nil, err
	}
	key, _ := idText(q.body.value("company_id"))
	if key == "" {
		return nil, missingField("company_id")
	}
	c := q.space.companies.byKey(key)
	if c == nil {
		c = q.edit().newCompany(key)
	}
	patch.apply(c)
	c.UpdatedAt = q.now()
	return view{q}.company(c), nil
}

// newCompany creates the company of that company_id.
func (e edit) newCompany(key string) *Company {
	c := &Company{
		ID: e.space.ids.nextHex(e.now()), CompanyID: key, CreatedAt: e.now(), UpdatedAt: e.now(), RemoteCreatedAt: e.now(),
	}
	e.space.companies.add(c)
	return c
}

// getCompany is GET /companies/{id}.
func getCompany(q *request, c *Company) (any, *apiError) {
	return view{q}.company(c), nil
}

// updateCompany is PUT /companies/{id}.
func updateCompany(q *request, c *Company) (any, *apiError) {
	patch, err := q.parseCompany(q.body, companyUpdateFields)
	if err != nil {
		return nil, err
	}
	patch.apply(c)
	c.UpdatedAt = q.now()
	return view{q}.company(c), nil
}

// companyDeleted is the answer to a deletion, which says "object" where others say "type".
type companyDeleted struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Deleted bool   `json:"deleted"`
}

// deleteCompany is DELETE /companies/{id}: the company's contacts are detached, and its record leaves the API.
func deleteCompany(q *request, c *Company) (any, *apiError) {
	for _, member := range q.space.contacts.all {
		if slices.Contains(member.CompanyIDs, c.ID) {
			q.edit().detach(member, c.ID)
		}
	}
	c.Archived = true
	c.UpdatedAt = q.now()
	return companyDeleted{c.ID, "company", true}, nil
}

// filterCompanies is GET /companies: the company with the given company_id or
// name, or those with a tag or in a segment, or all.
func filterCompanies(q *request) (any, *apiError) {
	page, size, err := q.companyPaging()
	if err != nil {
		return nil, err
	}
	key, name := q.query.Get("company_id"), q.query.Get("name")
	rows := q.visibleCompanies()
	if key != "" || name != "" {
		c := q.space.companies.byKey(key)
		if key == "" {
			c = q.space.companies.named(name)
		}
		if c == nil {
			return nil, errCompanyNotFound
		}
		rows = []*Company{c}
	}
	if id := q.query.Get("tag_id"); id != "" {
		rows = slices.DeleteFunc(rows, func(c *Company) bool { return !slices.Contains(c.TagIDs, id) })
	}
	if id := q.query.Get("segment_id"); id != "" {
		s := q.space.segments.byID(id)
		if s == nil {
			return nil, errResourceNotFound
		}
		rows = slices.DeleteFunc(rows, func(c *Company) bool { return !s.hasCompany(c, q.userCounts()[c.ID]) })
	}
	return numberedPage(q, "/companies", rows, page, size, view{q}.company), nil
}

// The page sizes of company lists, and how many rows pages reach.
const (
	companiesPage    = 15
	maxCompaniesPage = 60
	companiesCeiling = 10_000
)

// companyPaging reads the page number and size of a company list.
func (q *request) companyPaging() (page, size int, err *apiError) {
	if size, err = perPage(q.query.Get("per_page"), companiesPage, math.MaxInt); err != nil {
		return 0, 0, err
	}
	if size > maxCompaniesPage {
		return 0, 0, fail(http.StatusBadRequest, "parameter_invalid", "Per Page must be at most %d", maxCompaniesPage)
	}
	if page, err = pageNumber(q.query.Get("page")); err != nil {
		return 0, 0, err
	}
	if page > companiesCeiling/size {
		return 0, 0, fail(http.StatusBadRequest, "bad_request", "page limit reached, please use scroll API")
	}
	return page, size, nil
}

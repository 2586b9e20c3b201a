package tools

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/search"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// companySet is the set of tools about companies.
var companySet = Set{Name: "companies", Default: true, Doc: "Companies and their people"}

// companyReadTools are the tools for the reading of companies.
func companyReadTools() []Tool {
	return []Tool{
		{
			Name: "find_companies", Title: "Find companies", Set: companySet, Effect: policy.Read, Run: reads(findCompanies),
			Doc: "Find companies that have people.",
		},
		{
			Name: "get_company", Title: "Get a company", Set: companySet, Effect: policy.Read, Run: reads(getCompany),
			Doc: "Read one company.",
		},
		{
			Name: "list_company_contacts", Title: "List a company's contacts", Set: companySet, Effect: policy.Read,
			Run: reads(listCompanyContacts),
			Doc: "List a company's people.",
		},
	}
}

// FindCompaniesInput selects companies.
type FindCompaniesInput struct {
	// part of name or company_id
	Query string `json:"query,omitempty"`
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50"`
	// next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// pageOfCompanies is the largest page of companies that Intercom serves.
const pageOfCompanies = 60

// findCompanies lists companies. Intercom lists only those with people in them, and the first 10,000 of those, and
// cannot search names in part: the list is looked through here.
func findCompanies(ctx context.Context, s *session, in FindCompaniesInput) (*render.Table, error) {
	if in.Limit == 0 {
		in.Limit = render.DefaultLimit
	}
	wanted := strings.ToLower(strings.TrimSpace(in.Query))
	size := in.Limit
	if wanted != "" {
		size = pageOfCompanies
	}
	binding := s.listBinding(wanted)
	from, err := render.DecodeCursor(in.Cursor, binding, size)
	if err != nil {
		return nil, err
	}
	ends := false // before the companies do
	got, err := render.Collect(ctx, from, in.Limit, func(at render.Position) (intercom.Page[intercom.Company], error) {
		page, err := s.client.Companies.List(ctx, intercom.PageOptions{PerPage: at.Size, Cursor: at.Page})
		if intercom.KindOf(err) == intercom.KindLimit {
			ends = true
			return intercom.Page[intercom.Company]{Total: -1}, nil
		}
		return page, err
	}, func(c *intercom.Company) (bool, error) {
		return wanted == "" || strings.Contains(strings.ToLower(c.Name), wanted) ||
			strings.Contains(strings.ToLower(text.Clean(c.Name)), wanted) ||
			strings.Contains(strings.ToLower(c.CompanyID), wanted), nil
	})
	if err != nil {
		return nil, err
	}
	if ends {
		s.note("Intercom lists 10,000 companies and no more: get_company finds the others by exact name, company_id:… or id")
	}
	if wanted != "" {
		got.Total = -1
		if got.Next == nil && in.Cursor == "" && !ends && !got.Short {
			got.Total = len(got.Rows)
		}
		if got.Next != nil && got.Pages == render.MaxPages {
			s.note("%d companies were looked through so far; next_cursor goes on", render.MaxPages*pageOfCompanies)
		}
	}
	columns := []string{"id", "company_id", "name", "plan", "users", "last_request_at"}
	return render.Tabulate(got, binding, columns, func(c *intercom.Company) []string {
		return []string{c.ID, s.shown(c.CompanyID, render.MaxCell),
			s.shown(c.Name, render.MaxCell), s.shown(c.Plan, 60),
			fmt.Sprint(c.UserCount), render.Cell(record.KindTime, nonZero(c.LastRequestAt))}
	})
}

// nonZero is nil for the time that stands for null.
func nonZero(t intercom.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// GetCompanyInput names a company.
type GetCompanyInput struct {
	// Intercom id, company_id:…, exact name or URL
	Company string `json:"company"`
}

// CompanyDetail is one company, without what is empty. Times are ISO 8601.
type CompanyDetail struct {
	ID               string         `json:"id"`
	CompanyID        string         `json:"company_id,omitempty"`
	Name             string         `json:"name,omitempty"`
	Plan             string         `json:"plan,omitempty"`
	Size             *int64         `json:"size,omitempty"`
	Industry         string         `json:"industry,omitempty"`
	Website          string         `json:"website,omitempty"`
	MonthlySpend     *int64         `json:"monthly_spend,omitempty"`
	Users            int64          `json:"users"`
	Sessions         int64          `json:"sessions,omitempty"`
	CreatedAt        string         `json:"created_at,omitempty"`
	LastRequestAt    string         `json:"last_request_at,omitempty"`
	Tags             []string       `json:"tags,omitempty"`
	Segments         []string       `json:"segments,omitempty"`
	CustomAttributes map[string]any `json:"custom_attributes,omitempty"`
	Note             string         `json:"note,omitempty"`
}

// AddNote adds a remark to the answer.
func (d *CompanyDetail) AddNote(note string) { d.Note = text.JoinNotes(d.Note, note) }

// getCompany shows one company.
func getCompany(ctx context.Context, s *session, in GetCompanyInput) (*CompanyDetail, error) {
	c, err := s.dir.Company(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	show := func(str string) string { return s.shown(str, maxDetail) }
	d := &CompanyDetail{
		ID: c.ID, CompanyID: show(c.CompanyID), Name: show(c.Name), Plan: show(c.Plan), Size: c.Size,
		Industry: show(c.Industry),
		Website:  show(c.Website), MonthlySpend: c.MonthlySpend, Users: c.UserCount, Sessions: c.SessionCount,
		CreatedAt: c.CreatedAt.String(), LastRequestAt: c.LastRequestAt.String(),
	}
	var tags, segments []string
	for _, t := range c.Tags {
		tags = append(tags, t.Name)
	}
	for _, g := range c.Segments {
		segments = append(segments, g.Name)
	}
	r := newDetailReader(s)
	d.Tags, d.Segments = r.listed("tags", tags), r.listed("segments", segments)
	unmasked := func(_ string, value any) any { return value } // masks are of contacts
	d.CustomAttributes = r.attributeValues(ctx, s.dir.Lists.CompanyAttributes, c.CustomAttributes, unmasked)
	return d, nil
}

// ListCompanyContactsInput selects the people of one company.
type ListCompanyContactsInput struct {
	// company reference
	Company string `json:"company"`
	// more columns
	Fields []string `json:"fields,omitempty" jsonschema:"maxItems=12"`
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50"`
	// next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// listCompanyContacts lists a company's people.
func listCompanyContacts(ctx context.Context, s *session, in ListCompanyContactsInput) (*render.Table, error) {
	var bad toolerr.Several
	company, err := s.dir.Company(ctx, in.Company)
	if err = bad.Add("company", err); err != nil {
		return nil, err
	}
	table := newContactTable(s)
	columns, err := table.columns(ctx, in.Fields)
	if err = cmp.Or(bad.Add("", err), bad.Err()); err != nil {
		return nil, err
	}
	return table.page(ctx, search.InCompany(company), contactPage{bound: []any{company.ID, in.Fields}, columns: columns,
		limit: in.Limit, cursor: in.Cursor})
}

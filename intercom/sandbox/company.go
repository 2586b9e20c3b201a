package sandbox

import (
	"maps"
	"slices"
	"strings"
)

// Company is a stored company. Empty strings and zero numbers of the
// optional keys are left out on the wire; times are Unix seconds.
type Company struct {
	ID        string // Intercom's id
	CompanyID string // the workspace's own id
	Name      string
	PlanID    string
	Plan      string // the plan's name
	Website   string
	Industry  string

	Size, MonthlySpend, SessionCount int64

	RemoteCreatedAt, CreatedAt, UpdatedAt, LastRequestAt int64

	CustomAttributes map[string]any // as Contact.CustomAttributes; a change replaces it, as it does the list of tags
	TagIDs           []string
	// UserCount is how many contacts are attached; it is filled in when a company is read.
	UserCount int
	// Archived companies are gone from the API.
	Archived bool
}

func (c *Company) clone() Company {
	d := *c
	d.CustomAttributes = maps.Clone(c.CustomAttributes)
	d.TagIDs = slices.Clone(c.TagIDs)
	return d
}

// companyJSON is a company on the wire: keys without a value are left out.
// See https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/company
type companyJSON struct {
	Type             string          `json:"type"`
	CompanyID        string          `json:"company_id,omitempty"`
	ID               string          `json:"id"`
	AppID            string          `json:"app_id"`
	Name             string          `json:"name,omitempty"`
	RemoteCreatedAt  int64           `json:"remote_created_at,omitempty"`
	CreatedAt        int64           `json:"created_at"`
	UpdatedAt        int64           `json:"updated_at"`
	LastRequestAt    int64           `json:"last_request_at,omitempty"`
	Size             int64           `json:"size,omitempty"`
	Website          string          `json:"website,omitempty"`
	Industry         string          `json:"industry,omitempty"`
	MonthlySpend     int64           `json:"monthly_spend"`
	SessionCount     int64           `json:"session_count"`
	UserCount        int             `json:"user_count"`
	Tags             tagListJSON     `json:"tags"`
	Segments         segmentListJSON `json:"segments"`
	Plan             any             `json:"plan"`
	Notes            optional        `json:"notes,omitzero"`
	CustomAttributes map[string]any  `json:"custom_attributes"`
}

type tagListJSON struct {
	Type string    `json:"type"`
	Tags []tagJSON `json:"tags"`
}

type planJSON struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// company renders a company for the request's version.
func (v view) company(c *Company) companyJSON {
	out := companyJSON{
		Type: "company", CompanyID: c.CompanyID, ID: c.ID, AppID: v.q.space.id, Name: c.Name,
		RemoteCreatedAt: c.RemoteCreatedAt, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, LastRequestAt: c.LastRequestAt,
		Size: c.Size, Website: c.Website, Industry: c.Industry, MonthlySpend: c.MonthlySpend, SessionCount: c.SessionCount,
		UserCount: v.q.userCounts()[c.ID],
		Tags:      tagListJSON{"tag.list", []tagJSON{}},
		Segments: segmentListJSON{"segment.list", v.segments(func(s *segment) bool {
			return s.hasCompany(c, v.q.userCounts()[c.ID])
		})},
		Plan:             struct{}{},
		CustomAttributes: c.CustomAttributes,
	}
	if out.CustomAttributes == nil {
		out.CustomAttributes = map[string]any{}
	}
	if c.Plan != "" {
		out.Plan = planJSON{"plan", c.PlanID, c.Plan}
	}
	for _, id := range c.TagIDs {
		if t := v.q.space.tags.byID(id); t != nil {
			out.Tags.Tags = append(out.Tags.Tags, t.json())
		}
	}
	out.Notes = v.companyNotes(c.ID)
	return out
}

// companyNotes is the notes inside a company: none before 2.16, then references, whatever the description of 2.16 says.
func (v view) companyNotes(id string) optional {
	if v.q.version < v216 {
		return optional{}
	}
	refs := embed("note", "/notes/", "/companies/"+id+"/notes", v.q.space.notes.ids(id))
	refs.Type = "note.list"
	return optional{true, refs}
}

// userCounts is how many contacts each company has, by its id. The counts are
// made once for a request; a handler changes relations before it renders.
func (q *request) userCounts() map[string]int {
	if q.counts == nil {
		q.counts = q.space.contacts.perCompany()
	}
	return q.counts
}

// companyStore holds the companies.
type companyStore struct {
	byID map[string]*Company
	all  []*Company // in the order they came
}

// find returns the company that an operation names by Intercom's id.
func (s *companyStore) find(id string) (*Company, *apiError) {
	c := s.byID[id]
	if c == nil || c.Archived {
		return nil, errCompanyNotFound
	}
	return c, nil
}

// byKey returns the company with the workspace's own id, or nil.
func (s *companyStore) byKey(key string) *Company {
	return s.first(func(c *Company) bool { return c.CompanyID == key })
}

// named returns the first company of exactly that name, or nil.
func (s *companyStore) named(name string) *Company {
	return s.first(func(c *Company) bool { return c.Name == name })
}

func (s *companyStore) first(is func(*Company) bool) *Company {
	return first(s.all, func(c *Company) bool { return !c.Archived && is(c) })
}

// add stores a new company.
func (s *companyStore) add(c *Company) {
	s.byID[c.ID] = c
	s.all = append(s.all, c)
}

// planID is the id of the plan of that name; plans come into being by use.
func (w *workspace) planID(name string) string {
	i := slices.IndexFunc(w.plans, func(p planJSON) bool { return strings.EqualFold(p.Name, name) })
	if i >= 0 {
		return w.plans[i].ID
	}
	p := planJSON{"plan", w.ids.nextDecimal(), name}
	w.plans = append(w.plans, p)
	return p.ID
}

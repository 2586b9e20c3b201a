package intercom

import (
	"context"
	"slices"
)

// Company is an organisation that contacts belong to. Fields that Intercom
// has no value for are zero, or nil where zero is a value. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/company
type Company struct {
	ID            string `json:"id"`         // Intercom's
	CompanyID     string `json:"company_id"` // your own id; immutable
	Name          string `json:"name"`
	Plan          string `json:"plan"` // the plan's name
	Website       string `json:"website"`
	Industry      string `json:"industry"`
	Size          *int64 `json:"size"`          // nil: none
	MonthlySpend  *int64 `json:"monthly_spend"` // nil: none
	SessionCount  int64  `json:"session_count"`
	UserCount     int64  `json:"user_count"`
	CreatedAt     Time   `json:"created_at"`
	UpdatedAt     Time   `json:"updated_at"`
	LastRequestAt Time   `json:"last_request_at"`

	Tags     []Tag     `json:"tags"`
	Segments []Segment `json:"segments"`
	// CustomAttributes has the attributes that are set. Numbers are json.Number, so that they stay exact.
	CustomAttributes map[string]any `json:"custom_attributes"`
	// Given has, by its key, as "name" or "plan.name", each text that was escaped as Intercom gave it: see [Unescape].
	Given map[string]string `json:"-"`
	// Odd has, by its key, as "plan" or "custom_attributes.tier", why it cannot be read: see [Company.Unread].
	Odd map[string]string `json:"-"`
}

// Unread is [Contact.Unread] of a company, whose plan is "plan".
func (c *Company) Unread(keys ...string) error { return unread("company "+c.ID, c.Odd, keys) }

// companyWire is the wire form of a company: its fields shadow those of Company that differ on the wire.
type companyWire struct {
	Company
	ID           looseString `json:"id" record:"company"`
	CompanyID    looseString `json:"company_id"`
	Size         *looseInt   `json:"size"`
	MonthlySpend *looseInt   `json:"monthly_spend"`
	SessionCount count       `json:"session_count"`
	UserCount    count       `json:"user_count"`
	Plan         struct {
		Name string `json:"name"`
	} `json:"plan"`
	Tags     partWire[tagWire]     `json:"tags"`
	Segments partWire[segmentWire] `json:"segments"`
}

// partWire is a list inside an object, of which an odd item fails nothing else.
type partWire[W any] struct {
	Data     []W `json:"data"`
	Segments []W `json:"segments"`
	Tags     []W `json:"tags"`
}

func (p *partWire[W]) items() []W { return slices.Concat(p.Data, p.Segments, p.Tags) }

func (w companyWire) model() (Company, error) {
	if w.ID == "" {
		return Company{}, errNoID
	}
	c := w.Company
	c.ID, c.CompanyID = string(w.ID), string(w.CompanyID)
	c.Plan = w.Plan.Name
	c.Size, c.MonthlySpend = (*int64)(w.Size), (*int64)(w.MonthlySpend)
	c.SessionCount, c.UserCount = int64(w.SessionCount), int64(w.UserCount)
	for _, tag := range w.Tags.items() {
		t, err := tag.model()
		if err != nil {
			return Company{}, err
		}
		c.Tags = append(c.Tags, t)
	}
	for _, segment := range w.Segments.items() {
		g, err := segment.model()
		if err != nil {
			return Company{}, err
		}
		c.Segments = append(c.Segments, g)
	}
	return c, nil
}

// findCompanies asks for the companies of a name or a company_id. The answer is a list, or in some versions the one
// company itself.
func findCompanies(ctx context.Context, c *Client, r request) ([]Company, error) {
	var companies []Company
	err := c.perform(ctx, r, func(body []byte) error {
		var kind struct {
			Type string `json:"type"`
		}
		_, err := decodeAnswer(body, &kind, c.strict, false)
		if err != nil {
			return asNoList(err)
		}
		if kind.Type == "company" {
			var company Company
			company, err = decodeOne[companyWire](ctx, c, body, "")
			companies = []Company{company}
			return err
		}
		var page Page[Company]
		page, err = decodeList[companyWire](ctx, c, body, false)
		companies = page.Items
		return err
	})
	return companies, err
}

package intercom

// Company is an organisation that contacts belong to. Fields that Intercom
// has no value for are zero, or nil where zero is a value. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/company
type Company struct {
	ID              string `json:"id"`         // Intercom's
	CompanyID       string `json:"company_id"` // your own id; immutable
	WorkspaceID     string `json:"app_id"`
	Name            string `json:"name"`
	Plan            string `json:"plan"` // the plan's name
	Website         string `json:"website"`
	Industry        string `json:"industry"`
	Size            *int64 `json:"size"`          // nil: none
	MonthlySpend    *int64 `json:"monthly_spend"` // nil: none
	SessionCount    int64  `json:"session_count"`
	UserCount       int64  `json:"user_count"`
	RemoteCreatedAt Time   `json:"remote_created_at"` // by your own records
	CreatedAt       Time   `json:"created_at"`
	UpdatedAt       Time   `json:"updated_at"`
	LastRequestAt   Time   `json:"last_request_at"`

	Tags     []Tag     `json:"tags"`
	Segments []Segment `json:"segments"`
	// CustomAttributes has the attributes that are set. Numbers are
	// json.Number, so that they stay exact.
	CustomAttributes map[string]any `json:"custom_attributes"`
}

// companyWire is the wire form of a company: its fields shadow those of
// Company that differ on the wire.
type companyWire struct {
	Company
	ID           looseString `json:"id"`
	CompanyID    looseString `json:"company_id"`
	Size         *looseInt   `json:"size"`
	MonthlySpend *looseInt   `json:"monthly_spend"`
	SessionCount looseInt    `json:"session_count"`
	UserCount    looseInt    `json:"user_count"`
	Plan         struct {
		Name string `json:"name"`
	} `json:"plan"`
	Tags     listWire[tagWire]     `json:"tags"`
	Segments listWire[segmentWire] `json:"segments"`
}

func (w companyWire) model() (Company, error) {
	if w.ID == "" {
		return Company{}, errNoID
	}
	c := w.Company
	c.ID, c.CompanyID = string(w.ID), string(w.CompanyID)
	c.Plan = w.Plan.Name
	c.Size, c.MonthlySpend = (*int64)(w.Size), (*int64)(w.MonthlySpend)
	c.SessionCount, c.UserCount = int64(w.SessionCount), int64(w.UserCount)
	tags, err := toPage(&w.Tags)
	if err != nil {
		return Company{}, err
	}
	segments, err := toPage(&w.Segments)
	if err != nil {
		return Company{}, err
	}
	c.Tags, c.Segments = tags.Items, segments.Items
	return c, nil
}

// companiesWire is what GET /companies answers to a name or a company_id: a
// list, or in some versions the one company itself.
type companiesWire []companyWire

// UnmarshalJSON implements [json.Unmarshaler].
func (w *companiesWire) UnmarshalJSON(data []byte) error {
	var list struct {
		Type      string        `json:"type"`
		Data      []companyWire `json:"data"`
		Companies []companyWire `json:"companies"`
	}
	if err := unmarshal(data, &list); err != nil {
		return err
	}
	if list.Type == "company" {
		*w = make(companiesWire, 1)
		return unmarshal(data, &(*w)[0])
	}
	*w = append(list.Data, list.Companies...)
	return nil
}

func (w companiesWire) model() ([]Company, error) {
	companies := make([]Company, len(w))
	for i := range w {
		var err error
		if companies[i], err = w[i].model(); err != nil {
			return nil, err
		}
	}
	return companies, nil
}

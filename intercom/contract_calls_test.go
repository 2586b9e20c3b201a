package intercom_test

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// stage is where one call is made: a workspace of its own, and a client whose
// requests are recorded.
type stage struct {
	t  *testing.T
	c  *intercom.Client
	sb *sandbox.Sandbox
	*recorder
}

// newStage opens a workspace to a client of a version.
func newStage(t *testing.T, version string) *stage {
	t.Helper()
	sb := sandbox.New(sandbox.Options{})
	s := &stage{t: t, sb: sb, recorder: &recorder{RoundTripper: sb}}
	c, err := intercom.New(intercom.Config{Token: "any", Version: version, Transport: s.recorder})
	if err != nil {
		t.Fatal(err)
	}
	s.c = c
	return s
}

// method is a call of a method of the client, in one of its usual ways. Its
// error says that the method does not do what it should.
type method struct {
	name string // Service.Method
	call func(*stage) error
}

// anyone finds a live contact of a role.
func (s *stage) anyone(role string) sandbox.Contact {
	return named(s.t, s.sb, func(c sandbox.Contact) bool {
		return live(c) && c.Role == role && len(c.TagIDs) > 0 && len(c.CompanyIDs) > 0
	})
}

func (s *stage) user() string { return s.anyone("user").ID }

// lead makes a lead that has everything a lead can have.
func (s *stage) lead() string {
	lead, err := s.c.Contacts.Create(s.t.Context(), intercom.ContactWrite{
		Role: intercom.Value("lead"), Name: intercom.Value("Lea"), Email: intercom.Value(s.anyone("user").Email),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return lead.ID
}

// company is one with users, and alien one without the user.
func (s *stage) company() string { return s.anyone("user").CompanyIDs[0] }

func (s *stage) alien() string {
	user := s.anyone("user")
	companies := s.sb.Companies()
	return companies[slices.IndexFunc(companies, func(c sandbox.Company) bool {
		return !c.Archived && c.UserCount > 0 && !slices.Contains(user.CompanyIDs, c.ID)
	})].ID
}

// tag is one that the user has, and spare one that the user lacks.
func (s *stage) tag() string { return s.anyone("user").TagIDs[0] }

func (s *stage) spare() string {
	user, tags := s.anyone("user"), s.sb.Tags()
	return tags[slices.IndexFunc(tags, func(t sandbox.Tag) bool { return !slices.Contains(user.TagIDs, t.ID) })].ID
}

func (s *stage) tagNamed(name string) string {
	tags := s.sb.Tags()
	return tags[slices.IndexFunc(tags, func(t sandbox.Tag) bool { return t.Name == name })].ID
}

// everything is what can be written to a contact, and nothing what clears it.
func (s *stage) everything() intercom.ContactWrite {
	admin, _, _ := s.sb.Admin()
	return intercom.ContactWrite{
		Role: intercom.Value("user"), ExternalID: intercom.Value("new-1"), Email: intercom.Value("new@mail.example"),
		EmailVerified: intercom.Value(true), Phone: intercom.Value("+353871234567"), Name: intercom.Value("New"),
		Avatar: intercom.Value("https://mail.example/a.png"), OwnerID: intercom.Value(admin),
		UnsubscribedFromEmails: intercom.Value(true), SignedUpAt: intercom.Value(intercom.Unix(1700000000)),
		LastSeenAt: intercom.Value(intercom.Unix(1700000001)), CustomAttributes: s.attributes("contact"),
	}
}

func nothing() intercom.ContactWrite {
	return intercom.ContactWrite{
		Phone: intercom.Null[string](), Name: intercom.Null[string](), Avatar: intercom.Null[string](),
		OwnerID: intercom.Null[string](), SignedUpAt: intercom.Null[intercom.Time](),
		LastSeenAt:             intercom.Null[intercom.Time](),
		UnsubscribedFromEmails: intercom.Null[bool](),
	}
}

// attributes are values of each type that custom attributes have.
func (s *stage) attributes(model string) map[string]any {
	values := map[string]any{"string": "text", "integer": 7, "float": 1.5, "boolean": true, "date": 1700000000}
	set := make(map[string]any)
	for _, a := range s.sb.Attributes() {
		if a.Custom && !a.Archived && a.Model == model {
			set[a.Name] = values[a.DataType]
			if len(a.Options) > 0 {
				set[a.Name] = a.Options[0]
			}
		}
	}
	return set
}

func (s *stage) companyWrite() intercom.CompanyWrite {
	return intercom.CompanyWrite{
		Name: intercom.Value("New Ltd"), Plan: intercom.Value("Pro"), Website: intercom.Value("https://new.example"),
		Industry: intercom.Value("Tools"), Size: intercom.Value[int64](5), MonthlySpend: intercom.Value[int64](100),
		CustomAttributes: s.attributes("company"),
	}
}

func (s *stage) companySave() intercom.CompanyWrite {
	w := s.companyWrite()
	w.CompanyID, w.RemoteCreatedAt = intercom.Value("new-ltd"), intercom.Value(intercom.Unix(1700000000))
	w.UpdateLastRequestAt = intercom.Value(true)
	return w
}

// failure drops what a method returns along with its error.
func failure[T any](_ T, err error) error { return err }

// some wants at least one item.
func some[T any](items []T, err error) error {
	if err == nil && len(items) == 0 {
		return errors.New("nothing was returned")
	}
	return err
}

// page wants at least one item on the page.
func page[T any](p intercom.Page[T], err error) error { return some(p.Items, err) }

// several wants more than one item.
func several[T any](seq iter.Seq2[T, error]) error {
	n := 0
	for _, err := range seq {
		if err != nil {
			return err
		}
		n++
	}
	if n < 2 {
		return errors.New("there were not several items")
	}
	return nil
}

// finished reads a job before and after it is done.
func (s *stage) finished(job intercom.Job, err error) error {
	if err != nil {
		return err
	}
	if _, err := s.c.Bulk.Job(s.t.Context(), job.ID); err != nil {
		return err
	}
	s.sb.Advance(time.Minute)
	if job, err = s.c.Bulk.Job(s.t.Context(), job.ID); err == nil && job.State != intercom.JobCompleted {
		err = errors.New("the job ends " + string(job.State))
	}
	return err
}

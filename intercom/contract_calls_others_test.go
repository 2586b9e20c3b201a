package intercom_test

import (
	"intercom-mcp/intercom"
)

// companyMethods are the calls of the service of companies.
var companyMethods = []method{
	{"Companies.Get", func(s *stage) error {
		for _, company := range s.sb.Companies() {
			if _, err := s.c.Companies.Get(s.t.Context(), company.ID); err != nil && !company.Archived {
				return err
			}
		}
		return nil
	}},
	{"Companies.FindByCompanyID", func(s *stage) error {
		return failure(s.c.Companies.FindByCompanyID(s.t.Context(), s.sb.Companies()[0].CompanyID))
	}},
	{"Companies.FindByName", func(s *stage) error {
		return some(s.c.Companies.FindByName(s.t.Context(), s.sb.Companies()[0].Name))
	}},
	{"Companies.List", func(s *stage) error { return page(s.c.Companies.List(s.t.Context(), intercom.PageOptions{})) }},
	{"Companies.All", func(s *stage) error {
		return several(s.c.Companies.All(s.t.Context(), intercom.PageOptions{PerPage: 7}))
	}},
	{"Companies.Contacts", func(s *stage) error {
		return page(s.c.Companies.Contacts(s.t.Context(), s.company(), intercom.PageOptions{}))
	}},
	{"Companies.ContactsAll", func(s *stage) error {
		return several(s.c.Companies.ContactsAll(s.t.Context(), s.sb.Companies()[0].ID, intercom.PageOptions{PerPage: 1}))
	}},
	{"Companies.ListTagged", func(s *stage) error {
		if err := failure(s.c.Tags.Apply(s.t.Context(), "key account",
			intercom.TagTargets{Companies: []string{s.company()}})); err != nil {
			return err
		}
		return page(s.c.Companies.ListTagged(s.t.Context(), s.tagNamed("key account"), intercom.PageOptions{PerPage: 5}))
	}},
	{"Companies.ListInSegment", func(s *stage) error {
		segments, err := s.c.Segments.List(s.t.Context())
		if err != nil {
			return err
		}
		return failure(s.c.Companies.ListInSegment(s.t.Context(), segments[0].ID, intercom.PageOptions{}))
	}},
	{"Companies.ScrollAll", func(s *stage) error { return several(s.c.Companies.ScrollAll(s.t.Context())) }},
	{"Companies.Segments", func(s *stage) error {
		return failure(s.c.Companies.Segments(s.t.Context(), s.company()))
	}},
	{"Notes.OfCompany", func(s *stage) error {
		if err := s.noteCompany(); err != nil {
			return err
		}
		return page(s.c.Notes.OfCompany(s.t.Context(), s.company(), intercom.PageOptions{}))
	}},
	{"Notes.OfCompanyAll", func(s *stage) error {
		if err := s.noteCompany(); err != nil {
			return err
		}
		return several(s.c.Notes.OfCompanyAll(s.t.Context(), s.company(), intercom.PageOptions{PerPage: 1}))
	}},
	{"Notes.AddToCompany", (*stage).noteCompany},
	{"Companies.Save", func(s *stage) error { return failure(s.c.Companies.Save(s.t.Context(), s.companySave())) }},
	{"Companies.Update", func(s *stage) error {
		return failure(s.c.Companies.Update(s.t.Context(), s.company(), s.companyWrite()))
	}},
	{"Companies.Delete", func(s *stage) error { return s.c.Companies.Delete(s.t.Context(), s.company()) }},
}

// noteCompany writes two notes on the company.
func (s *stage) noteCompany() error {
	admin, _, _ := s.sb.Admin()
	for _, note := range []intercom.NoteWrite{{Body: "<p>one</p>"}, {Body: "two", AdminID: admin}} {
		if _, err := s.c.Notes.AddToCompany(s.t.Context(), s.company(), note); err != nil {
			return err
		}
	}
	return nil
}

// otherMethods are the calls of the small services.
var otherMethods = []method{
	{"Tags.List", func(s *stage) error { return some(s.c.Tags.List(s.t.Context())) }},
	{"Tags.Get", func(s *stage) error { return failure(s.c.Tags.Get(s.t.Context(), s.tag())) }},
	{"Tags.Create", func(s *stage) error { return failure(s.c.Tags.Create(s.t.Context(), "new")) }},
	{"Tags.Rename", func(s *stage) error { return failure(s.c.Tags.Rename(s.t.Context(), s.tag(), "renamed")) }},
	{"Tags.Delete", func(s *stage) error { return s.c.Tags.Delete(s.t.Context(), s.tagNamed("Churned")) }},
	{"Tags.Apply", func(s *stage) error {
		return failure(s.c.Tags.Apply(s.t.Context(), "t", intercom.TagTargets{Contacts: []string{s.user()}}))
	}},
	{"Tags.Apply", func(s *stage) error {
		return failure(s.c.Tags.Apply(s.t.Context(), "t", intercom.TagTargets{Companies: []string{s.company()}}))
	}},
	{"Tags.Apply", func(s *stage) error {
		return failure(s.c.Tags.Apply(s.t.Context(), "t", intercom.TagTargets{Contacts: []string{s.user()},
			Companies: []string{s.company()}}))
	}},
	{"Tags.Remove", func(s *stage) error {
		return failure(s.c.Tags.Remove(s.t.Context(), "t", intercom.TagTargets{Contacts: []string{s.user()}}))
	}},
	{"Tags.Remove", func(s *stage) error {
		return failure(s.c.Tags.Remove(s.t.Context(), "t", intercom.TagTargets{Companies: []string{s.company()}}))
	}},
	{"Notes.Get", func(s *stage) error {
		return failure(s.c.Notes.Get(s.t.Context(), s.sb.Notes(s.noted())[0].ID))
	}},
	{"Segments.List", func(s *stage) error { return some(s.c.Segments.List(s.t.Context())) }},
	{"Segments.ListCounted", func(s *stage) error { return some(s.c.Segments.ListCounted(s.t.Context())) }},
	{"Segments.Get", func(s *stage) error {
		segments, err := s.c.Segments.List(s.t.Context())
		if err != nil {
			return err
		}
		return failure(s.c.Segments.Get(s.t.Context(), segments[0].ID))
	}},
	{"Admins.Me", func(s *stage) error { return failure(s.c.Admins.Me(s.t.Context())) }},
	{"Admins.List", func(s *stage) error { return some(s.c.Admins.List(s.t.Context())) }},
	{"Admins.Get", func(s *stage) error {
		return failure(s.c.Admins.Get(s.t.Context(), s.sb.Admins()[1].ID))
	}},
	{"Admins.SetAway", (*stage).sendAway},
	{"DataAttributes.List", func(s *stage) error {
		for _, model := range []intercom.Model{intercom.ModelContact, intercom.ModelCompany} {
			if err := some(s.c.DataAttributes.List(s.t.Context(), model, true)); err != nil {
				return err
			}
		}
		return nil
	}},
	{"Subscriptions.Types", func(s *stage) error { return some(s.c.Subscriptions.Types(s.t.Context())) }},
}

// sendAway sends an admin away.
func (s *stage) sendAway() error {
	away := intercom.Away{Enabled: true, ReasonID: 1}
	return failure(s.c.Admins.SetAway(s.t.Context(), s.sb.Admins()[1].ID, away))
}

// bulkMethods are the calls of the service of bulk jobs.
var bulkMethods = []method{
	{"Bulk.Update", func(s *stage) error {
		all := s.everything()
		job, err := s.c.Bulk.Update(s.t.Context(), []intercom.BulkContact{{
			ID: s.user(), ExternalID: all.ExternalID, Email: all.Email, Name: all.Name, Phone: all.Phone, Avatar: all.Avatar,
			LanguageOverride: intercom.Value("de"), OwnerID: all.OwnerID, UnsubscribedFromEmails: all.UnsubscribedFromEmails,
			CustomAttributes: all.CustomAttributes,
			Companies:        []intercom.BulkCompany{{CompanyID: "k", Name: "K"}, {CompanyID: "l", Remove: true}},
			Tags:             intercom.BulkTags{Add: []string{s.spare()}, Remove: []string{s.tag()}},
		}})
		return s.finished(job, err)
	}},
	{"Bulk.Create", func(s *stage) error {
		all := s.everything()
		job, err := s.c.Bulk.Create(s.t.Context(), []intercom.BulkContactCreate{{
			Role: all.Role, ExternalID: all.ExternalID, Email: all.Email, Name: all.Name, Phone: all.Phone, Avatar: all.Avatar,
			LanguageOverride: intercom.Value("de"), OwnerID: all.OwnerID, UnsubscribedFromEmails: all.UnsubscribedFromEmails,
			SignedUpAt: all.SignedUpAt, LastSeenAt: all.LastSeenAt, CustomAttributes: all.CustomAttributes,
			Companies: []intercom.BulkCompany{{CompanyID: "k"}}, Tags: intercom.BulkTags{Add: []string{s.spare()}},
		}})
		return s.finished(job, err)
	}},
	{"Bulk.Delete", func(s *stage) error {
		job, err := s.c.Bulk.Delete(s.t.Context(), []string{s.user()})
		return s.finished(job, err)
	}},
	{"Bulk.Job", func(s *stage) error {
		job, err := s.c.Bulk.Delete(s.t.Context(), []string{s.user(), s.user()})
		if err != nil {
			return err
		}
		return failure(s.c.Bulk.Job(s.t.Context(), job.ID))
	}},
}

package intercom_test

import (
	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// contactMethods are the calls of the service of contacts.
var contactMethods = []method{
	{"Contacts.Get", func(s *stage) error { return failure(s.c.Contacts.Get(s.t.Context(), s.user())) }},
	{"Contacts.Get", func(s *stage) error {
		for _, contact := range s.sb.Contacts() {
			if !live(contact) {
				continue
			}
			if _, err := s.c.Contacts.Get(s.t.Context(), contact.ID); err != nil {
				return err
			}
		}
		return nil
	}},
	{"Contacts.FindByExternalID", func(s *stage) error {
		return failure(s.c.Contacts.FindByExternalID(s.t.Context(), "crm/Acme Ltd@42?x=1"))
	}},
	{"Contacts.List", func(s *stage) error { return page(s.c.Contacts.List(s.t.Context(), intercom.PageOptions{})) }},
	{"Contacts.All", func(s *stage) error {
		return several(s.c.Contacts.All(s.t.Context(), intercom.PageOptions{PerPage: 20}))
	}},
	{"Contacts.Search", func(s *stage) error {
		admin, _, _ := s.sb.Admin()
		return failure(s.c.Contacts.Search(s.t.Context(), intercom.SearchRequest{
			PerPage: 5, Sort: intercom.Sort{Field: "created_at", Descending: true},
			Query: intercom.Group{Operator: intercom.And, Of: []intercom.Query{
				intercom.Filter{Field: "created_at", Operator: intercom.Greater, Value: 1},
				intercom.Filter{Field: "has_hard_bounced", Operator: intercom.Equal, Value: false},
				intercom.Filter{Field: "owner_id", Operator: intercom.NotEqual, Value: admin},
				intercom.Filter{Field: "name", Operator: intercom.NotEqual, Value: nil},
				intercom.Filter{Field: "role", Operator: intercom.In, Value: []string{"user", "lead"}},
				intercom.Filter{Field: "name", Operator: intercom.Contains, Value: "a"},
				intercom.Filter{Field: "name", Operator: intercom.NotContains, Value: "a"},
				intercom.Filter{Field: "email", Operator: intercom.StartsWith, Value: "a"},
				intercom.Filter{Field: "email", Operator: intercom.EndsWith, Value: "a"},
				intercom.Filter{Field: "role", Operator: intercom.NotIn, Value: []string{"user"}},
				intercom.Filter{Field: "created_at", Operator: intercom.Less, Value: 1},
			}},
		}))
	}},
	{"Contacts.Search", func(s *stage) error {
		group := intercom.Group{Operator: intercom.Or, Of: []intercom.Query{
			intercom.Filter{Field: "role", Operator: intercom.Equal, Value: "user"},
			intercom.Filter{Field: "role", Operator: intercom.Equal, Value: "lead"},
		}}
		return page(s.c.Contacts.Search(s.t.Context(), intercom.SearchRequest{
			Query: intercom.Group{Operator: intercom.And, Of: []intercom.Query{group, group}},
		}))
	}},
	{"Contacts.Search", func(s *stage) error {
		return page(s.c.Contacts.Search(s.t.Context(), intercom.SearchRequest{
			Query: intercom.Group{Operator: intercom.And, Of: []intercom.Query{
				intercom.Filter{Field: "role", Operator: intercom.Equal, Value: "user"},
				intercom.Group{Operator: intercom.Or, Of: []intercom.Query{
					intercom.Filter{Field: "name", Operator: intercom.Contains, Value: "a"},
					intercom.Filter{Field: "name", Operator: intercom.Contains, Value: "b"},
				}},
			}},
		}))
	}},
	{"Contacts.Search", func(s *stage) error {
		return page(s.c.Contacts.Search(s.t.Context(), intercom.SearchRequest{
			Query: intercom.Filter{Field: "tag_id", Operator: intercom.Equal, Value: s.tag()},
		}))
	}},
	{"Contacts.SearchAll", func(s *stage) error {
		return several(s.c.Contacts.SearchAll(s.t.Context(), intercom.SearchRequest{
			PerPage: 10, Query: intercom.Filter{Field: "role", Operator: intercom.Equal, Value: "user"},
		}))
	}},
	{"Contacts.Create", func(s *stage) error {
		return failure(s.c.Contacts.Create(s.t.Context(), s.everything()))
	}},
	{"Contacts.Create", func(s *stage) error {
		return failure(s.c.Contacts.Create(s.t.Context(), intercom.ContactWrite{
			Role: intercom.Value("lead"), LanguageOverride: intercom.Value("de"),
		}))
	}},
	{"Contacts.Update", func(s *stage) error {
		return failure(s.c.Contacts.Update(s.t.Context(), s.user(), s.everything()))
	}},
	{"Contacts.Update", func(s *stage) error {
		return failure(s.c.Contacts.Update(s.t.Context(), s.user(), nothing()))
	}},
	{"Contacts.Update", func(s *stage) error {
		return failure(s.c.Contacts.Update(s.t.Context(), s.user(),
			intercom.ContactWrite{LanguageOverride: intercom.Null[string]()}))
	}},
	{"Contacts.Archive", func(s *stage) error { return s.c.Contacts.Archive(s.t.Context(), s.user()) }},
	{"Contacts.Unarchive", func(s *stage) error { return s.c.Contacts.Unarchive(s.t.Context(), s.user()) }},
	{"Contacts.Block", func(s *stage) error { return s.c.Contacts.Block(s.t.Context(), s.user()) }},
	{"Contacts.Delete", func(s *stage) error { return s.c.Contacts.Delete(s.t.Context(), s.user()) }},
	{"Contacts.Merge", func(s *stage) error {
		return failure(s.c.Contacts.Merge(s.t.Context(), intercom.Merge{From: s.lead(), Into: s.user()}))
	}},
	{"Contacts.Merge", func(s *stage) error {
		return failure(s.c.Contacts.Merge(s.t.Context(), intercom.Merge{From: s.anyone("lead").ID, Into: s.user(),
			SkipDuplicateCheck: true}))
	}},
	{"Contacts.PreviewMerge", func(s *stage) error {
		for _, lead := range []string{s.anyone("lead").ID, s.lead()} {
			for _, skip := range []bool{false, true} {
				_, err := s.c.Contacts.PreviewMerge(s.t.Context(), intercom.Merge{From: lead, Into: s.user(),
					SkipDuplicateCheck: skip})
				if err != nil {
					return err
				}
			}
		}
		return nil
	}},
	{"Contacts.MergeHistory", func(s *stage) error {
		return page(s.c.Contacts.MergeHistory(s.t.Context(), s.survivor(), intercom.PageOptions{}))
	}},
	{"Contacts.MergeHistoryAll", func(s *stage) error {
		return several(s.c.Contacts.MergeHistoryAll(s.t.Context(), s.survivor(), intercom.PageOptions{PerPage: 1}))
	}},
}

// relationMethods are the calls of the service of contacts about what belongs
// to one.
var relationMethods = []method{
	{"Contacts.Tags", func(s *stage) error { return some(s.c.Contacts.Tags(s.t.Context(), s.user())) }},
	{"Contacts.AddTag", func(s *stage) error {
		return failure(s.c.Contacts.AddTag(s.t.Context(), s.user(), s.spare()))
	}},
	{"Contacts.RemoveTag", func(s *stage) error {
		return failure(s.c.Contacts.RemoveTag(s.t.Context(), s.user(), s.tag()))
	}},
	{"Notes.OfContact", func(s *stage) error {
		return page(s.c.Notes.OfContact(s.t.Context(), s.noted(), intercom.PageOptions{}))
	}},
	{"Notes.OfContactAll", func(s *stage) error {
		return several(s.c.Notes.OfContactAll(s.t.Context(), s.noted(), intercom.PageOptions{PerPage: 4}))
	}},
	{"Notes.AddToContact", func(s *stage) error {
		admin, _, _ := s.sb.Admin()
		return failure(s.c.Notes.AddToContact(s.t.Context(), s.user(), intercom.NoteWrite{Body: "b", AdminID: admin}))
	}},
	{"Contacts.Companies", func(s *stage) error {
		return page(s.c.Contacts.Companies(s.t.Context(), s.user(), intercom.PageOptions{}))
	}},
	{"Contacts.CompaniesAll", func(s *stage) error {
		return several(s.c.Contacts.CompaniesAll(s.t.Context(), s.consultant(), intercom.PageOptions{PerPage: 5}))
	}},
	{"Contacts.AttachCompany", func(s *stage) error {
		return failure(s.c.Contacts.AttachCompany(s.t.Context(), s.user(), s.alien()))
	}},
	{"Contacts.DetachCompany", func(s *stage) error {
		return failure(s.c.Contacts.DetachCompany(s.t.Context(), s.user(), s.company()))
	}},
	{"Contacts.Segments", func(s *stage) error {
		return some(s.c.Contacts.Segments(s.t.Context(), s.user()))
	}},
	{"Subscriptions.OfContact", func(s *stage) error {
		if err := s.subscribe(); err != nil {
			return err
		}
		return some(s.c.Subscriptions.OfContact(s.t.Context(), s.user()))
	}},
	{"Subscriptions.AddToContact", (*stage).subscribe},
	{"Subscriptions.RemoveFromContact", func(s *stage) error {
		if err := s.subscribe(); err != nil {
			return err
		}
		types, err := s.c.Subscriptions.OfContact(s.t.Context(), s.user())
		if err != nil {
			return err
		}
		return failure(s.c.Subscriptions.RemoveFromContact(s.t.Context(), s.user(), types[0].ID))
	}},
}

// consultant is a contact of many companies.
func (s *stage) consultant() string {
	return named(s.t, s.sb, func(c sandbox.Contact) bool { return c.ExternalID == "consultant-12" }).ID
}

// survivor is a contact that others were merged into.
func (s *stage) survivor() string {
	into := make(map[string]string)
	for _, c := range s.sb.Contacts() {
		into[c.ID] = c.MergedInto
	}
	for id := range into {
		for into[id] != "" {
			if id = into[id]; into[id] == "" {
				return id
			}
		}
	}
	s.t.Fatal("nobody was merged")
	return ""
}

// noted is a contact with several notes.
func (s *stage) noted() string {
	for _, c := range s.sb.Contacts() {
		if live(c) && len(s.sb.Notes(c.ID)) > 4 {
			return c.ID
		}
	}
	s.t.Fatal("nobody has several notes")
	return ""
}

// subscribe sets a user's consent to each type of subscription.
func (s *stage) subscribe() error {
	types, err := s.c.Subscriptions.Types(s.t.Context())
	if err != nil {
		return err
	}
	for _, subscription := range types {
		if _, err := s.c.Subscriptions.AddToContact(s.t.Context(), s.user(), subscription.ID,
			subscription.Consent); err != nil {
			return err
		}
	}
	return nil
}

package tools

import (
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// must fails the test where what a try needs cannot be made.
func must[T any](o *oddWorld, value T, err error) T {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	return value
}

// acme is the company that is written to.
func (o *oddWorld) acme() sandbox.Company {
	return o.sandbox.Companies()[slices.IndexFunc(o.sandbox.Companies(),
		func(c sandbox.Company) bool { return c.CompanyID == "acme" })]
}

// contact makes a contact.
func (o *oddWorld) contact(role string, n int) intercom.Contact {
	w := intercom.ContactWrite{Role: intercom.Value(role), Name: intercom.Value(fmt.Sprintf("Odd%d", n)),
		Email: intercom.Value(fmt.Sprintf("odd%d@example.com", n))}
	c, err := o.api.Contacts.Create(o.t.Context(), w)
	return must(o, c, err)
}

// tagged gives a contact a tag, or takes it off, and returns its id.
func (o *oddWorld) tagged(contact string, on bool) string {
	tag := o.sandbox.Tags()[slices.IndexFunc(o.sandbox.Tags(), func(t sandbox.Tag) bool { return t.Name == "VIP" })].ID
	if slices.Contains(o.contactOf(contact).TagIDs, tag) == on {
		return tag
	}
	var err error
	if on {
		_, err = o.api.Contacts.AddTag(o.t.Context(), contact, tag)
	} else {
		_, err = o.api.Contacts.RemoveTag(o.t.Context(), contact, tag)
	}
	return must(o, tag, err)
}

// attached puts a contact into the company, or takes it out.
func (o *oddWorld) attached(contact string, on bool) {
	acme := o.acme().ID
	if slices.Contains(o.contactOf(contact).CompanyIDs, acme) == on {
		return
	}
	var err error
	if on {
		_, err = o.api.Contacts.AttachCompany(o.t.Context(), contact, acme)
	} else {
		_, err = o.api.Contacts.DetachCompany(o.t.Context(), contact, acme)
	}
	must(o, acme, err)
}

func (o *oddWorld) contactOf(id string) sandbox.Contact {
	c, _ := o.sandbox.Contact(id)
	return c
}

// named reports whether all contacts have a name.
func (o *oddWorld) named(ids []string, name string) func() bool {
	return func() bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return o.contactOf(id).Name != name })
	}
}

var oddWrites = []oddWrite{
	{"update_contact", func(o *oddWorld, n int) (object, func() bool) {
		id, name := o.user(0).ID, fmt.Sprintf("Odd%d", n)
		return object{"contact": id, "set": object{"name": name}}, o.named([]string{id}, name)
	}, []string{"GET /contacts/* name"}},
	{"update_contact", func(o *oddWorld, n int) (object, func() bool) {
		id := o.user(0).ID
		return object{"contact": id, "set": object{"custom_attributes": object{"seats": n}}},
			func() bool { return fmt.Sprint(o.contactOf(id).CustomAttributes["seats"]) == fmt.Sprint(n) }
	}, []string{"GET /contacts/* custom_attributes"}},
	{"bulk_update_contacts", func(o *oddWorld, n int) (object, func() bool) {
		ids, name := o.people(0, 12), fmt.Sprintf("Odd%d", n)
		return object{"contacts": ids, "set": object{"name": name}}, o.named(ids, name)
	}, []string{"GET /contacts/* name", "POST /contacts/search data.0.name", "POST /contacts/search data.0.role"}},
	{"bulk_update_contacts", func(o *oddWorld, n int) (object, func() bool) {
		ids, name := o.people(0, 3), fmt.Sprintf("Odd%d", n)
		return object{"where": []object{{"field": "id", "operator": "IN", "values": ids}}, "set": object{"name": name}},
			o.named(ids, name)
	}, []string{"GET /contacts/* name", "POST /contacts/search data.0.name", "POST /contacts/search data.0.role"}},
	{"create_contact", func(o *oddWorld, n int) (object, func() bool) {
		name := fmt.Sprintf("Odd%d", n)
		return object{"set": object{"name": name, "external_id": name, "email": name + "@example.com"}}, func() bool {
			return len(o.sandbox.ContactsWhere(func(c *sandbox.Contact) bool { return c.Name == name })) == 1
		}
	}, []string{"GET /contacts/* name", "GET /contacts/* external_id", "GET /contacts/* email"}},
	{"tag_contacts", func(o *oddWorld, _ int) (object, func() bool) {
		id := o.user(0).ID
		tag := o.tagged(id, false)
		return object{"contacts": []string{id}, "tag": "VIP"},
			func() bool { return slices.Contains(o.contactOf(id).TagIDs, tag) }
	}, []string{"GET /tags data.0.id", "GET /tags data.0.name"}},
	{"untag_contacts", func(o *oddWorld, _ int) (object, func() bool) {
		id := o.user(0).ID
		tag := o.tagged(id, true)
		return object{"contacts": []string{id}, "tag": "VIP"},
			func() bool { return !slices.Contains(o.contactOf(id).TagIDs, tag) }
	}, []string{"GET /tags data.0.id", "GET /tags data.0.name"}},
	{"attach_company", func(o *oddWorld, _ int) (object, func() bool) {
		id := o.user(0).ID
		o.attached(id, false)
		return object{"contacts": []string{id}, "company": o.acme().ID},
			func() bool { return slices.Contains(o.contactOf(id).CompanyIDs, o.acme().ID) }
	}, []string{"GET /companies/* id"}},
	{"detach_company", func(o *oddWorld, _ int) (object, func() bool) {
		id := o.user(0).ID
		o.attached(id, true)
		return object{"contacts": []string{id}, "company": "Acme Inc"},
			func() bool { return !slices.Contains(o.contactOf(id).CompanyIDs, o.acme().ID) }
	}, []string{"GET /companies data.0.id", "GET /companies data.0.name"}},
	{"add_note", func(o *oddWorld, n int) (object, func() bool) {
		id, body := o.user(0).ID, fmt.Sprintf("Odd%d.", n)
		return object{"contact": id, "body": body}, func() bool {
			return slices.ContainsFunc(o.sandbox.Notes(id), func(n sandbox.Note) bool { return strings.Contains(n.Body, body) })
		}
	}, []string{"GET /me id", "GET /me app", "GET /contacts/*/notes data.0.id", "GET /notes/* id"}},
	{"archive_contacts", func(o *oddWorld, n int) (object, func() bool) {
		id := o.contact("user", n).ID
		return object{"contacts": []string{id}}, func() bool { return o.contactOf(id).Archived }
	}, nil},
	{"unarchive_contacts", func(o *oddWorld, n int) (object, func() bool) {
		id := o.contact("user", n).ID
		must(o, id, o.api.Contacts.Archive(o.t.Context(), id))
		return object{"contacts": []string{id}}, func() bool { return !o.contactOf(id).Archived }
	}, nil},
	{"delete_contacts", func(o *oddWorld, n int) (object, func() bool) {
		id := o.contact("user", n).ID
		return object{"contacts": []string{id}}, func() bool { return o.contactOf(id).ID == "" }
	}, nil},
	{"block_contact", func(o *oddWorld, n int) (object, func() bool) {
		id := o.contact("user", n).ID
		return object{"contact": id}, func() bool { return o.contactOf(id).Blocked }
	}, []string{"POST /contacts/*/block id"}},
	{"merge_contacts", func(o *oddWorld, n int) (object, func() bool) {
		lead, user := o.contact("lead", n).ID, o.contact("user", n).ID
		return object{"contact": lead, "into": user}, func() bool { return o.contactOf(lead).MergedInto == user }
	}, []string{"GET /contacts/* email", "POST /contacts/merge/preview allowed"}},
	{"save_company", func(o *oddWorld, n int) (object, func() bool) {
		industry := fmt.Sprintf("Odd%d", n)
		return object{"company": o.acme().ID, "set": object{"industry": industry}},
			func() bool { return o.acme().Industry == industry }
	}, []string{"GET /companies/* id", "GET /companies/* industry"}},
	{"save_company", func(o *oddWorld, n int) (object, func() bool) {
		name := fmt.Sprintf("Odd%d", n)
		return object{"company": "company_id:" + name, "set": object{"name": name}}, func() bool {
			return slices.ContainsFunc(o.sandbox.Companies(), func(c sandbox.Company) bool { return c.CompanyID == name })
		}
	}, []string{"GET /companies data.0.id", "GET /companies data.0.company_id", "GET /companies data.0.name"}},
	{"delete_company", func(o *oddWorld, n int) (object, func() bool) {
		c, err := o.api.Companies.Save(o.t.Context(), intercom.CompanyWrite{
			CompanyID: intercom.Value(fmt.Sprintf("gone%d", n)), Name: intercom.Value("Gone")})
		id := must(o, c, err).ID
		return object{"company": id}, func() bool {
			return !slices.ContainsFunc(o.sandbox.Companies(), func(c sandbox.Company) bool { return c.ID == id && !c.Archived })
		}
	}, []string{"GET /companies/* id", "DELETE /companies/* id"}},
	{"create_tag", func(o *oddWorld, n int) (object, func() bool) {
		name := fmt.Sprintf("Odd%d", n)
		return object{"name": name}, func() bool {
			return slices.ContainsFunc(o.sandbox.Tags(), func(t sandbox.Tag) bool { return t.Name == name })
		}
	}, nil},
	{"delete_tag", func(o *oddWorld, n int) (object, func() bool) {
		tag, err := o.api.Tags.Create(o.t.Context(), fmt.Sprintf("Odd%d", n))
		name := must(o, tag, err).Name
		return object{"tag": name}, func() bool {
			return !slices.ContainsFunc(o.sandbox.Tags(), func(t sandbox.Tag) bool { return t.Name == name })
		}
	}, nil},
	{"undo_change", func(o *oddWorld, n int) (object, func() bool) {
		id, before := o.user(0).ID, o.user(0).Name
		made := o.do("update_contact", object{"contact": id, "set": object{"name": fmt.Sprintf("Odd%d", n)}})
		return object{"change": made["change"]}, o.named([]string{id}, before)
	}, []string{"GET /contacts/* name"}},
	{"confirm_change", func(o *oddWorld, n int) (object, func() bool) {
		id, phone := o.user(0).ID, fmt.Sprintf("+3247%07d", n)
		made := o.do("update_contact", object{"contact": id, "set": object{"phone": phone}})
		return object{"change": made["change"]}, func() bool { return o.contactOf(id).Phone == phone }
	}, []string{"GET /contacts/* phone"}},
}

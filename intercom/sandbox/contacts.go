package sandbox

import (
	"fmt"
	"net/http"
)

// The page sizes of contact lists.
const (
	listContactsPage   = 10
	searchContactsPage = 50
	maxContactsPage    = 150
)

// listContacts is GET /contacts, newest first.
func listContacts(q *request) (any, *apiError) {
	size, err := perPage(q.query.Get("per_page"), listContactsPage, maxContactsPage)
	if err != nil {
		return nil, err
	}
	rows := q.space.contacts.visible(q.at, func(*Contact) bool { return true })
	return view{q}.contactPage(rows, newestFirst, q.query.Get("starting_after"), size)
}

// getContact is GET /contacts/{id}. Since 2.16 a merged contact is answered with 410 and where it went.
func getContact(q *request) (any, *apiError) {
	return view{q}.found(q.space.contacts.byID[q.vars["id"]])
}

// getContactByExternalID is GET /contacts/find_by_external_id/{external_id}; it finds users, not leads.
func getContactByExternalID(q *request) (any, *apiError) {
	var found *contact
	for _, c := range q.space.contacts.all {
		if c.Role != "user" || c.ExternalID != q.vars["external_id"] {
			continue
		}
		if c.reachable() {
			return view{q}.contact(&c.Contact), nil
		}
		found = c
	}
	return view{q}.found(found)
}

// found answers with a contact, or with why not; nil is no contact.
func (v view) found(c *contact) (any, *apiError) {
	switch {
	case c == nil || c.Archived:
		return nil, errUserNotFound
	case c.MergedInto == "":
		return v.contact(&c.Contact), nil
	case v.q.version < v216:
		return nil, errUserNotFound
	}
	canonical := v.q.space.contacts.canonical(c)
	if canonical == nil {
		return nil, errUserNotFound
	}
	return nil, &apiError{
		status: http.StatusGone, code: "contact_merged",
		message: "This contact has been merged. See the 'Link' header for the canonical contact.",
		link:    fmt.Sprintf(`</contacts/%s>; rel="canonical"`, canonical.ID),
	}
}

// createContact is POST /contacts.
func createContact(q *request) (any, *apiError) {
	patch, err := q.parseContact(q.body)
	if err != nil {
		return nil, err
	}
	c, err := q.edit().newContact(patch, q.space.contacts.creationConflict)
	if err != nil {
		return nil, err
	}
	q.space.contacts.add(c, q.at)
	return view{q}.contact(&c.Contact), nil
}

// newContact makes a contact of a patch, if conflict lets it exist beside the others.
func (e edit) newContact(patch assignments[Contact], conflict func(*Contact) *apiError) (*contact, *apiError) {
	c := &contact{Contact: Contact{CreatedAt: e.now(), UpdatedAt: e.now()}}
	patch.apply(&c.Contact)
	switch {
	case c.Role == "" && c.Email == "" && c.ExternalID == "":
		return nil, fail(http.StatusBadRequest, "parameter_not_found", "email, external_id or role not specified")
	case c.Role == "user" && c.Email == "" && c.ExternalID == "":
		return nil, fail(http.StatusBadRequest, "parameter_not_found", "email or external_id not specified")
	}
	orElse(&c.Role, "user")
	if err := conflict(&c.Contact); err != nil {
		return nil, err
	}
	c.ID = e.space.ids.nextHex(e.now())
	return c, nil
}

// updateContact is PUT /contacts/{id}.
func updateContact(q *request, c *contact) (any, *apiError) {
	patch, err := q.parseContact(q.body)
	if err != nil {
		return nil, err
	}
	if err := q.edit().changeContact(c, patch); err != nil {
		return nil, err
	}
	return view{q}.contact(&c.Contact), nil
}

// changeContact applies a patch to a contact, or nothing of it.
func (e edit) changeContact(c *contact, patch assignments[Contact]) *apiError {
	next := c.Contact
	patch.apply(&next)
	if c.Role == "user" && next.Role == "lead" {
		return fail(http.StatusBadRequest, "client_error", "Contact with user role can't be converted to a lead")
	}
	if next.Role == "user" && next.Email == "" && next.ExternalID == "" {
		return fail(http.StatusBadRequest, "parameter_not_found", "email or external_id not specified")
	}
	if err := e.space.contacts.changeConflict(&c.Contact, &next); err != nil {
		return err
	}
	e.space.contacts.touch(c, e.at)
	next.UpdatedAt = c.UpdatedAt
	c.Contact = next
	return nil
}

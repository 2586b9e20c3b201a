package sandbox

import (
	"fmt"
	"net/http"
	"strings"
)

// The page sizes of contact lists.
const (
	listContactsPage   = 10
	searchContactsPage = 50
	maxContactsPage    = 150
)

// listContacts is GET /contacts, newest first.
func listContacts(q *request) (any, error) {
	size, err := perPage(q.query.Get("per_page"), listContactsPage, maxContactsPage)
	if err != nil {
		return nil, err
	}
	return q.contactPage(q.visible(q.at), newestFirst, q.query.Get("starting_after"), size)
}

// getContact is GET /contacts/{id}. Since 2.16 a merged contact is answered
// with 410 and where it went.
func getContact(q *request) (any, error) {
	return q.showContact(q.contacts[q.vars["id"]])
}

// getContactByExternalID is GET /contacts/find_by_external_id/{external_id};
// it finds users, not leads.
func getContactByExternalID(q *request) (any, error) {
	var found *contact
	for _, c := range q.people {
		if c.Role != "user" || c.ExternalID != q.vars["external_id"] {
			continue
		}
		if c.reachable() {
			return q.contactJSON(&c.Contact), nil
		}
		found = c
	}
	return q.showContact(found)
}

// showContact answers with a contact, or with why not; nil is no contact.
func (q *request) showContact(c *contact) (any, error) {
	switch {
	case c == nil || c.Archived:
		return nil, errUserNotFound
	case c.MergedInto == "":
		return q.contactJSON(&c.Contact), nil
	case q.version < v216:
		return nil, errUserNotFound
	}
	canonical := q.canonical(c)
	if canonical == nil {
		return nil, errUserNotFound
	}
	return nil, &apiError{
		status: http.StatusGone, code: "contact_merged",
		message: "This contact has been merged. See the 'Link' header for the canonical contact.",
		link:    fmt.Sprintf(`</contacts/%s>; rel="canonical"`, canonical.ID),
	}
}

// mergeHops is how far a chain of merges is followed.
const mergeHops = 3

// canonical is the contact that a merged one ended up in, nil when that is
// gone too.
func (w *workspace) canonical(c *contact) *contact {
	for range mergeHops {
		if c == nil || c.MergedInto == "" {
			break
		}
		c = w.contacts[c.MergedInto]
	}
	return c
}

// createContact is POST /contacts.
func createContact(q *request) (any, error) {
	patch, err := q.parseContact(q.body)
	if err != nil {
		return nil, err
	}
	c, err := q.newContact(patch, q.creationConflict)
	if err != nil {
		return nil, err
	}
	q.addContact(c, q.at)
	return q.contactJSON(&c.Contact), nil
}

// newContact makes a contact of a patch, if conflict lets it exist beside the
// others.
func (q *request) newContact(patch contactPatch, conflict func(*Contact) *apiError) (*contact, *apiError) {
	c := &contact{Contact: Contact{CreatedAt: q.now(), UpdatedAt: q.now()}}
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
	c.ID = q.nextHexID(q.now())
	return c, nil
}

// updateContact is PUT /contacts/{id}.
func updateContact(q *request) (any, error) {
	c, err := q.writable(q.vars["id"])
	if err != nil {
		return nil, err
	}
	patch, err := q.parseContact(q.body)
	if err != nil {
		return nil, err
	}
	if err := q.changeContact(c, patch); err != nil {
		return nil, err
	}
	return q.contactJSON(&c.Contact), nil
}

// changeContact applies a patch to a contact, or nothing of it.
func (q *request) changeContact(c *contact, patch contactPatch) *apiError {
	next := c.clone()
	patch.apply(&next)
	if c.Role == "user" && next.Role == "lead" {
		return fail(http.StatusBadRequest, "client_error", "Contact with user role can't be converted to a lead")
	}
	if next.Role == "user" && next.Email == "" && next.ExternalID == "" {
		return fail(http.StatusBadRequest, "parameter_not_found", "email or external_id not specified")
	}
	if err := q.changeConflict(&c.Contact, &next); err != nil {
		return err
	}
	q.touch(c, q.at)
	next.UpdatedAt = c.UpdatedAt
	c.Contact = next
	return nil
}

// creationConflict refuses a user with the external id of another, or with the
// e-mail of another if no external id is given. Leads never conflict.
func (w *workspace) creationConflict(c *Contact) *apiError {
	if c.Role == "lead" {
		return nil
	}
	return w.conflict(func(other *contact) bool {
		if c.ExternalID != "" {
			return other.ExternalID == c.ExternalID
		}
		return strings.EqualFold(other.Email, c.Email)
	})
}

// changeConflict refuses a change to an external id or e-mail of another user.
func (w *workspace) changeConflict(c, next *Contact) *apiError {
	promoted := c.Role != next.Role
	newID := next.ExternalID != "" && (promoted || next.ExternalID != c.ExternalID)
	newEmail := next.Email != "" && (promoted || !strings.EqualFold(next.Email, c.Email))
	if next.Role == "lead" || !newID && !newEmail {
		return nil
	}
	return w.conflict(func(other *contact) bool {
		return other.ID != c.ID && (newID && other.ExternalID == next.ExternalID ||
			newEmail && strings.EqualFold(other.Email, next.Email))
	})
}

// conflict names the user that is the same, a live one before an archived one.
func (w *workspace) conflict(same func(*contact) bool) *apiError {
	var archived *contact
	for _, other := range w.people {
		switch {
		case other.Role != "user" || other.MergedInto != "" || !same(other):
		case other.Blocked:
			return errBlocked
		case other.Archived:
			archived = other
		default:
			return fail(http.StatusConflict, "conflict", "A contact matching those details already exists with id=%s", other.ID)
		}
	}
	if archived != nil {
		return fail(http.StatusConflict, "conflict", "An archived contact matching those details already exists with id=%s",
			archived.ID)
	}
	return nil
}

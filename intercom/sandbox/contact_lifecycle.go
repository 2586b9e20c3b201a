package sandbox

import (
	"net/http"
	"slices"
)

// contactState is the answer to an operation that ends or restores a contact. Up to 2.9 it says "object" where later
// versions say "type", and has no external id.
type contactState struct {
	Type       string   `json:"type,omitempty"`
	ID         string   `json:"id"`
	Object     string   `json:"object,omitempty"`
	ExternalID optional `json:"external_id,omitzero"`
	Deleted    optional `json:"deleted,omitzero"`
	Archived   optional `json:"archived,omitzero"`
	Blocked    optional `json:"blocked,omitzero"`
}

// contactState begins an answer; the caller adds what happened.
func (v view) contactState(c *contact) contactState {
	if v.q.version < v210 {
		return contactState{Object: "contact", ID: c.ID}
	}
	return contactState{Type: "contact", ID: c.ID, ExternalID: optional{true, orNull(c.ExternalID)}}
}

// deleteContact is DELETE /contacts/{id}.
func deleteContact(q *request, c *contact) (any, *apiError) {
	q.edit().eraseContact(c)
	out := view{q}.contactState(c)
	out.Deleted = optional{true, true}
	return out, nil
}

// eraseContact removes a contact for good.
func (e edit) eraseContact(c *contact) {
	e.space.notes.drop(c.ID)
	delete(e.space.contacts.byID, c.ID)
	e.space.contacts.all = slices.DeleteFunc(e.space.contacts.all, func(other *contact) bool { return other == c })
}

// archiveContact is POST /contacts/{id}/archive.
func archiveContact(q *request, c *contact) (any, *apiError) {
	q.space.contacts.touch(c, q.at)
	c.Archived = true
	out := view{q}.contactState(c)
	out.Archived = optional{true, true}
	return out, nil
}

// unarchiveContact is POST /contacts/{id}/unarchive.
func unarchiveContact(q *request) (any, *apiError) {
	if c := q.space.contacts.byID[q.vars["id"]]; c != nil && c.MergedInto != "" {
		return nil, fail(http.StatusBadRequest, "bad_request", "User has been merged and is not restorable.")
	}
	c, err := q.space.contacts.erasable(q.vars["id"])
	if err != nil {
		return nil, err
	}
	if c.Blocked {
		return nil, errBlocked
	}
	q.space.contacts.touch(c, q.at)
	c.Archived = false
	out := view{q}.contactState(c)
	out.Archived = optional{true, false}
	return out, nil
}

// blockContact is POST /contacts/{id}/block. Nothing lifts it.
func blockContact(q *request, c *contact) (any, *apiError) {
	q.space.contacts.touch(c, q.at)
	c.Blocked = true
	out := view{q}.contactState(c)
	out.Blocked = optional{true, true}
	return out, nil
}

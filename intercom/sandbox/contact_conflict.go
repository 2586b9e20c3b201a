package sandbox

import (
	"net/http"
	"strings"
)

// creationConflict refuses a user with the external id of another, or with the
// e-mail of another if no external id is given. Leads never conflict.
func (s *contactStore) creationConflict(c *Contact) *apiError {
	if c.Role == "lead" {
		return nil
	}
	return s.conflict(func(other *contact) bool {
		if c.ExternalID != "" {
			return other.ExternalID == c.ExternalID
		}
		return strings.EqualFold(other.Email, c.Email)
	})
}

// strictConflict refuses a user who shares an external id or an e-mail with another one.
func (s *contactStore) strictConflict(c *Contact) *apiError {
	if c.Role == "lead" {
		return nil
	}
	return s.conflict(func(other *contact) bool {
		return c.ExternalID != "" && other.ExternalID == c.ExternalID ||
			c.Email != "" && strings.EqualFold(other.Email, c.Email)
	})
}

// changeConflict refuses a change to an external id or e-mail of another user.
func (s *contactStore) changeConflict(c, next *Contact) *apiError {
	promoted := c.Role != next.Role
	newID := next.ExternalID != "" && (promoted || next.ExternalID != c.ExternalID)
	newEmail := next.Email != "" && (promoted || !strings.EqualFold(next.Email, c.Email))
	if next.Role == "lead" || !newID && !newEmail {
		return nil
	}
	return s.conflict(func(other *contact) bool {
		return other.ID != c.ID && (newID && other.ExternalID == next.ExternalID ||
			newEmail && strings.EqualFold(other.Email, next.Email))
	})
}

// conflict names the user that is the same, a live one before an archived one.
func (s *contactStore) conflict(same func(*contact) bool) *apiError {
	var archived *contact
	for _, other := range s.all {
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

package intercom

import "context"

// TagService calls the endpoints of tags. Tagging one contact is among those
// of contacts.
type TagService service

// Tag is a label for contacts and companies. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/tag
type Tag struct {
	ID   string
	Name string
	// When and by which admin it was applied: told where the tag is that of
	// one contact, zero elsewhere.
	AppliedAt Time
	AppliedBy string
}

type tagWire struct {
	ID        looseString `json:"id"`
	Name      string      `json:"name"`
	AppliedAt Time        `json:"applied_at"`
	AppliedBy reference   `json:"applied_by"`
}

func (w tagWire) model() (Tag, error) {
	if w.ID == "" {
		return Tag{}, errNoID
	}
	return Tag{ID: string(w.ID), Name: w.Name, AppliedAt: w.AppliedAt, AppliedBy: string(w.AppliedBy.ID)}, nil
}

// List returns all tags of the workspace.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/listtags
func (s *TagService) List(ctx context.Context) ([]Tag, error) {
	return every[tagWire](ctx, s.client, safeRead("GET /tags"))
}

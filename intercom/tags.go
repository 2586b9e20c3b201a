package intercom

import "context"

// TagService calls the endpoints of tags. [ContactService] tags single contacts.
type TagService service

// Tag is a label for contacts and companies. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/tag
type Tag struct {
	ID   string
	Name string
	// When and by which admin it was applied: set in the tags of one contact, zero elsewhere.
	AppliedAt Time
	AppliedBy string
}

type tagWire struct {
	ID        looseString `json:"id" record:"tag"`
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

// Get returns a tag.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/findtag
func (s *TagService) Get(ctx context.Context, id string) (Tag, error) {
	return one[tagWire](ctx, s.client, safeRead("GET /tags/{id}", id))
}

// tagBody is what POST /tags takes.
type tagBody struct {
	ID        string      `json:"id,omitempty"`
	Name      string      `json:"name"`
	Users     []tagTarget `json:"users,omitempty"`
	Companies []tagTarget `json:"companies,omitempty"`
}

type tagTarget struct {
	ID    string `json:"id"`
	Untag bool   `json:"untag,omitempty"`
}

// Create returns the tag of a name, whatever its case, and creates it if there is none.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/createtag
func (s *TagService) Create(ctx context.Context, name string) (Tag, error) {
	return one[tagWire](ctx, s.client, idempotent("POST /tags").with(tagBody{Name: name}))
}

// Rename renames a tag.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/createtag
func (s *TagService) Rename(ctx context.Context, id, name string) (Tag, error) {
	r := absolute("POST /tags").naming("tag id", id).with(tagBody{ID: id, Name: name})
	return one[tagWire](ctx, s.client, r)
}

// Delete deletes a tag and removes it from everything. It fails with KindConflict if segments depend on the tag.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/deletetag
func (s *TagService) Delete(ctx context.Context, id string) error {
	r := idempotent("DELETE /tags/{id}", id).noContent().doneWhenGone()
	return s.client.perform(ctx, r, func([]byte) error { return nil })
}

// TagTargets are contacts and companies, by Intercom's ids.
type TagTargets struct {
	Contacts  []string
	Companies []string
}

// Tagging is the outcome of tagging many.
type Tagging struct {
	Tag Tag
	// Confirmed are the targets that Intercom reports as tagged or untagged; unknown ones are missing. Versions before
	// 2.16 fail as a whole instead, and every target counts as confirmed.
	Confirmed TagTargets
}

type taggingWire struct {
	tagWire
	Users     []reference `json:"users"`
	Companies []reference `json:"companies"`
}

func (w taggingWire) model() (Tagging, error) {
	tag, err := w.tagWire.model()
	return Tagging{Tag: tag, Confirmed: TagTargets{Contacts: idsOf(w.Users), Companies: idsOf(w.Companies)}}, err
}

func idsOf(refs []reference) []string {
	var ids []string
	for _, ref := range refs {
		ids = append(ids, string(ref.ID))
	}
	return ids
}

// Apply tags many contacts and companies with the tag of a name, which it creates if there is none.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/createtag
func (s *TagService) Apply(ctx context.Context, name string, targets TagTargets) (Tagging, error) {
	return s.tagMany(ctx, name, targets, false)
}

// Remove removes the tag of a name from many contacts and companies.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tags/createtag
func (s *TagService) Remove(ctx context.Context, name string, targets TagTargets) (Tagging, error) {
	return s.tagMany(ctx, name, targets, true)
}

func (s *TagService) tagMany(ctx context.Context, name string, targets TagTargets, untag bool) (Tagging, error) {
	r := idempotent("POST /tags")
	body := tagBody{Name: name}
	for _, id := range targets.Contacts {
		r = r.naming("contact id", id)
		body.Users = append(body.Users, tagTarget{id, untag})
	}
	for _, id := range targets.Companies {
		r = r.naming("company id", id)
		body.Companies = append(body.Companies, tagTarget{id, untag})
	}
	tagging, err := one[taggingWire](ctx, s.client, r.with(body))
	if err == nil && s.client.conn.version.before(16) {
		tagging.Confirmed = targets
	}
	return tagging, err
}

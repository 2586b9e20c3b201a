package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Tag is a tag of contacts and companies.
type Tag struct {
	ID   string
	Name string
}

// tagging is when, and by which admin, a contact was tagged.
type tagging struct {
	At int64
	By string
}

// tagJSON is a tag on the wire. Only the tags of a contact have the time and the admin of their application.
type tagJSON struct {
	Type      string   `json:"type"`
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	AppliedAt optional `json:"applied_at,omitzero"`
	AppliedBy optional `json:"applied_by,omitzero"`
}

type adminRef struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (t *Tag) json() tagJSON { return tagJSON{Type: "tag", ID: t.ID, Name: t.Name} }

// appliedJSON is a contact's tag.
func (t *Tag) appliedJSON(how tagging) tagJSON {
	out := t.json()
	out.AppliedAt = optional{true, orNull(how.At)}
	out.AppliedBy = optional{present: true}
	if how.By != "" {
		out.AppliedBy.value = adminRef{"admin", how.By}
	}
	return out
}

// tagList is the tags of the workspace.
type tagList []*Tag

// byID returns a tag, or nil.
func (l tagList) byID(id string) *Tag {
	return first(l, func(t *Tag) bool { return t.ID == id })
}

// named returns the tag of that name in any case, or nil.
func (l tagList) named(name string) *Tag {
	return first(l, func(t *Tag) bool { return strings.EqualFold(t.Name, name) })
}

// listTags is GET /tags.
func listTags(q *request) (any, *apiError) {
	data := []any{}
	for _, t := range q.space.tags {
		data = append(data, t.json())
	}
	return listJSON{"list", data}, nil
}

// getTag is GET /tags/{id}.
func getTag(q *request) (any, *apiError) {
	t := q.space.tags.byID(q.vars["id"])
	if t == nil {
		return nil, errResourceNotFound
	}
	return t.json(), nil
}

// listContactTags is GET /contacts/{id}/tags.
func listContactTags(q *request, c *contact) (any, *apiError) {
	data := []any{}
	for _, id := range c.TagIDs {
		data = append(data, q.space.tags.byID(id).appliedJSON(c.taggings[id]))
	}
	return listJSON{"list", data}, nil
}

// tagContact is POST /contacts/{id}/tags.
func tagContact(q *request, c *contact) (any, *apiError) {
	id, ok := idText(q.body.value("id"))
	if !ok {
		return nil, errTagParameters
	}
	t := q.space.tags.byID(id)
	if t == nil {
		return nil, errResourceNotFound
	}
	q.edit().addTag(c, t)
	return t.appliedJSON(c.taggings[t.ID]), nil
}

// untagContact is DELETE /contacts/{id}/tags/{tag}.
func untagContact(q *request, c *contact) (any, *apiError) {
	t := q.space.tags.byID(q.vars["tag"])
	if t == nil || !slices.Contains(c.TagIDs, t.ID) {
		return nil, errResourceNotFound
	}
	how := c.taggings[t.ID]
	q.edit().removeTag(c, t.ID)
	return t.appliedJSON(how), nil
}

// addTag tags a contact; again changes nothing.
func (e edit) addTag(c *contact, t *Tag) {
	if slices.Contains(c.TagIDs, t.ID) {
		return
	}
	e.space.contacts.touch(c, e.at)
	c.TagIDs = append(slices.Clip(c.TagIDs), t.ID)
	taggings := make(map[string]tagging, len(c.TagIDs))
	maps.Copy(taggings, c.taggings)
	taggings[t.ID] = tagging{e.now(), e.space.admins[0].ID}
	c.taggings = taggings
}

// removeTag takes a tag off a contact.
func (e edit) removeTag(c *contact, id string) {
	if !slices.Contains(c.TagIDs, id) {
		return
	}
	e.space.contacts.touch(c, e.at)
	c.TagIDs = without(c.TagIDs, id)
	c.taggings = maps.Clone(c.taggings)
	delete(c.taggings, id)
}

// deleteTag is DELETE /tags/{id}, answered with an empty body.
func deleteTag(q *request) (any, *apiError) {
	t := q.space.tags.byID(q.vars["id"])
	if t == nil {
		return nil, errResourceNotFound
	}
	return nil, q.edit().deleteTag(t)
}

// deleteTag takes a tag off everything and forgets it. A tag that a segment's rule uses stays.
func (e edit) deleteTag(t *Tag) *apiError {
	var users []string
	for _, s := range e.space.segments {
		if s.tagID == t.ID {
			users = append(users, s.Name)
		}
	}
	if len(users) > 0 {
		return fail(http.StatusBadRequest, "tag_has_dependent_objects",
			"Unable to delete Tag with dependent objects. Segments: %s.", strings.Join(users, ", "))
	}
	for _, c := range e.space.contacts.all {
		e.removeTag(c, t.ID)
	}
	for _, c := range e.space.companies.all {
		c.TagIDs = without(c.TagIDs, t.ID)
	}
	e.space.tags = slices.DeleteFunc(e.space.tags, func(other *Tag) bool { return other == t })
	return nil
}

// DeleteTag deletes the tag of that name as a teammate does in Intercom's own pages: past the API, its rate windows
// and the journal. It reports whether there was such a tag, and no segment asked for it.
func (s *Sandbox) DeleteTag(name string) bool {
	return read(s, func(w *workspace) bool {
		t := w.tags.named(name)
		return t != nil && edit{w, s.clock.now()}.deleteTag(t) == nil
	})
}

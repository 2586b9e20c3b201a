package sandbox

import "strings"

// tagTarget is one contact or company in the body of POST /tags.
type tagTarget struct {
	given string // the id as the caller wrote it
	untag bool
	apply func(edit, *Tag, bool) // attach (true) or remove the tag; nil for what does not exist
}

// taggedJSON is a target in the answer.
type taggedJSON struct {
	ID     string `json:"id"`
	Tagged bool   `json:"tagged"`
}

// saveTag is POST /tags: it creates or renames a tag, and tags or untags contacts and companies with it. Since 2.16 it
// skips unknown targets and reports the tagged ones; before, an unknown target fails the call.
func saveTag(q *request) (any, *apiError) {
	if err := q.only("name", "id", "companies", "users"); err != nil {
		return nil, err
	}
	name, _ := text(q.body.value("name"))
	if name = strings.TrimSpace(name); name == "" {
		return nil, errTagParameters
	}
	users, err := q.tagTargets("users", q.tagUser, errUserNotFound)
	if err != nil {
		return nil, err
	}
	companies, err := q.tagTargets("companies", q.tagCompany, errCompanyNotFound)
	if err != nil {
		return nil, err
	}
	t, err := q.namedTag(name)
	if err != nil {
		return nil, err
	}
	taggedUsers, taggedCompanies := q.edit().applyTag(t, users), q.edit().applyTag(t, companies)
	if q.version < v216 {
		return t.json(), nil
	}
	return struct {
		Type      string       `json:"type"`
		ID        string       `json:"id"`
		Name      string       `json:"name"`
		Users     []taggedJSON `json:"users"`
		Companies []taggedJSON `json:"companies"`
	}{"tag", t.ID, t.Name, taggedUsers, taggedCompanies}, nil
}

// namedTag is the tag that POST /tags names: with an id the tag of that id,
// renamed, and else the tag of that name, which is made where there is none.
func (q *request) namedTag(name string) (*Tag, *apiError) {
	named := q.space.tags.named(name)
	if raw, ok := q.body.given("id"); ok {
		id, _ := idText(raw)
		t := q.space.tags.byID(id)
		if t == nil {
			return nil, errResourceNotFound
		}
		if named != nil && named != t {
			return nil, errTagParameters
		}
		t.Name = name
		return t, nil
	}
	if named == nil {
		named = &Tag{q.space.ids.nextDecimal(), name}
		q.space.tags = append(q.space.tags, named)
	}
	return named, nil
}

// tagTargets reads one list of targets: find looks up the target of one element, and missing refuses one that does not
// exist.
func (q *request) tagTargets(
	key string, find func(object) (tagTarget, *apiError), missing *apiError,
) ([]tagTarget, *apiError) {
	raw, ok := q.body.given(key)
	if !ok {
		return nil, nil
	}
	elements, ok := list(raw)
	if !ok {
		return nil, errTagParameters
	}
	var targets []tagTarget
	for _, element := range elements {
		o, ok := parseObject(element)
		if !ok {
			return nil, errTagParameters
		}
		target, err := find(o)
		if err != nil {
			return nil, err
		}
		if target.apply == nil && q.version < v216 {
			return nil, missing
		}
		target.untag, _ = truth(o.value("untag"))
		targets = append(targets, target)
	}
	return targets, nil
}

// tagUser finds a contact by its id.
func (q *request) tagUser(o object) (tagTarget, *apiError) {
	id, ok := idText(o.value("id"))
	if !ok {
		return tagTarget{}, errTagParameters
	}
	target := tagTarget{given: id}
	c, err := q.space.contacts.find(id)
	if err != nil {
		return target, nil
	}
	target.apply = func(e edit, t *Tag, attach bool) {
		if attach {
			e.addTag(c, t)
		} else {
			e.removeTag(c, t.ID)
		}
	}
	return target, q.space.contacts.failing[id]
}

// tagCompany finds a company by Intercom's id or the workspace's own.
func (q *request) tagCompany(o object) (tagTarget, *apiError) {
	raw, byID := o.given("id")
	if !byID {
		raw = o.value("company_id")
	}
	id, ok := idText(raw)
	if !ok {
		return tagTarget{}, errTagParameters
	}
	target := tagTarget{given: id}
	c := q.space.companies.byKey(id)
	if byID {
		c, _ = q.space.companies.find(id)
	}
	if c == nil {
		return target, nil
	}
	target.apply = func(_ edit, t *Tag, attach bool) {
		c.TagIDs = without(c.TagIDs, t.ID)
		if attach {
			c.TagIDs = append(c.TagIDs, t.ID)
		}
	}
	return target, nil
}

// applyTag tags and untags the targets that exist.
func (e edit) applyTag(t *Tag, targets []tagTarget) []taggedJSON {
	done := []taggedJSON{}
	for _, target := range targets {
		if target.apply != nil {
			target.apply(e, t, !target.untag)
			done = append(done, taggedJSON{target.given, !target.untag})
		}
	}
	return done
}

package sandbox

import (
	"slices"
)

// The members that the items of each bulk operation may have; others are ignored.
var (
	bulkUpdateFields = []string{
		"external_id", "email", "name", "phone", "avatar", "language_override", "custom_attributes", "owner_id",
		"unsubscribed_from_emails",
	}
	bulkCreateFields = append([]string{"role", "signed_up_at", "last_seen_at"}, bulkUpdateFields...)
)

// The bulk operations on contacts.
var (
	contactCreate = &bulkOperation{run: bulkCreateContact}
	contactUpdate = &bulkOperation{byID: true, run: bulkUpdateContact}
	contactDelete = &bulkOperation{byID: true, run: bulkDeleteContact}
)

// bulkCreateContact creates a contact strictly: an id in the item means
// nothing, and a user with the same external id or e-mail fails it.
func bulkCreateContact(e edit, item object) *apiError {
	patch, err := e.space.parseContactFields(item, bulkCreateFields)
	if err != nil {
		return err
	}
	relations, err := parseBulkRelations(item, false)
	if err != nil {
		return err
	}
	c, err := e.newContact(patch, e.space.contacts.strictConflict)
	if err != nil {
		return err
	}
	e.space.contacts.add(c, e.at)
	return e.relate(c, relations)
}

func bulkUpdateContact(e edit, item object) *apiError {
	id, _ := text(item.value("id"))
	c, err := e.space.contacts.writable(id)
	if err != nil {
		return err
	}
	patch, err := e.space.parseContactFields(item, bulkUpdateFields)
	if err != nil {
		return err
	}
	relations, err := parseBulkRelations(item, true)
	if err != nil {
		return err
	}
	if err := e.changeContact(c, patch); err != nil {
		return err
	}
	return e.relate(c, relations)
}

func bulkDeleteContact(e edit, item object) *apiError {
	id, _ := text(item.value("id"))
	c, err := e.space.contacts.erasable(id)
	if err != nil {
		return err
	}
	e.eraseContact(c)
	return nil
}

// bulkRelations are the companies and tags of a bulk item.
type bulkRelations struct {
	companies []bulkCompany
	addTags   []string
	dropTags  []string
}

// bulkCompany is a company that a bulk item attaches, or removes, by the workspace's own id.
type bulkCompany struct {
	key, name string
	remove    bool
}

// parseBulkRelations reads an item's companies and tags. Only updates remove.
func parseBulkRelations(item object, removing bool) (bulkRelations, *apiError) {
	var out bulkRelations
	if raw, ok := item.given("companies"); ok {
		elements, ok := list(raw)
		if !ok {
			return out, invalidField("companies")
		}
		for _, element := range elements {
			o, _ := parseObject(element)
			key, ok := idText(o.value("company_id"))
			if !ok || key == "" {
				return out, missingField("company_id")
			}
			name, _ := text(o.value("name"))
			remove, _ := truth(o.value("remove"))
			out.companies = append(out.companies, bulkCompany{key, name, remove && removing})
		}
	}
	if raw, ok := item.given("tags"); ok {
		tags, ok := parseObject(raw)
		if !ok {
			return out, invalidField("tags")
		}
		out.addTags = bulkTagIDs(tags, "add")
		if removing {
			out.dropTags = bulkTagIDs(tags, "remove")
		}
	}
	return out, nil
}

// bulkTagIDs reads the ids in one member of an item's tags. What is not the id of a tag is passed over.
func bulkTagIDs(tags object, member string) []string {
	elements, _ := list(tags.value(member))
	var ids []string
	for _, element := range elements {
		o, _ := parseObject(element)
		if id, ok := idText(o.value("id")); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// relate applies an item's companies and tags. Missing companies are created; missing tags are silently skipped.
func (e edit) relate(c *contact, r bulkRelations) *apiError {
	for _, given := range r.companies {
		firm := e.space.companies.byKey(given.key)
		if given.remove {
			if firm != nil && slices.Contains(c.CompanyIDs, firm.ID) {
				e.detach(c, firm.ID)
			}
			continue
		}
		if firm == nil {
			firm = e.newCompany(given.key)
		}
		if given.name != "" {
			firm.Name = given.name
			firm.UpdatedAt = e.now()
		}
		if err := e.attach(c, firm); err != nil {
			return err
		}
	}
	for _, id := range r.addTags {
		if t := e.space.tags.byID(id); t != nil {
			e.addTag(c, t)
		}
	}
	for _, id := range r.dropTags {
		e.removeTag(c, id)
	}
	return nil
}

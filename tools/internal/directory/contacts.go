package directory

import (
	"context"
	"fmt"
	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
	"slices"
	"strings"
)

// Contacts resolves contact references, in their order. The same contact written twice is one.
func (r *Resolver) Contacts(ctx context.Context, texts []string) ([]*intercom.Contact, error) {
	list, err := r.ResolveAll(ctx, texts, "contacts[%d]")
	return r.dedupe(list), err
}

// ResolveAll resolves contact references one to one; place is the format of a reference's place in the arguments, given
// its index. A reference written twice is asked for once.
func (r *Resolver) ResolveAll(ctx context.Context, texts []string, place string) ([]*intercom.Contact, error) {
	refs, err := ParseContacts(texts, place)
	if err != nil {
		return nil, err
	}
	if len(texts) <= FewContacts {
		return r.resolveSingly(ctx, texts, place)
	}
	var ids, emails []string
	for i, ref := range refs {
		if slices.Index(texts, texts[i]) < i {
			continue
		}
		if err := r.checkWorkspace(ctx, ref); err != nil {
			return nil, toolerr.At(err, fmt.Sprintf(place, i))
		}
		switch {
		case ref.ID != "":
			ids = append(ids, ref.ID)
		case ref.Name != "":
			emails = append(emails, ref.Name)
		}
	}
	byEmail := make(map[string][]intercom.Contact)
	if err := SearchEach(ctx, r.Client, "email", emails, func(c *intercom.Contact) {
		byEmail[strings.ToLower(c.Email)] = append(byEmail[strings.ToLower(c.Email)], *c)
	}); err != nil {
		return nil, err
	}
	byID, err := ReadContacts(ctx, r.Client, ids)
	if err != nil {
		return nil, err
	}
	return eachOnce(texts, place, func(i int) (*intercom.Contact, error) {
		return r.pick(ctx, refs[i], texts[i], byID,
			byEmail)
	})
}

// FindEach finds the contacts whose field has one of the values, by value: email in lower case, external_id or id. Of a
// few it reads the records themselves; of more, what a search shows.
func (r *Resolver) FindEach(
	ctx context.Context, field string, values []string,
) (map[string][]*intercom.Contact, error) {
	found := make(map[string][]*intercom.Contact, len(values))
	if field == "id" {
		read, err := ReadContacts(ctx, r.Client, values)
		for id, c := range read {
			found[id] = []*intercom.Contact{c}
		}
		return found, err
	}
	key := func(c *intercom.Contact) string {
		if field == "email" {
			return strings.ToLower(c.Email)
		}
		return c.ExternalID
	}
	var ids []string
	listed := make(map[string]*intercom.Contact)
	if err := SearchEach(ctx, r.Client, field, values, func(c *intercom.Contact) {
		ids, listed[c.ID] = append(ids, c.ID), c
	}); err != nil {
		return nil, err
	}
	if len(ids) <= FreshContacts {
		fresh, _, err := ReadFresh(ctx, r.Client, ids)
		if err != nil {
			return nil, err
		}
		listed = fresh
	}
	wanted := make(map[string]bool, len(values))
	for _, value := range values {
		wanted[value] = true
	}
	for _, id := range ids {
		if c := listed[id]; c != nil && wanted[key(c)] {
			found[key(c)] = append(found[key(c)], c)
			delete(listed, id) // a search may show it twice
		}
	}
	return found, nil
}

// eachOnce resolves each text by its index, what is written again by its first time.
func eachOnce(texts []string, place string, resolve func(i int) (*intercom.Contact, error)) ([]*intercom.Contact,
	error) {
	list := make([]*intercom.Contact, len(texts))
	for i, text := range texts {
		if first := slices.Index(texts, text); first < i {
			list[i] = list[first]
			continue
		}
		c, err := resolve(i)
		if err != nil {
			return nil, toolerr.At(err, fmt.Sprintf(place, i))
		}
		list[i] = c
	}
	return list, nil
}

// ParseContacts reads contact references without asking Intercom: planners
// begin with it, so that a malformed one is refused before anything is sent.
func ParseContacts(texts []string, place string) ([]reference, error) {
	refs := make([]reference, len(texts))
	for i, text := range texts {
		ref, err := ParseContact(text)
		if err != nil {
			return nil, toolerr.At(err, fmt.Sprintf(place, i))
		}
		ref.Name = strings.ToLower(ref.Name)
		refs[i] = ref
	}
	return refs, nil
}

// pick takes the contact that a reference means out of what was read.
func (r *Resolver) pick(ctx context.Context, ref reference, text string, byID map[string]*intercom.Contact,
	byEmail map[string][]intercom.Contact) (*intercom.Contact, error) {
	if ref.ID != "" && byID[ref.ID] != nil {
		return byID[ref.ID], nil
	}
	if ref.Name != "" && len(byEmail[ref.Name]) == 1 {
		return r.verifyEmail(ctx, byEmail[ref.Name][0].ID, ref.Name)
	}
	return r.Contact(ctx, text) // an external_id, or an error told in full
}

// resolveSingly resolves a few references one by one.
func (r *Resolver) resolveSingly(ctx context.Context, texts []string, place string) ([]*intercom.Contact, error) {
	return eachOnce(texts, place, func(i int) (*intercom.Contact, error) { return r.Contact(ctx, texts[i]) })
}

// dedupe drops repeated contacts and says so.
func (r *Resolver) dedupe(list []*intercom.Contact) []*intercom.Contact {
	seen := make(map[string]bool, len(list))
	kept := list[:0]
	for _, c := range list {
		if !seen[c.ID] {
			seen[c.ID] = true
			kept = append(kept, c)
		}
	}
	if dropped := len(list) - len(kept); dropped > 0 {
		r.Note("%s named more than once", text.Plural(dropped, "contact"))
	}
	return kept
}

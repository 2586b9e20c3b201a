package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/toolerr"
)

// Contacts resolves contact references, in their order. The same contact written twice is one. The error names every
// reference that means none, but for those whose error skip takes.
func (r *Resolver) Contacts(ctx context.Context, texts []string,
	skip func(err error) bool) ([]*intercom.Contact, error) {
	var bad toolerr.Several
	list, err := r.ResolveEach(ctx, texts, func(i int, err error) error {
		if skip(err) {
			return nil
		}
		return bad.Add(ContactPlace(i), err)
	})
	if err = cmp.Or(err, bad.Err()); err != nil {
		return nil, err
	}
	return dedupe(list, texts, r.Note), nil
}

// ContactPlace is the place of a reference in the argument contacts.
func ContactPlace(i int) string { return fmt.Sprintf("contacts[%d]", i) }

// ResolveEach resolves contact references one to one. For each that means no contact, or several, it calls wrong with
// its index, and goes on with the others, unless wrong returns an error; its contact is nil. A reference written twice
// is asked for once.
func (r *Resolver) ResolveEach(ctx context.Context, texts []string, wrong func(i int, err error) error,
) ([]*intercom.Contact, error) {
	refs := make([]reference, len(texts))
	bad := make([]error, len(texts))
	for i, str := range texts {
		if refs[i], bad[i] = ParseContact(str); bad[i] == nil {
			refs[i].Name = strings.ToLower(refs[i].Name)
			bad[i] = r.checkWorkspace(ctx, refs[i])
		}
	}
	read := func(i int) (*intercom.Contact, error) { return r.Contact(ctx, texts[i]) }
	if len(texts) > FewContacts {
		all, err := r.readTogether(ctx, texts, refs, bad)
		if err != nil {
			return nil, err
		}
		read = func(i int) (*intercom.Contact, error) { return r.pick(ctx, refs[i], texts[i], all) }
	}
	list := make([]*intercom.Contact, len(texts))
	for i, str := range texts {
		if first := slices.Index(texts, str); first < i {
			list[i], bad[i] = list[first], bad[first]
		} else if bad[i] == nil {
			list[i], bad[i] = read(i)
		}
		if bad[i] != nil {
			list[i] = nil
			if err := wrong(i, bad[i]); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// readSet are contacts that were read together.
type readSet struct {
	byID    map[string]*intercom.Contact
	byEmail map[string][]intercom.Contact // by address in lower case; nil: each is to be looked for
}

// readTogether reads the contacts of many references by ids and e-mails, but for those that are bad.
func (r *Resolver) readTogether(ctx context.Context, texts []string, refs []reference, bad []error) (readSet, error) {
	read := readSet{byEmail: make(map[string][]intercom.Contact)}
	var ids, emails []string
	for i, ref := range refs {
		switch {
		case bad[i] != nil || slices.Index(texts, texts[i]) < i:
		case ref.ID != "":
			ids = append(ids, ref.ID)
		case ref.Name != "":
			emails = append(emails, ref.Name)
		}
	}
	var odd error
	err := SearchEach(ctx, r.Client, "email", emails, func(c *intercom.Contact) {
		address := strings.ToLower(c.Email)
		known := func(other intercom.Contact) bool { return other.ID == c.ID } // a search may show it twice
		if !slices.ContainsFunc(read.byEmail[address], known) {
			read.byEmail[address] = append(read.byEmail[address], *c)
		}
		odd = cmp.Or(odd, c.Unread("email"))
	})
	if odd != nil || unreadable(err) {
		read.byEmail = nil // each is looked for by itself, which tells whose it is
	} else if err != nil {
		return read, err
	}
	read.byID, err = ReadContacts(ctx, r.Client, ids, nil)
	return read, err
}

// FindEach finds the contacts whose field has one of the values, by value: email in lower case, external_id or id. Of a
// few it reads the records themselves; of more, what a search shows. Of a value whose contact cannot be read, unread
// says why.
func (r *Resolver) FindEach(
	ctx context.Context, field string, values []string,
) (found map[string][]*intercom.Contact, unread map[string]error, err error) {
	found, unread = make(map[string][]*intercom.Contact, len(values)), make(map[string]error)
	if field == "id" {
		read, err := ReadContacts(ctx, r.Client, values, func(id string, err error) { unread[id] = err })
		for id, c := range read {
			found[id] = []*intercom.Contact{c}
		}
		return found, unread, err
	}
	key := func(c *intercom.Contact) string {
		if field == "email" {
			return strings.ToLower(c.Email)
		}
		return c.ExternalID
	}
	var ids []string
	listed := make(map[string]*intercom.Contact)
	var odd error
	if err := SearchEach(ctx, r.Client, field, values, func(c *intercom.Contact) {
		ids, listed[c.ID] = append(ids, c.ID), c
		odd = cmp.Or(odd, c.Unread(field))
	}); err != nil || odd != nil {
		return nil, nil, cmp.Or(err, odd) // nobody can tell whose it is
	}
	if len(ids) <= FreshContacts {
		fresh, _, err := ReadFresh(ctx, r.Client, ids, func(id string, err error) { unread[key(listed[id])] = err })
		if err != nil {
			return nil, nil, err
		}
		listed = fresh
	}
	wanted := make(map[string]bool, len(values))
	for _, value := range values {
		wanted[value] = true
	}
	for _, id := range ids {
		c := listed[id]
		if c != nil && c.Unread(field) != nil {
			return nil, nil, c.Unread(field)
		}
		if c != nil && wanted[key(c)] {
			found[key(c)] = append(found[key(c)], c)
			delete(listed, id) // a search may show it twice
		}
	}
	return found, unread, nil
}

// pick takes the contact that a reference means out of what was read.
func (r *Resolver) pick(ctx context.Context, ref reference, text string, read readSet) (*intercom.Contact, error) {
	if ref.ID != "" && read.byID[ref.ID] != nil {
		return read.byID[ref.ID], nil
	}
	if ref.Name != "" && read.byEmail != nil {
		return r.oneByEmail(ctx, ref.Name, read.byEmail[ref.Name])
	}
	return r.Contact(ctx, text) // an external_id, or an error told in full
}

// dedupe drops repeated contacts and notes so.
func dedupe(list []*intercom.Contact, texts []string, note func(format string, args ...any)) []*intercom.Contact {
	var repeats Repeats
	kept := list[:0]
	for i, c := range list {
		if c != nil && !repeats.Again(c.ID, texts[i]) {
			kept = append(kept, c)
		}
	}
	repeats.Note(note)
	return kept
}

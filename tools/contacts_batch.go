package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

const (
	// pageOfContacts is the largest page of contacts that Intercom serves.
	pageOfContacts = 150
	// groupOfFilters × maxFilters values fit one search of two levels, which is
	// just one page.
	groupOfFilters = pageOfContacts / maxFilters
	// fewContacts are read one by one: as quick, and never behind the times.
	fewContacts = 10
)

// searchEach finds the contacts whose field has one of the values, in as few
// searches as possible: each asks for up to 150 values in two levels of OR.
func (s *session) searchEach(ctx context.Context, client *intercom.Client, fieldName string, values []string, found func(*intercom.Contact)) error {
	for start := 0; start < len(values); start += pageOfContacts {
		part := values[start:min(start+pageOfContacts, len(values))]
		request := intercom.SearchRequest{Query: anyOf(fieldName, part), PerPage: pageOfContacts}
		for c, err := range client.Contacts.SearchAll(ctx, request) {
			if err != nil {
				return err
			}
			found(&c)
		}
	}
	return nil
}

// anyOf is the query field = v1 OR field = v2 …, for up to 150 values.
func anyOf(fieldName string, values []string) intercom.Query {
	var groups []intercom.Query
	for start := 0; start < len(values); start += groupOfFilters {
		var of []intercom.Query
		for _, value := range values[start:min(start+groupOfFilters, len(values))] {
			of = append(of, intercom.Filter{Field: fieldName, Operator: "=", Value: value})
		}
		groups = append(groups, intercom.Group{Operator: intercom.Or, Of: of})
	}
	return intercom.Group{Operator: intercom.Or, Of: groups}
}

// readContacts reads contacts by id: a few one by one, many by search with
// the rest one by one. Contacts that do not exist are missing from the answer.
func (s *session) readContacts(ctx context.Context, client *intercom.Client, ids []string) (map[string]*intercom.Contact, error) {
	read := make(map[string]*intercom.Contact, len(ids))
	if len(ids) > fewContacts {
		if err := s.searchEach(ctx, client, "id", ids, func(c *intercom.Contact) { read[c.ID] = c }); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if read[id] != nil {
			continue
		}
		c, err := client.Contacts.Get(ctx, id)
		switch {
		case err == nil:
			read[id] = &c
		case !gone(err):
			return nil, err
		}
	}
	return read, nil
}

// freshContacts is of how many contacts it is read by id what they hold before
// anything is written over it. Of more it is read by search, which may be minutes
// behind, since reading each by id takes longer than writing them.
const freshContacts = 100

// readFresh reads contacts whose values are about to be written over. searched tells
// that the answer may be behind the times.
func (s *session) readFresh(ctx context.Context, client *intercom.Client, ids []string) (read map[string]*intercom.Contact, searched bool, err error) {
	if len(ids) > freshContacts {
		read, err = s.readContacts(ctx, client, ids)
		return read, true, err
	}
	contacts := make([]*intercom.Contact, len(ids))
	group, going := errgroup.WithContext(ctx)
	group.SetLimit(settleReaders)
	for at, id := range ids {
		group.Go(func() error {
			c, err := client.Contacts.Get(going, id)
			switch {
			case err == nil:
				contacts[at] = &c
			case !gone(err):
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, false, err
	}
	read = make(map[string]*intercom.Contact, len(ids))
	for at, id := range ids {
		if contacts[at] != nil {
			read[id] = contacts[at]
		}
	}
	return read, false, nil
}

// gone reports whether a contact does not exist any more.
func gone(err error) bool {
	var upstream *intercom.Error
	return errors.As(err, &upstream) && (upstream.Kind() == intercom.KindNotFound || upstream.Kind() == intercom.KindMerged)
}

// contacts resolves contact references, in their order. The same contact
// written twice is one.
func (s *session) contacts(ctx context.Context, texts []string) ([]*intercom.Contact, error) {
	list, err := s.resolveAll(ctx, texts, "contacts[%d]")
	return s.once(list), err
}

// resolveAll resolves contact references one to one; place is the format of
// a reference's place in the arguments, given its index. A reference written
// twice is asked for once.
func (s *session) resolveAll(ctx context.Context, texts []string, place string) ([]*intercom.Contact, error) {
	refs, err := parseContacts(texts, place)
	if err != nil {
		return nil, err
	}
	if len(texts) <= fewContacts {
		return s.resolveSingly(ctx, texts, place)
	}
	var ids, emails []string
	for i, ref := range refs {
		if slices.Index(texts, texts[i]) < i {
			continue
		}
		if err := s.here(ctx, ref); err != nil {
			return nil, toolerr.At(err, fmt.Sprintf(place, i))
		}
		switch {
		case ref.id != "":
			ids = append(ids, ref.id)
		case ref.name != "":
			emails = append(emails, ref.name)
		}
	}
	byEmail := make(map[string][]intercom.Contact)
	if err := s.searchEach(ctx, s.client, "email", emails, func(c *intercom.Contact) {
		byEmail[strings.ToLower(c.Email)] = append(byEmail[strings.ToLower(c.Email)], *c)
	}); err != nil {
		return nil, err
	}
	byID, err := s.readContacts(ctx, s.client, ids)
	if err != nil {
		return nil, err
	}
	return eachOnce(texts, place, func(i int) (*intercom.Contact, error) { return s.pick(ctx, refs[i], texts[i], byID, byEmail) })
}

// eachOnce resolves each text by its index, what is written again by its first
// time.
func eachOnce(texts []string, place string, resolve func(i int) (*intercom.Contact, error)) ([]*intercom.Contact, error) {
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

// parseContacts reads contact references without asking Intercom: planners
// begin with it, so that a malformed one is refused before anything is sent.
func parseContacts(texts []string, place string) ([]reference, error) {
	refs := make([]reference, len(texts))
	for i, text := range texts {
		ref, err := parseContact(text)
		if err != nil {
			return nil, toolerr.At(err, fmt.Sprintf(place, i))
		}
		ref.name = strings.ToLower(ref.name)
		refs[i] = ref
	}
	return refs, nil
}

// pick takes the contact that a reference means out of what was read.
func (s *session) pick(ctx context.Context, ref reference, text string, byID map[string]*intercom.Contact, byEmail map[string][]intercom.Contact) (*intercom.Contact, error) {
	if ref.id != "" && byID[ref.id] != nil {
		return byID[ref.id], nil
	}
	if ref.name != "" && len(byEmail[ref.name]) == 1 {
		return s.stillWith(ctx, byEmail[ref.name][0].ID, ref.name)
	}
	return s.contact(ctx, text) // an external_id, or an error told in full
}

// resolveSingly resolves a few references one by one.
func (s *session) resolveSingly(ctx context.Context, texts []string, place string) ([]*intercom.Contact, error) {
	return eachOnce(texts, place, func(i int) (*intercom.Contact, error) { return s.contact(ctx, texts[i]) })
}

// once drops repeated contacts and says so.
func (s *session) once(list []*intercom.Contact) []*intercom.Contact {
	seen := make(map[string]bool, len(list))
	kept := list[:0]
	for _, c := range list {
		if !seen[c.ID] {
			seen[c.ID] = true
			kept = append(kept, c)
		}
	}
	if dropped := len(list) - len(kept); dropped > 0 {
		s.note("%s named more than once", text.Plural(dropped, "contact"))
	}
	return kept
}

// tagIDs lists the ids of a contact's tags, asking for those beyond the ten
// that a contact carries along.
func (s *session) tagIDs(ctx context.Context, c *intercom.Contact) ([]string, error) {
	if !c.Tags.HasMore {
		return c.Tags.IDs, nil
	}
	tags, err := s.client.Contacts.Tags(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(tags))
	for i, tag := range tags {
		ids[i] = tag.ID
	}
	return ids, nil
}

// companyIDs lists the ids of a contact's companies, likewise.
func (s *session) companyIDs(ctx context.Context, c *intercom.Contact) ([]string, error) {
	if !c.Companies.HasMore {
		return c.Companies.IDs, nil
	}
	var ids []string
	for company, err := range s.client.Contacts.CompaniesAll(ctx, c.ID, intercom.PageOptions{PerPage: pageOfContacts}) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, company.ID)
	}
	return ids, nil
}

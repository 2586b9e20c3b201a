package directory

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"intercom-mcp/intercom"
)

const (
	// PageOfContacts is the largest page of contacts that Intercom serves.
	PageOfContacts = 150
	// groupOfFilters × maxFilters values fit one search of two levels, which is just one page.
	groupOfFilters = PageOfContacts / MaxFilters
	// FewContacts are read one by one: as quick, and never behind the times.
	FewContacts = 10
)

// SearchEach finds the contacts whose field has one of the values, in as few searches as possible: each asks for up to
// 150 values in two levels of OR. Whoever cannot be read is missing where the field is the id; else nobody can tell who
// else has the value.
func SearchEach(ctx context.Context, client *intercom.Client, fieldName string, values []string,
	found func(*intercom.Contact)) error {
	for start := 0; start < len(values); start += PageOfContacts {
		part := values[start:min(start+PageOfContacts, len(values))]
		request := intercom.SearchRequest{Query: anyOf(fieldName, part), PerPage: PageOfContacts, Partial: fieldName == "id"}
		for c, err := range client.Contacts.SearchAll(ctx, request) {
			if fieldName == "id" && errors.As(err, new(*intercom.ShortListError)) {
				break // whoever is missing is read by itself
			}
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

// ReadContacts reads contacts by id: a few one by one, many by search with
// the rest one by one. Contacts that do not exist, or cannot be read, are missing from the answer; unread is told of
// the latter, unless it is nil.
func ReadContacts(ctx context.Context, client *intercom.Client, ids []string,
	unread func(id string, err error)) (map[string]*intercom.Contact, error) {
	read := make(map[string]*intercom.Contact, len(ids))
	if len(ids) > FewContacts {
		if err := SearchEach(ctx, client, "id", ids, func(c *intercom.Contact) { read[c.ID] = c }); err != nil {
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
		case unreadable(err):
			if unread != nil {
				unread(id, err)
			}
		case !Gone(err):
			return nil, &NotReadError{"contact " + id, err}
		}
	}
	return read, nil
}

// NotReadError is why a record or a list was not read, in Err, and which that is.
type NotReadError struct {
	What string
	Err  error
}

// Error implements error.
func (e *NotReadError) Error() string { return e.What + " could not be read: " + e.Err.Error() }

// Unwrap returns Err.
func (e *NotReadError) Unwrap() error { return e.Err }

// NotRead is the error of reading what; nil where err is.
func NotRead(what string, err error) error {
	if err == nil {
		return nil
	}
	return &NotReadError{what, err}
}

// FreshContacts is of how many contacts it is read by id what they hold before anything is written over it. Of more it
// is read by search, which may be minutes behind, since reading each by id takes longer than writing them.
const FreshContacts = 100

// ReadFresh reads contacts whose values are about to be written over, likewise. searched tells that the answer may be
// behind the times.
func ReadFresh(ctx context.Context, client *intercom.Client, ids []string,
	unread func(id string, err error)) (read map[string]*intercom.Contact, searched bool, err error) {
	if len(ids) > FreshContacts {
		read, err = ReadContacts(ctx, client, ids, unread)
		return read, true, err
	}
	contacts, odd := make([]*intercom.Contact, len(ids)), make([]error, len(ids))
	group, going := errgroup.WithContext(ctx)
	group.SetLimit(ReadersAtOnce)
	for at, id := range ids {
		group.Go(func() error {
			c, err := client.Contacts.Get(going, id)
			switch {
			case err == nil:
				contacts[at] = &c
			case unreadable(err):
				odd[at] = err
			case !Gone(err):
				return &NotReadError{"contact " + id, err}
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
		if odd[at] != nil && unread != nil {
			unread(id, odd[at])
		}
	}
	return read, false, nil
}

// Gone reports whether a contact does not exist any more.
func Gone(err error) bool {
	var upstream *intercom.Error
	return errors.As(err, &upstream) && (upstream.Kind() == intercom.KindNotFound ||
		upstream.Kind() == intercom.KindMerged)
}

// unreadable reports whether an error is of a value that cannot be read, now or later.
func unreadable(err error) bool {
	var odd *intercom.UnreadableError
	return errors.As(err, &odd)
}

// ReadersAtOnce is how many contacts are read by id at the same time.
const ReadersAtOnce = 16

// MaxFilters is Intercom's bound on the filters of one group.
const MaxFilters = 15

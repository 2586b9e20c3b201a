package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"intercom-mcp/intercom"
)

// TagNames names a contact's tags: of one that a search shows and Intercom reads no more, those that the search shows.
func (r *Resolver) TagNames(ctx context.Context, c *intercom.Contact) ([]string, error) {
	ids, err := TagIDs(ctx, r.Client, c)
	if Gone(err) {
		ids, err = c.Tags.IDs, nil
	}
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	all, err := r.Lists.Tags.Get(ctx)
	if err != nil {
		return nil, err
	}
	list := slices.Clone(ids) // a tag made after the list was read goes by its id
	for i := range all {
		for at, id := range ids {
			if id == all[i].ID && all[i].Name != "" {
				list[at] = all[i].Name
			}
		}
	}
	return list, nil
}

// CompanyNames names a contact's companies, with one request for those who are in any. Those of a contact that a search
// shows and Intercom reads no more go by their ids.
func (r *Resolver) CompanyNames(ctx context.Context, c *intercom.Contact) ([]string, error) {
	if c.Companies.Total == 0 && len(c.Companies.IDs) == 0 && !c.Companies.HasMore {
		return nil, nil
	}
	var list []string
	for company, err := range r.Client.Contacts.CompaniesAll(ctx, c.ID, intercom.PageOptions{}) {
		switch {
		case Gone(err):
			return c.Companies.IDs, nil
		case err != nil:
			return list, err
		}
		list = append(list, company.Name)
	}
	return list, nil
}

// ShownCompanyNames is CompanyNames for those who only show them: of a list that is cut short it has what came, and
// reports the rest as a value that cannot be read.
func (r *Resolver) ShownCompanyNames(ctx context.Context, c *intercom.Contact) ([]string, error) {
	list, err := r.CompanyNames(ctx, c)
	var short *intercom.ShortListError
	if errors.As(err, &short) {
		intercom.ReportUnreadable(ctx, intercom.Unreadable{Record: "contact " + c.ID, Key: "companies",
			Reason: fmt.Sprintf("were cut short: %d of %d came", short.Seen, short.Total)})
		return list, nil
	}
	return list, err
}

// TagIDs lists the ids of a contact's tags, asking for them where the contact does not tell all: it carries ten along.
func TagIDs(ctx context.Context, client *intercom.Client, c *intercom.Contact) ([]string, error) {
	if !c.Tags.HasMore {
		return c.Tags.IDs, nil
	}
	tags, err := client.Contacts.Tags(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(tags))
	for i, tag := range tags {
		ids[i] = tag.ID
	}
	return ids, nil
}

// CompanyIDs lists the ids of a contact's companies, likewise.
func CompanyIDs(ctx context.Context, client *intercom.Client, c *intercom.Contact) ([]string, error) {
	if !c.Companies.HasMore {
		return c.Companies.IDs, nil
	}
	var ids []string
	for company, err := range client.Contacts.CompaniesAll(ctx, c.ID, intercom.PageOptions{PerPage: PageOfContacts}) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, company.ID)
	}
	return ids, nil
}

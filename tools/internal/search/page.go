package search

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

// Pages walks through a selection in the largest pages, from the cursor of options on, with the rows seen before it.
// Whoever cannot be read is left out, which a page tells.
func (sel *Selection) Pages(ctx context.Context, client *intercom.Client, sort intercom.Sort,
	options intercom.PageOptions) iter.Seq2[intercom.Page[intercom.Contact], error] {
	options.PerPage, options.Partial = directory.PageOfContacts, true
	if len(sel.companies) > 1 {
		options.PerPage = 0 // each has pages of its own, and may have few contacts
	}
	return intercom.Pages(options, func(at intercom.PageOptions) (intercom.Page[intercom.Contact], error) {
		at.PerPage = directory.PageOfContacts
		return sel.Page(ctx, client, sort, at)
	})
}

// Unread is the error of a contact of which a condition that is checked here cannot be told.
func (sel *Selection) Unread(c *intercom.Contact) error {
	var keys []string
	if sel.text != "" {
		keys = []string{"name", "email"}
	}
	for i := range sel.checks {
		keys = append(keys, sel.checks[i].field.SearchName())
	}
	return c.Unread(keys...)
}

// Sorting reads the sort argument of a selection: nil, where that is wrong.
func (s *Searcher) Sorting(ctx context.Context, text string, sel *Selection) (intercom.Sort, error) {
	if text == "" {
		return intercom.Sort{}, nil
	}
	descending := text[0] == '-'
	if descending {
		text = text[1:]
	}
	f, err := s.Field(ctx, text)
	if err != nil {
		return intercom.Sort{}, toolerr.At(err, "sort")
	}
	if sel != nil && sel.companies != nil || f.Kind == record.KindTag || f.Kind == record.KindSegment ||
		f.Kind == record.KindCompany {
		return intercom.Sort{}, toolerr.New(toolerr.InvalidArgument, "sort: this cannot be sorted by "+f.Name+".",
			"Leave sort out; a company's people come in Intercom's order.")
	}
	if err := s.checkSort(f.Name); err != nil {
		return intercom.Sort{}, err
	}
	return intercom.Sort{Field: f.SearchName(), Descending: descending}, nil
}

// Page asks Intercom for one page of a selection.
func (sel *Selection) Page(ctx context.Context, client *intercom.Client, sort intercom.Sort,
	options intercom.PageOptions) (intercom.Page[intercom.Contact], error) {
	switch {
	case sel.companies != nil:
		return sel.companyPage(ctx, client, options)
	case sel.query == nil && sort.Field == "":
		return client.Contacts.List(ctx, options)
	case sel.query == nil:
		// A search needs a condition: one that every contact meets.
		everyone := intercom.Filter{Field: "created_at", Operator: ">", Value: 0}
		return client.Contacts.Search(ctx, intercom.SearchRequest{Query: everyone, Sort: sort, PerPage: options.PerPage,
			Cursor: options.Cursor, Partial: options.Partial})
	}
	return client.Contacts.Search(ctx, intercom.SearchRequest{Query: sel.query, Sort: sort, PerPage: options.PerPage,
		Cursor: options.Cursor, Partial: options.Partial})
}

// InCompany is the selection of all contacts of a company.
func InCompany(c *intercom.Company) *Selection {
	return &Selection{companies: []*intercom.Company{c}, Exact: true}
}

// companyPage asks for one page of the contacts of the companies, one company after the other. A contact is among those
// of its first company alone. Cursors are Intercom's, behind the company's place and a colon where there are several. A
// page is empty at the end of the last company alone, so that many empty ones are no list that does not advance. Since
// a page has no total of them all, each company's list is checked here to come whole; the place holds its rows so far.
func (sel *Selection) companyPage(ctx context.Context, client *intercom.Client,
	options intercom.PageOptions) (intercom.Page[intercom.Contact], error) {
	if len(sel.companies) == 1 {
		return client.Companies.Contacts(ctx, sel.companies[0].ID, options)
	}
	at, seen := 0, 0
	if place, cursor, ok := strings.Cut(options.Cursor, ":"); ok {
		company, rows, _ := strings.Cut(place, "+")
		at, _ = strconv.Atoi(company) // a place that was made up is none
		seen, _ = strconv.Atoi(rows)
		options.Cursor = cursor
	}
	for ; at >= 0 && at < len(sel.companies); at++ {
		page, err := client.Companies.Contacts(ctx, sel.companies[at].ID, options)
		if err != nil {
			return page, err
		}
		seen += len(page.Items) + len(page.Dropped)
		if page.Next == "" {
			if err := intercom.ShortList(seen, page.Total); err != nil {
				return page, err
			}
		}
		options.Cursor = ""
		if page.Items, err = notIn(ctx, client, page.Items, sel.companies[:at]); err != nil {
			return page, err
		}
		page.Total = -1
		switch {
		case page.Next != "":
			page.Next = fmt.Sprintf("%d+%d:%s", at, seen, page.Next)
		case at+1 < len(sel.companies):
			page.Next = fmt.Sprintf("%d:", at+1)
		}
		if len(page.Items) > 0 || !strings.HasSuffix(page.Next, ":") {
			return page, nil
		}
		seen = 0
	}
	return intercom.Page[intercom.Contact]{Total: -1}, nil
}

// notIn leaves of contacts those that are in none of the companies.
func notIn(ctx context.Context, client *intercom.Client, contacts []intercom.Contact,
	companies []*intercom.Company) ([]intercom.Contact, error) {
	var own []intercom.Contact
	for i := range contacts {
		ids, err := directory.CompanyIDs(ctx, client, &contacts[i])
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(companies, func(c *intercom.Company) bool { return slices.Contains(ids, c.ID) }) {
			own = append(own, contacts[i])
		}
	}
	return own, nil
}

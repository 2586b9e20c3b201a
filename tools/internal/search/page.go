package search

import (
	"context"
	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
	"iter"
)

// All walks through a selection in the largest pages.
func (sel *Selection) All(ctx context.Context, client *intercom.Client) iter.Seq2[intercom.Contact, error] {
	if sel.company != nil {
		return client.Companies.ContactsAll(ctx, sel.company.ID, intercom.PageOptions{PerPage: directory.PageOfContacts})
	}
	return client.Contacts.SearchAll(ctx, intercom.SearchRequest{Query: sel.query, PerPage: directory.PageOfContacts})
}

// Sorting reads the sort argument.
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
	if sel.company != nil || f.Kind == record.KindTag || f.Kind == record.KindSegment || f.Kind == record.KindCompany {
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
	case sel.company != nil:
		return client.Companies.Contacts(ctx, sel.company.ID, options)
	case sel.query == nil && sort.Field == "":
		return client.Contacts.List(ctx, options)
	case sel.query == nil:
		// A search needs a condition: one that every contact meets.
		everyone := intercom.Filter{Field: "created_at", Operator: ">", Value: 0}
		return client.Contacts.Search(ctx, intercom.SearchRequest{Query: everyone, Sort: sort, PerPage: options.PerPage,
			Cursor: options.Cursor})
	}
	return client.Contacts.Search(ctx, intercom.SearchRequest{Query: sel.query, Sort: sort, PerPage: options.PerPage,
		Cursor: options.Cursor})
}

// InCompany is the selection of all contacts of a company.
func InCompany(c *intercom.Company) *Selection { return &Selection{company: c, Exact: true} }

package tools

import (
	"context"
	"fmt"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/search"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// contactSet is the set of tools about contacts.
var contactSet = Set{Name: "contacts", Default: true, Doc: "Contacts and what describes them"}

// contactSearchTools are the tools for the search of contacts.
func contactSearchTools() []Tool {
	return []Tool{
		{
			Name: "search_contacts", Title: "Search contacts", Set: contactSet, Effect: policy.Read, Run: reads(searchContacts),
			Doc: "Find users and leads. Times in rows are UTC days. Changes can take minutes to show.",
		},
	}
}

// SearchContactsInput selects contacts.
type SearchContactsInput struct {
	// part of a name or e-mail
	Query string `json:"query,omitempty"`
	// conditions
	Where []search.Filter `json:"where,omitempty" jsonschema:"maxItems=15"`
	// default all
	Match search.Match `json:"match,omitempty"`
	// more columns: any field, tags, companies, custom_attributes.NAME
	Fields []string `json:"fields,omitempty" jsonschema:"maxItems=12"`
	// any field but tag, segment, company; -field sorts downwards
	Sort string `json:"sort,omitempty"`
	// one or two fields: counts per value instead of rows
	CountBy []string `json:"count_by,omitempty" jsonschema:"minItems=1,maxItems=2"`
	// rows; 0: only the total
	Limit *int `json:"limit,omitempty" jsonschema:"minimum=0,maximum=50"`
	// next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// searchContacts finds contacts by any mixture of conditions.
func searchContacts(ctx context.Context, s *session, in SearchContactsInput) (*render.Table, error) {
	var bad toolerr.Several
	sel, err := s.find.Compile(ctx, in.Query, in.Where, in.Match)
	if err = bad.Add("", err); err != nil {
		return nil, err
	}
	sort, err := s.find.Sorting(ctx, in.Sort, sel)
	if err = bad.Add("", err); err != nil {
		return nil, err
	}
	table := newContactTable(s)
	columns, err := table.columns(ctx, in.Fields)
	if err = bad.Add("", err); err != nil {
		return nil, err
	}
	counted, err := newGrouping(ctx, s, in)
	if err = bad.Add("", err); err != nil {
		return nil, err
	}
	if bad.Len() > 0 {
		return nil, bad.Err()
	}
	if err := noteMissing(ctx, s, in, ""); err != nil {
		return nil, err
	}
	switch {
	case in.CountBy != nil:
		return countBy(ctx, s, in, sel, counted)
	case in.Limit != nil && *in.Limit == 0:
		return countContacts(ctx, s, sel)
	}
	page := contactPage{columns: columns, sort: sort, cursor: in.Cursor}
	if in.Limit != nil {
		page.limit = *in.Limit
	}
	bound := in
	bound.Limit, bound.Cursor = nil, ""
	page.bound = bound
	return table.page(ctx, sel, page)
}

// contactTable lists contacts in the columns that a call asks for.
type contactTable struct {
	client  *intercom.Client
	dir     *directory.Resolver
	find    *search.Searcher
	mask    *render.Mask
	note    func(format string, args ...any) // adds a remark to the answer
	binding func(arguments any) string       // ties cursors to the call
	clean   *text.Cleaner
}

func newContactTable(s *session) *contactTable {
	return &contactTable{client: s.client, dir: s.dir, find: s.find, mask: s.mask, note: s.note,
		binding: s.listBinding, clean: &s.cleaner}
}

// contactPage says which part of a selection to show, and how.
type contactPage struct {
	bound   any // the arguments that choose the rows, to which the cursor is bound
	columns []column
	sort    intercom.Sort
	limit   int
	cursor  string
}

// page shows one page of a selection.
func (t *contactTable) page(ctx context.Context, sel *search.Selection, page contactPage) (*render.Table, error) {
	if page.limit == 0 {
		page.limit = render.DefaultLimit
	}
	size := page.limit
	if !sel.Exact {
		size = directory.PageOfContacts
	}
	binding := t.binding(page.bound)
	from, err := render.DecodeCursor(page.cursor, binding, size)
	if err != nil {
		return nil, err
	}
	left := 0
	got, err := render.Collect(ctx, from, page.limit, func(at render.Position) (intercom.Page[intercom.Contact], error) {
		return sel.Page(ctx, t.client, page.sort, intercom.PageOptions{PerPage: at.Size, Cursor: at.Page})
	}, func(c *intercom.Contact) (bool, error) {
		meant, err := t.find.Meant(ctx, sel, c)
		if !meant {
			left++
		}
		return meant, err
	})
	if err != nil {
		return nil, err
	}
	if !sel.Exact {
		t.countChecked(&got, page.cursor == "")
	} else if left > 0 {
		t.note("%d left out for what shows of them; total counts them", left)
	}
	if page.cursor == "" && got.Next == nil && sel.Textual() {
		if err := t.addShown(ctx, sel, page, &got); err != nil {
			return nil, err
		}
	}
	return t.show(ctx, got, binding, page.columns)
}

// countChecked replaces Intercom's total, which is of the wider question.
func (t *contactTable) countChecked(got *render.Collected[intercom.Contact], fromStart bool) {
	got.Total = -1
	if got.Next == nil && fromStart && !got.Short {
		got.Total = len(got.Rows)
	}
	if got.Next != nil && got.Pages == render.MaxPages {
		t.note("%d contacts were looked through so far; next_cursor goes on", render.MaxPages*directory.PageOfContacts)
	}
}

// show makes the table of collected contacts.
func (t *contactTable) show(ctx context.Context, got render.Collected[intercom.Contact], binding string,
	columns []column) (*render.Table, error) {
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.name
	}
	rows := make([][]string, 0, len(got.Rows))
	for i := range got.Rows {
		cells, err := cellsOf(ctx, got.Row(i), columns)
		if err != nil && i > 0 && toolerr.IsTimeUp(ctx, err) {
			got.CutAt(i)
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the columns: %w", err)
		}
		rows = append(rows, cells)
	}
	return render.TabulateRows(got, binding, titles, rows)
}

// cellsOf are the cells of a contact's row.
func cellsOf(ctx context.Context, c *intercom.Contact, columns []column) ([]string, error) {
	cells := make([]string, len(columns))
	for i, column := range columns {
		var err error
		if cells[i], err = column.cell(ctx, c); err != nil {
			return nil, err
		}
	}
	return cells, nil
}

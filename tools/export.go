package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/search"
	"intercom-mcp/tools/toolerr"
)

// ContactExport is which contacts to export, and what of them.
type ContactExport struct {
	Search json.RawMessage // arguments of search_contacts: query, where, match and sort; nil: all contacts
	Fields []string        // as in search_contacts; nil: what an import can write, and when the contact was made
	Next   string          // where an export goes on that was cut off; "" begins
	Began  time.Time       // what conditions such as -1d count from; zero: now
}

// from is where Next says that the export goes on: how many rows Intercom gave before, a space, and its cursor.
func (out *ContactExport) from() intercom.PageOptions {
	rows, cursor, counted := strings.Cut(out.Next, " ")
	if !counted {
		return intercom.PageOptions{Cursor: out.Next}
	}
	seen, _ := strconv.Atoi(rows) // of what was made up, nothing is known
	return intercom.PageOptions{Cursor: cursor, Seen: max(seen, 0)}
}

// Exported is a table on its way out.
type Exported struct {
	Columns []string
	Masked  []string // columns that the policy masks, which are left out
	Rows    iter.Seq2[ExportedRow, error]
	Gaps    Gaps // of the rows so far, and of those on the same page of Intercom's
}

// ExportedRow is a row, whose values are text as Intercom has it, booleans, [json.Number], lists of text, or nil, a
// column each. Times are text in ISO 8601.
type ExportedRow struct {
	Values []any
	// Next is where an export goes on after this row, of the last row of each page; else it is "".
	Next string
	// Total is how many rows there are in all, -1 if unknown.
	Total int
}

// ExportContacts reads contacts page by page, within the rate limit and after whoever waits. The call has the
// principal; its tool and arguments are not used. Masked fields are left out.
func (p *Pipeline) ExportContacts(ctx context.Context, call Call, out ContactExport) (*Exported, error) {
	tool, offered := p.tool("search_contacts")
	if !offered {
		return nil, fmt.Errorf("%w %q", ErrUnknownTool, "search_contacts")
	}
	call.Tool, call.Args = tool.Name, out.Search
	s := p.newSession(call, tool)
	s.client = s.client.WithPriority(intercom.PriorityBulk)
	exported, err := exportContacts(ctx, s, out)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	return exported, nil
}

func exportContacts(ctx context.Context, s *session, out ContactExport) (*Exported, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	in, err := decode[SearchContactsInput](s.args)
	if err != nil {
		return nil, err
	}
	s.find.Now = out.Began
	sel, err := s.find.Compile(ctx, in.Query, in.Where, in.Match)
	if err != nil {
		return nil, err
	}
	sort, err := s.find.Sorting(ctx, in.Sort, sel)
	if err != nil {
		return nil, err
	}
	fields := out.Fields
	if fields == nil {
		if fields, err = exportable(ctx, s); err != nil {
			return nil, err
		}
	}
	exported := &Exported{}
	table := &exportTable{session: s, selection: sel}
	for _, name := range fields {
		f, err := s.find.Field(ctx, name)
		if err != nil {
			return nil, toolerr.At(err, "fields")
		}
		if f.Kind == record.KindSegment {
			return nil, toolerr.New(toolerr.InvalidArgument, "fields: segments are not exported.", "")
		}
		if s.policy.Masks(f.PolicyName()) {
			exported.Masked = append(exported.Masked, columnName(f))
			continue
		}
		if slices.Contains(exported.Columns, columnName(f)) {
			return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("fields: %q is there twice.", columnName(f)), "")
		}
		exported.Columns = append(exported.Columns, columnName(f))
		table.fields = append(table.fields, f)
		table.cells = append(table.cells, newExportCell(s, f))
	}
	if len(exported.Columns) == 0 {
		return nil, toolerr.New(toolerr.PolicyDenied, "The policy masks all of these fields.", "")
	}
	from := out.from()
	table.seen, table.gaps = from.Seen, &exported.Gaps
	exported.Rows = table.rows(ctx, sel.Pages(ctx, s.client, sort, from))
	return exported, nil
}

// exportable lists the fields that an import can write, and when a contact was made.
func exportable(ctx context.Context, s *session) ([]string, error) {
	attributes, err := s.lists.ContactAttributes.Get(ctx)
	if err != nil {
		return nil, err
	}
	fields := slices.DeleteFunc(append([]string{"id"}, importable...), func(name string) bool {
		return name == "companies" || name == "avatar" // the first cost a request for each contact
	})
	fields = append(fields, "created_at")
	for _, a := range attributes {
		if a.Custom && !a.Archived {
			fields = append(fields, directory.CustomPrefix+a.Name)
		}
	}
	return fields, nil
}

// exportCell is a contact's value in one column.
type exportCell func(ctx context.Context, c *intercom.Contact) (any, error)

func newExportCell(s *session, f *record.Field) exportCell {
	names := func(list []string, err error) (any, error) {
		if len(list) == 0 {
			return nil, err
		}
		return list, err
	}
	switch f.Kind {
	case record.KindTag:
		return func(ctx context.Context, c *intercom.Contact) (any, error) { return names(s.dir.TagNames(ctx, c)) }
	case record.KindCompany:
		return func(ctx context.Context, c *intercom.Contact) (any, error) { return names(s.dir.CompanyNames(ctx, c)) }
	case record.KindOwner:
		return func(ctx context.Context, c *intercom.Contact) (any, error) {
			owner, err := s.dir.OwnerName(ctx, c.OwnerID)
			return exportValue(record.KindString, owner), err
		}
	}
	return func(_ context.Context, c *intercom.Contact) (any, error) { return exportValue(f.Kind, f.Get(c)), nil }
}

// exportValue is a value as a table holds it: text uncut.
func exportValue(kind record.Kind, value any) any {
	if record.Empty(value) {
		return nil
	}
	if kind == record.KindTime {
		if t, ok := record.AsTime(value); ok {
			return intercom.Unix(t.Unix()).String()
		}
	}
	switch value.(type) {
	case string, bool, json.Number:
		return value
	}
	return record.Scalar(value)
}

// exportTable makes the rows of a selection of contacts.
type exportTable struct {
	session   *session
	selection *search.Selection
	fields    []*record.Field // a column each
	cells     []exportCell
	seen      int // rows that Intercom gave
	gaps      *Gaps
}

// rows makes the rows of all pages.
func (t *exportTable) rows(ctx context.Context,
	pages iter.Seq2[intercom.Page[intercom.Contact], error]) iter.Seq2[ExportedRow, error] {
	return func(yield func(ExportedRow, error) bool) {
		for page, err := range pages {
			t.seen += len(page.Items) + len(page.Dropped)
			for _, odd := range page.Dropped {
				t.gaps.leaveOut(odd)
			}
			total := page.Total
			if !t.selection.Exact {
				total = -1
			}
			rows, failed := t.pageRows(ctx, page.Items)
			if err == nil {
				err = failed
			}
			if err != nil {
				yield(ExportedRow{}, t.session.explain(ctx, err))
				return
			}
			for i, values := range rows {
				row := ExportedRow{Values: values, Total: total}
				if i == len(rows)-1 && page.Next != "" {
					row.Next = fmt.Sprintf("%d %s", t.seen, page.Next)
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// pageRows makes rows of the contacts of a page that are meant.
func (t *exportTable) pageRows(ctx context.Context, contacts []intercom.Contact) ([][]any, error) {
	var rows [][]any
	for i := range contacts {
		if !t.selection.Exact {
			var odd *intercom.UnreadableError
			if errors.As(t.selection.Unread(&contacts[i]), &odd) {
				t.gaps.leaveOut(odd.Value)
				continue
			}
		}
		meant, err := t.session.find.Meant(ctx, t.selection, &contacts[i])
		if err != nil {
			return nil, err
		}
		if !meant {
			continue
		}
		row, err := t.row(ctx, &contacts[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// row is one contact's.
func (t *exportTable) row(ctx context.Context, c *intercom.Contact) ([]any, error) {
	values := make([]any, len(t.cells))
	for at, cell := range t.cells {
		var err error
		if values[at], err = cell(ctx, c); err != nil {
			return nil, err
		}
		if kind := t.fields[at].Kind; kind != record.KindTag && kind != record.KindCompany { // they are asked for instead
			t.gaps.cell(c.Unread(t.fields[at].PolicyName()))
		}
	}
	return values, nil
}

// ChangeColumns are the columns of [Pipeline.ExportChange].
func ChangeColumns() []string {
	return []string{"item", "id", "contact", "field", "from", "to", "outcome", "reason"}
}

// ExportChange reads what a change of a principal did, part by part, as far as the policy lets it be shown. It asks
// Intercom for nothing but the names of teammates that it may know already.
func (p *Pipeline) ExportChange(ctx context.Context, call Call, id string) (*Exported, error) {
	call.Tool = "get_change"
	s := p.newSession(call, &Tool{Name: call.Tool})
	c, err := findSeen(ctx, s, id)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	rows := func(yield func(ExportedRow, error) bool) {
		for i := range c.Items {
			for _, part := range s.view.PartRows(&c, &c.Items[i]) {
				values := []any{json.Number(fmt.Sprint(i)), part.ID, part.Target, part.Field, part.From, part.To, part.Outcome,
					part.Reason}
				for at, value := range values {
					if str, ok := value.(string); ok {
						values[at] = exportValue(record.KindString, str)
					}
				}
				if !yield(ExportedRow{Values: values, Total: -1}, nil) {
					return
				}
			}
		}
	}
	return &Exported{Columns: ChangeColumns(), Rows: rows}, nil
}

package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/search"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

const (
	// maxCounted is how many contacts one call looks through to count what Intercom does not.
	maxCounted = 10_000
	// maxMissed is how many it looks through for a remark.
	maxMissed = 2 * directory.PageOfContacts
	// maxValues is how many values count_by shows, of those that most contacts have.
	maxValues = 50
	// noValue stands for no value in the rows of count_by.
	noValue = "(none)"
)

// counter counts the contacts of selections.
type counter struct {
	client *intercom.Client
	find   *search.Searcher
	short  bool // a list was cut short, so that more contacts are there than were looked through
	// hurried tells that the time of the call did not suffice to look through more
	hurried bool
}

// stop ends a count where the time of the call does not suffice for more. It returns any other error, and that of a
// count which looked through none.
func (n *counter) stop(ctx context.Context, looked int, err error) error {
	if looked == 0 || !toolerr.IsTimeUp(ctx, err) {
		return err
	}
	n.hurried = true
	return nil
}

// each visits the contacts of a selection, of so many at most that it looks through. It reports how many these were,
// and whether there are no more.
func (n *counter) each(ctx context.Context, sel *search.Selection, most int,
	visit func(*intercom.Contact) error) (looked int, whole bool, err error) {
	for page, err := range sel.Pages(ctx, n.client, intercom.Sort{}, intercom.PageOptions{}) {
		if n.short = errors.As(err, new(*intercom.ShortListError)); n.short {
			return looked, false, nil
		}
		if err != nil {
			return looked, false, n.stop(ctx, looked, err)
		}
		for i := range page.Items {
			if looked == most {
				return looked, false, nil
			}
			meant, err := n.find.Meant(ctx, sel, &page.Items[i])
			if err == nil && meant {
				err = visit(&page.Items[i])
			}
			if err != nil {
				return looked, false, n.stop(ctx, looked, err)
			}
			looked++
		}
		if toolerr.IsLate(ctx) {
			n.hurried = true
			return looked, false, nil
		}
	}
	return looked, true, nil
}

// count counts a selection's contacts: by Intercom's total where that is exact, else among those it looks through, in
// which case whole tells whether these were all.
func (n *counter) count(ctx context.Context, sel *search.Selection, most int) (total int, whole bool, err error) {
	if sel.Exact {
		page, err := sel.Page(ctx, n.client, intercom.Sort{}, intercom.PageOptions{PerPage: 1})
		if err != nil || page.Total >= 0 {
			return page.Total, true, err
		}
	}
	_, whole, err = n.each(ctx, sel, most, func(*intercom.Contact) error { total++; return nil })
	return total, whole, err
}

// countContacts answers with the number of contacts alone.
func countContacts(ctx context.Context, s *session, sel *search.Selection) (*render.Table, error) {
	n := counter{client: s.client, find: s.find}
	total, whole, err := n.count(ctx, sel, maxCounted)
	if err != nil {
		return nil, err
	}
	table := &render.Table{Columns: []string{}, Rows: [][]string{}, Total: &total}
	switch {
	case n.short:
		table.Total = nil
		s.note("at least %d: Intercom's list was cut short, so try again in a minute", total)
	case n.hurried:
		table.Total = nil
		s.note("at least %d: there was no time to look through more; narrower conditions count all", total)
	case !whole:
		table.Total = nil
		s.note("at least %d, among the first %d looked through; narrower conditions count all", total, maxCounted)
	}
	return table, nil
}

// noteMissing tells how many meet all but one condition on a time or number and are left out for having no value, and
// then what becomes of them. It is told of all of a search, with its first rows.
func noteMissing(ctx context.Context, s *session, in SearchContactsInput, then string) error {
	if in.Match == "any" && len(in.Where) > 1 || in.Cursor != "" {
		return nil
	}
	n := counter{client: s.client, find: s.find}
	for i, filter := range in.Where {
		f, err := s.find.Field(ctx, filter.Field)
		if err != nil {
			return toolerr.At(err, fmt.Sprintf("where[%d]", i))
		}
		if !filter.LeavesOutEmpty(f) {
			continue
		}
		others := slices.Clone(in.Where)
		others[i] = filter.Empty()
		sel, err := s.find.Compile(ctx, in.Query, others, in.Match)
		if err != nil {
			return err
		}
		switch missing, whole, err := n.count(ctx, sel, maxMissed); {
		case err != nil:
			return err
		case !whole:
			s.note("at least %d more have no %s%s", missing, f.Name, then)
		case missing > 0:
			s.note("%d more have no %s%s", missing, f.Name, then)
		}
	}
	return nil
}

// countBy answers with how many contacts have each value, or each pair of values, of the fields. A contact that has
// several tags or companies counts for each.
func countBy(ctx context.Context, s *session, in SearchContactsInput, sel *search.Selection,
	g *grouping) (*render.Table, error) {
	if in.Cursor != "" {
		return nil, render.OtherCall()
	}
	columns := make([]string, 0, len(g.fields)+1)
	for _, f := range g.fields {
		columns = append(columns, columnName(f))
		if f.Kind == record.KindTag || f.Kind == record.KindCompany {
			s.note("a contact with several %s counts for each", columnName(f))
		}
	}
	n, total := counter{client: s.client, find: s.find}, 0
	looked, whole, err := n.each(ctx, sel, maxCounted, func(c *intercom.Contact) error {
		total++
		return g.count(ctx, c)
	})
	if err != nil {
		return nil, err
	}
	switch {
	case n.short:
		s.note("counted among %d contacts: Intercom's list was cut short, so try again in a minute", looked)
	case n.hurried:
		s.note("counted among %d contacts: there was no time for more; narrower conditions count all", looked)
	case !whole:
		s.note("counted among the first %d contacts; narrower conditions count all", looked)
	}
	table := &render.Table{Columns: append(columns, "count"), Total: &total}
	if unit := g.coarsen(); unit != "" {
		s.note("counted by %s, as the days are too many; narrower conditions show them", unit)
	}
	if table.Rows, err = g.rows(ctx, s); err != nil {
		return nil, err
	}
	return table, table.Fit()
}

// grouping counts contacts by the values of one or two fields.
type grouping struct {
	table  *contactTable
	fields []*record.Field
	values []func(ctx context.Context, c *intercom.Contact) ([]string, error) // of each field
	counts map[[2]string]int
}

// newGrouping reads the count_by argument. The error names all that is wrong with it.
func newGrouping(ctx context.Context, s *session, in SearchContactsInput) (*grouping, error) {
	g := &grouping{counts: make(map[[2]string]int), table: newContactTable(s)}
	var bad toolerr.Several
	if in.CountBy != nil && (len(in.Fields) > 0 || in.Sort != "") {
		_ = bad.Add("", toolerr.New(toolerr.InvalidArgument, "count_by goes without fields and sort.", "Leave them out."))
	}
	for i, name := range in.CountBy {
		f, err := s.find.Field(ctx, name)
		if err == nil {
			err = s.find.CheckCount(f)
		}
		if err == nil {
			err = g.add(f)
		}
		if err = bad.Add(fmt.Sprintf("count_by[%d]", i), err); err != nil {
			return nil, err
		}
	}
	return g, bad.Err()
}

// add counts by a field, too.
func (g *grouping) add(f *record.Field) error {
	if slices.ContainsFunc(g.fields, func(other *record.Field) bool { return other.Name == f.Name }) {
		return toolerr.New(toolerr.InvalidArgument, "the same field twice.", "")
	}
	values := func(ctx context.Context, c *intercom.Contact) ([]string, error) {
		return directory.CompanyIDs(ctx, g.table.client, c) // whose names are asked for where they are shown alone
	}
	switch f.Kind {
	case record.KindCompany:
	case record.KindTag:
		values = g.table.dir.TagNames
	case record.KindSegment:
		return toolerr.New(toolerr.InvalidArgument, "contacts are not counted by segment.",
			"Ask for one segment in where, with limit 0.")
	default:
		column, err := g.table.column(f)
		if err != nil {
			return err
		}
		values = func(ctx context.Context, c *intercom.Contact) ([]string, error) {
			cell, err := column.cell(ctx, c)
			return []string{cell}, err
		}
	}
	g.fields = append(g.fields, f)
	g.values = append(g.values, values)
	return nil
}

// count counts one contact.
func (g *grouping) count(ctx context.Context, c *intercom.Contact) error {
	of := [2][]string{{""}, {""}}
	for i, values := range g.values {
		list, err := values(ctx, c)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			of[i] = list
		}
	}
	for _, first := range of[0] {
		for _, second := range of[1] {
			g.counts[[2]string{first, second}]++
		}
	}
	return nil
}

// coarsen counts times by month where their days are too many to be shown, by year where the months are, and tells
// which.
func (g *grouping) coarsen() (unit string) {
	for _, by := range []struct {
		unit    string
		letters int
	}{{"month", len("2006-01")}, {"year", len("2006")}} {
		if len(g.counts) <= maxValues || !slices.ContainsFunc(g.fields, isTime) {
			return unit
		}
		counts := make(map[[2]string]int)
		for key, n := range g.counts {
			for i, f := range g.fields {
				if isTime(f) {
					key[i] = key[i][:min(by.letters, len(key[i]))]
				}
			}
			counts[key] += n
		}
		g.counts, unit = counts, by.unit
	}
	return unit
}

// isTime reports whether a field holds times, of which the cells of a table show the days.
func isTime(f *record.Field) bool { return f.Kind == record.KindTime }

// rows are the values that most contacts have, and how many have each; times are in their order. Where not all values
// can be shown, those that one contact has are not.
func (g *grouping) rows(ctx context.Context, s *session) ([][]string, error) {
	byTime := len(g.counts) <= maxValues && isTime(g.fields[0])
	keys := slices.SortedFunc(maps.Keys(g.counts), func(a, b [2]string) int {
		if byTime {
			return slices.Compare(a[:], b[:])
		}
		return cmp.Or(cmp.Compare(g.counts[b], g.counts[a]), slices.Compare(a[:], b[:]))
	})
	shown := min(len(keys), maxValues)
	if rest := keys[shown:]; len(rest) > 0 && g.counts[rest[0]] == 1 {
		shown = slices.IndexFunc(keys, func(key [2]string) bool { return g.counts[key] == 1 })
		s.note("%s of one contact each not shown", text.Plural(len(keys)-shown, "value"))
	} else if len(rest) > 0 {
		sum := 0
		for _, key := range rest {
			sum += g.counts[key]
		}
		s.note("%s more not shown, %d in sum", text.Plural(len(rest), "value"), sum)
	}
	rows := make([][]string, 0, shown)
	for _, key := range keys[:shown] {
		var row []string
		for i, f := range g.fields {
			label, err := g.label(ctx, f, key[i])
			if err != nil {
				return nil, err
			}
			row = append(row, label)
		}
		rows = append(rows, append(row, strconv.Itoa(g.counts[key])))
	}
	return rows, nil
}

// label is a value as it is shown.
func (g *grouping) label(ctx context.Context, f *record.Field, value string) (string, error) {
	switch {
	case value == "":
		return noValue, nil
	case f.Kind != record.KindCompany && f.Kind != record.KindTag:
		return value, nil
	case f.Kind == record.KindCompany:
		company, err := g.table.client.Companies.Get(ctx, value)
		switch {
		case err == nil && company.Name != "":
			value = company.Name
		case err != nil && !directory.Gone(err):
			return "", err
		}
	}
	return text.Clip(g.table.clean.Clean(value), render.MaxCell), nil
}

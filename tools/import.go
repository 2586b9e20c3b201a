package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// Import is a table of contacts to write: a row each. The policy, its window, the trail and undo see it as
// bulk_update_contacts, and as create_contact besides where it makes contacts.
type Import struct {
	Titles        []string          // of the columns
	Map           map[string]string // the field of a column by its title, "" for one that is not read; else the title says
	Match         string            // the field that finds a row's contact: email, external_id or id
	Rows          []ImportRow
	Bad           []BadCell // rows that could not be read, told with those that cannot be written
	CreateMissing bool      // make those who are not found; not with id
	AddTags       []string  // names or ids, put on everyone
	RemoveTags    []string  // names or ids, taken off everyone
	ClearBlank    bool      // a blank cell clears its field; else it leaves it
	Dates         DateOrder // of dates such as 31/12/2027; "" refuses them
	StopAfter     int       // failures after which the rest is not sent; 0: as the policy says
}

// ImportRow is one row of a table, with a cell for each title.
type ImportRow struct {
	Line  int // of the file, for people
	Cells []string
}

// BadCell is what is wrong with a row. Nothing of such a row is written.
type BadCell struct {
	Line   int
	Column string // its title; "" for the row as a whole
	Text   string // one sentence
}

// PlannedImport is an import with its targets frozen. It is used by one goroutine.
type PlannedImport struct {
	// Bad lists what is wrong, in the order of the lines: all of it.
	Bad []BadCell
	// Ignored are the titles of columns that hold what cannot be written.
	Ignored []string
	// Empty is how many rows have nothing to write.
	Empty int
	// Created is how many contacts are to be made.
	Created int
	// NotFound is how many rows are bad since no contact is found for them.
	NotFound int
	// Lines are the lines that the change's items come from, by the item's index.
	Lines []int

	match   string // the title of the column that finds contacts
	session *session
	draft   *draft
}

// importedBy is the tool as which an import is judged and recorded.
const importedBy = "bulk_update_contacts"

// createdBy is the tool as which contacts are judged that a change of another tool makes.
const createdBy = "create_contact"

// PlanImport resolves the rows of a table, checks every cell, and writes nothing. The call has the principal, and
// whether its user can be asked; its tool and arguments are not used. The error is an [*toolerr.Error] for what is
// wrong with the table as a whole.
func (p *Pipeline) PlanImport(ctx context.Context, call Call, in Import) (*PlannedImport, error) {
	tool, offered := p.tool(importedBy)
	if _, creates := p.tool(createdBy); !offered || in.CreateMissing && !creates {
		return nil,
			toolerr.New(toolerr.PolicyDenied, "An import writes as "+importedBy+", and with missing contacts created as "+
				createdBy+", which this server does not offer.", "Offer them by --mode and --toolsets.")
	}
	args, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	call.Tool = importedBy
	s := p.newSession(call, tool)
	s.args = args
	planned := &PlannedImport{Bad: slices.Clone(in.Bad), session: s,
		draft: &draft{verb: "update", stopAfter: in.StopAfter}}
	if err := planned.plan(ctx, &in); err != nil {
		return nil, s.explain(ctx, err)
	}
	return planned, nil
}

// plan fills the draft.
func (p *PlannedImport) plan(ctx context.Context, in *Import) error {
	rows, err := p.read(ctx, in)
	if err != nil {
		return err
	}
	if rows, err = p.resolve(ctx, in, rows); err != nil {
		return err
	}
	rows = p.dropRepeated(rows)
	if err := p.draftItems(ctx, in, rows); err != nil {
		return err
	}
	slices.SortStableFunc(p.Bad, func(a, b BadCell) int { return a.Line - b.Line })
	p.draft.tellCreated()
	if limit := p.session.policy.Limits.BulkContacts; len(p.draft.items) > limit {
		return toolerr.New(toolerr.PolicyDenied, fmt.Sprintf("The table has %d contacts, the limit for one change is %d.",
			len(p.draft.items), limit), "Split the file.").With("rule", "bulk_contacts")
	}
	return nil
}

// draftItems plans what each row writes.
func (p *PlannedImport) draftItems(ctx context.Context, in *Import, rows []*importRow) error {
	s := p.session
	for _, row := range rows {
		if row.contact == nil {
			item, err := missingItem(s, in.Match, row.key, row.patch)
			if err != nil {
				p.bad(row.Line, "", err)
				continue
			}
			p.draft.items = append(p.draft.items, item)
			p.Created++
			p.Lines = append(p.Lines, row.Line)
			continue
		}
		if len(row.patch.Fields()) == 0 {
			p.Empty++
			continue
		}
		err := planContact(ctx, s, p.draft, row.contact, row.patch, engine.ByID)
		var wrong *toolerr.Error
		var odd *intercom.UnreadableError
		switch {
		case errors.As(err, &wrong):
			p.bad(row.Line, "", wrong)
		case errors.As(err, &odd):
			p.bad(row.Line, "", toolerr.Unreadable(odd))
		case err != nil:
			return err
		default:
			p.Lines = append(p.Lines, row.Line)
		}
	}
	if len(rows) > directory.FreshContacts && change.CountItems(p.draft.items).Unchanged > 0 {
		s.note("what contacts hold is what Intercom's search shows; it may be minutes behind")
	}
	return nil
}

// argumentPlace is where in a tool's arguments a value is wrong.
var argumentPlace = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^set(\.[^:]*)?: `) })

// bad records what is wrong with a cell, or a row: of a cell, each problem by itself.
func (p *PlannedImport) bad(line int, column string, err error) {
	var known *toolerr.Error
	switch {
	case !errors.As(err, &known):
		p.Bad = append(p.Bad, BadCell{line, column, err.Error()})
	case column == "":
		p.Bad = append(p.Bad, BadCell{line, column, forPerson(known).Error()})
	default: // the column says it better than the place in a tool's arguments
		for _, one := range known.Each() {
			p.Bad = append(p.Bad, BadCell{line, column, argumentPlace().ReplaceAllString(forPerson(one).Error(), "")})
		}
	}
}

// Nothing reports whether there is nothing to write.
func (p *PlannedImport) Nothing() bool { return len(render.Pending(p.draft.items)) == 0 }

// BadRows is how many rows are bad.
func (p *PlannedImport) BadRows() int {
	lines := make(map[int]bool)
	for _, bad := range p.Bad {
		lines[bad.Line] = true
	}
	return len(lines)
}

// Preview says what the import would do, and how the policy decides about it now. Nothing is recorded.
func (p *PlannedImport) Preview(ctx context.Context) (string, error) {
	s := p.session
	c := p.draft.change(s)
	recent, err := s.store.Recent(ctx, c, time.Now())
	if err != nil {
		return "", s.explain(ctx, err)
	}
	decision := s.decide(gather(ctx, s, &c), &c, recent, nil)
	if decision.Verdict == policy.Deny {
		return "", denied(s, decision)
	}
	return s.view.Preview(&c, decision), nil
}

// Run proposes the import, with a nil answer, or goes on with it after the user answered its [Ask]. The result is what
// a call of a tool that writes comes to. A read that the context ends leaves the change to the pipeline.
func (p *PlannedImport) Run(ctx context.Context, answer *Answer) (Result, error) {
	s := p.session
	var got any
	var err error
	if s.call.Answer = answer; answer != nil {
		got, err = answered(ctx, s, *answer, "")
	} else {
		got, err = propose(ctx, s, p.draft)
	}
	return s.result(ctx, got, err)
}

// Change is the handle of the change that the import has become, or "".
func (p *PlannedImport) Change() string { return p.session.changeID }

// Status is how the change stands that the import has become; "" where it has become none.
func (p *PlannedImport) Status(ctx context.Context) (change.Status, error) {
	if p.Change() == "" {
		return "", nil
	}
	c, err := p.session.store.Get(ctx, p.session.call.Principal, p.Change())
	if err != nil {
		return "", p.session.explain(ctx, err)
	}
	return c.Status, nil
}

// ReportColumns are the columns of [PlannedImport.Report].
func ReportColumns() []string {
	return []string{"line", "contact", "field", "from", "to", "outcome", "reason"}
}

// Report tells line by line what became of the import, or what it would do while it has not been run: part by part, and
// of bad rows what is wrong with them.
func (p *PlannedImport) Report(ctx context.Context) ([][]any, error) {
	c := p.draft.change(p.session)
	if id := p.Change(); id != "" {
		var err error
		if c, err = p.session.store.Get(ctx, c.Principal, id); err != nil {
			return nil, p.session.explain(ctx, err)
		}
	}
	type line struct {
		number int
		cells  []any
	}
	var lines []line
	for _, bad := range p.Bad {
		lines = append(lines, line{bad.Line, []any{nil, bad.Column, nil, nil, "rejected", bad.Text}})
	}
	for i := range c.Items {
		for _, part := range p.session.view.PartRows(&c, &c.Items[i]) {
			lines = append(lines, line{p.Lines[i], []any{part.Target, part.Field, part.From, part.To, part.Outcome,
				part.Reason}})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.number - b.number })
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = append([]any{json.Number(fmt.Sprint(l.number))}, l.cells...)
	}
	return rows, nil
}

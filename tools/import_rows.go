package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// importRow is a row on its way to an item.
type importRow struct {
	ImportRow
	key     string // what the contact is found by
	patch   change.Patch
	contact *intercom.Contact // nil for one to be created
	wrong   bool              // another cell is bad: it is read on for what else is, and not written
}

// byFlags is an error about everyone's tags with the flags that named them, where it has places in a tool's arguments.
func byFlags(err error) error {
	var known *toolerr.Error
	if !errors.As(err, &known) {
		return err
	}
	told := *known
	places := strings.NewReplacer("set.add_tags", "--add-tag", "set.remove_tags", "--remove-tag", "set: ", "")
	told.Message = places.Replace(told.Message)
	return &told
}

// read reads the cells of all rows. Rows that do not say whom they are about are left out.
func (p *PlannedImport) read(ctx context.Context, in *Import) ([]*importRow, error) {
	s := p.session
	columns, err := p.columns(ctx, in)
	if err != nil {
		return nil, err
	}
	links := ContactLinks{AddTags: in.AddTags, RemoveTags: in.RemoveTags}
	everyone := change.Patch{Set: make(map[string]any)}
	var bad toolerr.Several
	if err := setLinks(ctx, s.dir, &everyone, links, &bad); err != nil || bad.Len() > 0 {
		return nil, cmp.Or(err, byFlags(bad.Err()))
	}
	cells := &cellReader{dir: s.dir, in: in, companies: make(map[string]change.Patch)}
	var rows []*importRow
	for _, from := range in.Rows {
		row := &importRow{ImportRow: from, patch: change.Patch{Set: make(map[string]any)}}
		wrong := len(p.Bad)
		for i, c := range columns {
			if c.skip {
				continue
			}
			cell := from.Cells[i]
			if c.field == in.Match {
				if row.key, err = matchKey(in.Match, cell); err != nil {
					p.bad(row.Line, c.title, err)
				}
				continue
			}
			patch, err := cells.read(ctx, c, cell)
			var known *toolerr.Error
			switch {
			case errors.As(err, &known):
				p.bad(row.Line, c.title, known)
			case err != nil:
				return nil, err
			}
			mergePatch(&row.patch, patch)
		}
		mergePatch(&row.patch, everyone)
		if row.wrong = len(p.Bad) > wrong; row.key != "" {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// mergePatch adds the parts of one patch to another.
func mergePatch(to *change.Patch, from change.Patch) {
	for name, value := range from.Set {
		to.Set[name] = value
	}
	to.Dates = append(to.Dates, from.Dates...)
	add := func(to *[]change.Ref, refs []change.Ref) {
		for _, ref := range refs {
			if !slices.Contains(*to, ref) {
				*to = append(*to, ref)
			}
		}
	}
	add(&to.AddTags, from.AddTags)
	add(&to.RemoveTags, from.RemoveTags)
	add(&to.AddCompanies, from.AddCompanies)
}

// matchKey reads the cell that finds a row's contact.
func matchKey(field, cell string) (string, error) {
	key := strings.TrimSpace(cell)
	if key == "" {
		return "", toolerr.New(toolerr.InvalidArgument, "The cell is blank, and contacts are found by it.", "")
	}
	switch field {
	case "email":
		key = strings.ToLower(key)
		if _, email := directory.Identity(key); email != key {
			return "", toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no e-mail address.",
				text.Clip(cell, 60)), "") // quoted, so that what cannot be seen is
		}
	case "external_id":
		if err := undamaged(field, key); err != nil {
			return "", err
		}
	case "id":
		key = strings.ToLower(key)
		if ref, err := directory.ParseContact(key); err != nil || ref.ID != key {
			return "", toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no id of a contact.",
				text.Clip(cell, 60)), "An id has 24 characters, 0 to 9 and a to f.")
		}
	}
	return key, nil
}

// resolve finds the contacts of rows. A row whose contact is not found, or not alone, is bad, unless it is to be
// created.
func (p *PlannedImport) resolve(ctx context.Context, in *Import, rows []*importRow) ([]*importRow, error) {
	keys := make([]string, 0, len(rows))
	for _, row := range rows {
		keys = append(keys, row.key)
	}
	slices.Sort(keys)
	found, unread, err := p.session.dir.FindEach(ctx, in.Match, slices.Compact(keys))
	if err != nil {
		return nil, err
	}
	var kept []*importRow
	for _, row := range rows {
		contacts := found[row.key]
		switch {
		case unread[row.key] != nil:
			p.bad(row.Line, p.match, p.session.explain(ctx, unread[row.key]))
			continue
		case len(contacts) == 1:
			row.contact = contacts[0]
		case len(contacts) > 1:
			p.bad(row.Line, p.match, p.session.dir.Ambiguous(row.key, contactValues(contacts)))
			continue
		case in.CreateMissing: // without a contact
		default:
			p.NotFound++
			p.bad(row.Line, p.match, toolerr.New(toolerr.NotFound, fmt.Sprintf("No contact has the %s %q.", in.Match,
				text.Clip(text.Clean(row.key), 80)), ""))
			continue
		}
		kept = append(kept, row)
	}
	return kept, nil
}

func contactValues(contacts []*intercom.Contact) []intercom.Contact {
	list := make([]intercom.Contact, len(contacts))
	for i, c := range contacts {
		list[i] = *c
	}
	return list
}

// dropRepeated takes rows out that are about the same contact, and names each with the other's line; and those that are
// wrong already.
func (p *PlannedImport) dropRepeated(rows []*importRow) []*importRow {
	lines := make(map[string][]int)
	target := func(row *importRow) string {
		if row.contact != nil {
			return row.contact.ID
		}
		return row.key
	}
	for _, row := range rows {
		lines[target(row)] = append(lines[target(row)], row.Line)
	}
	return slices.DeleteFunc(rows, func(row *importRow) bool {
		same := lines[target(row)]
		if len(same) == 1 {
			return row.wrong
		}
		other := same[0]
		if other == row.Line {
			other = same[1]
		}
		p.Bad = append(p.Bad, BadCell{row.Line, "", fmt.Sprintf("It is about the same contact as line %d.", other)})
		return true
	})
}

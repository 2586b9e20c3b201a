package tools

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// importColumn is what a column of a table holds.
type importColumn struct {
	title     string
	field     string                  // what it writes, or finds a contact by
	attribute *intercom.DataAttribute // of a custom one
	skip      bool                    // it is not read
}

// importable are the standard fields that an import writes.
var importable = []string{"name", "email", "phone", "external_id", "owner", "avatar", "language_override",
	"unsubscribed_from_emails", "role", "signed_up_at", "last_seen_at", "tags", "companies"}

// titleAliases are titles that spreadsheets have for fields, in the form of [plainTitle].
var titleAliases = map[string]string{
	"e mail": "email", "email address": "email", "e mail address": "email", "full name": "name",
	"phone number": "phone", "user id": "external_id", "userid": "external_id", "intercom id": "id", "contact id": "id",
	"owner id": "owner", "tag": "tags", "company": "companies", "signed up": "signed_up_at",
	"last seen": "last_seen_at", "first seen": "created_at", "unsubscribed": "unsubscribed_from_emails",
	"language": "language_override",
}

// matchable are the fields that find a contact.
var matchable = []string{"email", "external_id", "id"}

// plainTitle is a title without what does not matter: case, blanks, and what joins words.
func plainTitle(title string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(text.Clean(title), func(r rune) bool {
		return r == ' ' || r == '_' || r == '-' || r == '\u00a0' || r == '\n'
	}), " "))
}

// columns reads the titles of a table.
func (p *PlannedImport) columns(ctx context.Context, in *Import) ([]importColumn, error) {
	if !slices.Contains(matchable, in.Match) {
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("Contacts are matched by %s, not by %q.",
			strings.Join(matchable, ", "), text.Clip(text.Clean(in.Match), 40)), "")
	}
	if in.CreateMissing && in.Match == "id" {
		return nil,
			toolerr.New(toolerr.InvalidArgument, "A contact that is found by its id cannot be created: Intercom gives the id.",
				"Match by email or external_id.")
	}
	for _, title := range slices.Sorted(maps.Keys(in.Map)) {
		if !slices.Contains(in.Titles, title) {
			return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("There is no column %q to map%s.",
				text.Clip(text.Clean(title), 60), directory.DidYouMean(title, in.Titles)),
				"The columns are "+quoted(in.Titles)+".")
		}
	}
	attributes, err := p.session.lists.ContactAttributes.Younger(ctx, directory.CacheFresh)
	if err != nil {
		return nil, err
	}
	known := newTitles(attributes)
	columns := make([]importColumn, len(in.Titles))
	var unknown []string
	for i, title := range in.Titles {
		name, mapped := in.Map[title]
		if !mapped {
			name = title
		}
		var found bool
		if columns[i], found, err = known.column(title, name); err != nil {
			return nil, err
		}
		switch {
		case !found && mapped:
			return nil, known.noField(title, name)
		case !found:
			unknown = append(unknown, name)
		}
		switch c := &columns[i]; {
		case c.field == in.Match:
			c.skip, p.match = false, title
		case c.skip && c.field != "" && c.field != "id":
			p.Ignored = append(p.Ignored, title)
		}
	}
	if len(unknown) > 0 {
		return nil, known.noFields(unknown, len(in.Titles))
	}
	return columns, checkColumns(in, columns)
}

// unknownNamed is how many columns one error names.
const unknownNamed = 10

// quoted lists titles, the first of many.
func quoted(titles []string) string {
	var list []string
	for _, title := range titles[:min(len(titles), unknownNamed)] {
		list = append(list, fmt.Sprintf("%q", text.Clip(text.Clean(title), 40)))
	}
	if more := len(titles) - len(list); more > 0 {
		return strings.Join(list, ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(list, ", ")
}

// noField is the error of a column that is mapped to no field of contacts.
func (t *titles) noField(title, name string) error {
	near := directory.DidYouMean(strings.TrimPrefix(name, directory.CustomPrefix), t.names)
	return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("The column %q is mapped to %q, which is no field of "+
		"contacts%s.", text.Clip(text.Clean(title), 60), text.Clip(text.Clean(name), 60), near),
		"'intercom-mcp call list_attributes' shows the fields.")
}

// noFields is the error of columns, of so many, that hold no field of contacts.
func (t *titles) noFields(names []string, of int) error {
	const hint = "Name its field: --map 'TITLE=FIELD', or leave it out: --map 'TITLE='."
	if len(names) == of && slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, "@") }) {
		return toolerr.New(toolerr.InvalidArgument,
			"The first line of the table has to hold the titles of the columns, such "+
				"as email and name.", "")
	}
	if len(names) == 1 {
		return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("The column %q is no field of contacts%s.",
			text.Clip(text.Clean(names[0]), 60), directory.DidYouMean(names[0], t.names)), hint)
	}
	var told []string
	for _, name := range names[:min(len(names), unknownNamed)] {
		word := fmt.Sprintf("%q", text.Clip(text.Clean(name), 40))
		if near := strings.TrimPrefix(directory.DidYouMean(name, t.names), "; "); near != "" {
			word += " (" + near + ")"
		}
		told = append(told, word)
	}
	list := strings.Join(told, ", ")
	if more := len(names) - len(told); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return toolerr.New(toolerr.InvalidArgument, "The columns "+list+" are no fields of contacts.",
		"For each, "+strings.ToLower(hint[:1])+hint[1:])
}

// checkColumns refuses two columns for one field, and a table without the column that finds its contacts.
func checkColumns(in *Import, columns []importColumn) error {
	by := make(map[string]string)
	for _, c := range columns {
		if c.field == "" || c.skip {
			continue
		}
		if first, twice := by[c.field]; twice {
			hint := "Leave one out by mapping it to nothing: --map 'TITLE='."
			if first == c.title { // which would leave out both
				hint = "Remove one of them from the table, or give it another title."
			}
			return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("The columns %q and %q are both %s.",
				text.Clip(text.Clean(first), 60), text.Clip(text.Clean(c.title), 60), c.field), hint)
		}
		by[c.field] = c.title
	}
	if _, ok := by[in.Match]; !ok {
		return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("No column holds the %s that contacts are found by.",
			in.Match),
			fmt.Sprintf("Name one: --map 'TITLE=%s', or match by another of %s.", in.Match, strings.Join(matchable, ", ")))
	}
	return nil
}

// titles finds fields by what columns are called.
type titles struct {
	fields     map[string]string // by plain title; "" for one that means several
	attributes map[string]*intercom.DataAttribute
	names      []string // for what is nearest
}

func newTitles(attributes []intercom.DataAttribute) *titles {
	t := &titles{fields: make(map[string]string), attributes: make(map[string]*intercom.DataAttribute)}
	add := func(title, field string) {
		if title = plainTitle(title); t.fields[title] != field {
			if _, other := t.fields[title]; other {
				field = ""
			}
			t.fields[title] = field
		}
	}
	for i := range attributes {
		a := &attributes[i]
		if !a.Custom || a.Archived {
			continue
		}
		field := directory.CustomPrefix + a.Name
		t.attributes[field] = a
		t.names = append(t.names, a.Name)
		add(field, field)
		add(a.Name, field)
		if a.Label != "" {
			add(a.Label, field)
		}
	}
	for i := range record.ContactFields { // which come before attributes of the same name
		name := record.ContactFields[i].Name
		t.fields[plainTitle(name)] = name
	}
	for _, name := range importable {
		t.fields[plainTitle(name)] = name
		t.names = append(t.names, name)
	}
	for title, field := range titleAliases {
		if _, taken := t.fields[title]; !taken {
			t.fields[title] = field
		}
	}
	return t
}

// column finds what a column holds by the name of its field. found is false where there is no such field.
func (t *titles) column(title, name string) (c importColumn, found bool, err error) {
	c = importColumn{title: title}
	if name == "" {
		c.skip = true
		return c, true, nil
	}
	field, known := t.fields[plainTitle(name)]
	if _, exact := t.attributes[name]; exact {
		field, known = name, true
	}
	if alias, ok := titleAliases[plainTitle(field)]; ok && t.attributes[field] == nil {
		field = alias
	}
	switch {
	case !known:
		return c, false, nil
	case field == "":
		return c, true, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("The column %q may be several fields.",
			text.Clip(text.Clean(name), 60)), "Name its field: --map 'TITLE=custom_attributes.NAME'.")
	}
	c.field, c.attribute = field, t.attributes[field]
	c.skip = c.attribute == nil && !slices.Contains(importable, field)
	return c, true, nil
}

package tools

import (
	"context"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// defaultColumns are what a list of contacts shows unasked.
var defaultColumns = []string{"id", "name", "email", "role", "last_seen_at"}

// column shows one aspect of a contact in a list.
type column struct {
	name string
	cell func(ctx context.Context, c *intercom.Contact) (string, error)
}

// columns makes the default columns and those the agent asked for besides.
func (t *contactTable) columns(ctx context.Context, fields []string) ([]column, error) {
	var list []column
	for _, name := range slices.Concat(defaultColumns, fields) {
		f, err := t.find.Field(ctx, name)
		if err != nil {
			return nil, toolerr.At(err, "fields")
		}
		if slices.ContainsFunc(list, func(c column) bool { return c.name == columnName(f) }) {
			continue
		}
		c, err := t.column(f)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func columnName(f *record.Field) string {
	switch f.Kind {
	case record.KindTag:
		return "tags"
	case record.KindCompany:
		return "companies"
	}
	return f.Name
}

// column makes the column of a field.
func (t *contactTable) column(f *record.Field) (column, error) {
	c := column{name: columnName(f)}
	switch f.Kind {
	case record.KindTag:
		c.cell = func(ctx context.Context, contact *intercom.Contact) (string, error) {
			list, err := t.dir.TagNames(ctx, contact)
			return t.clean.Join(list), err
		}
	case record.KindCompany:
		c.cell = func(ctx context.Context, contact *intercom.Contact) (string, error) {
			list, err := t.dir.ShownCompanyNames(ctx, contact)
			return t.clean.Join(list), err
		}
	case record.KindOwner:
		c.cell = func(ctx context.Context, contact *intercom.Contact) (string, error) {
			owner, err := t.dir.OwnerName(ctx, contact.OwnerID)
			return t.mask.Policy.Mask("owner_id", owner), err
		}
	case record.KindSegment:
		return c, toolerr.New(toolerr.InvalidArgument, "fields: segments are not shown in lists.",
			"get_contact with include segments shows them.")
	default:
		c.cell = func(_ context.Context, contact *intercom.Contact) (string, error) {
			visible := t.mask.Visible(f.Name, f.Get(contact))
			if str, ok := visible.(string); ok {
				visible = t.clean.Clean(str)
			}
			return render.Cell(f.Kind, visible), nil
		}
	}
	return c, nil
}

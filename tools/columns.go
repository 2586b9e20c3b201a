package tools

import (
	"context"
	"fmt"
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

// columns makes the default columns and those the agent asked for besides. The error names all that there are not.
func (t *contactTable) columns(ctx context.Context, fields []string) ([]column, error) {
	var list []column
	var bad toolerr.Several
	for i, name := range slices.Concat(defaultColumns, fields) {
		var c column
		f, err := t.find.Field(ctx, name)
		if err == nil {
			c, err = t.column(f)
		}
		if err != nil {
			if err = bad.Add(fmt.Sprintf("fields[%d]", i-len(defaultColumns)), err); err != nil {
				return nil, err
			}
			continue
		}
		if !slices.ContainsFunc(list, func(other column) bool { return other.name == c.name }) {
			list = append(list, c)
		}
	}
	return list, bad.Err()
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
		return c, toolerr.New(toolerr.InvalidArgument, "segments are not shown in lists.",
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

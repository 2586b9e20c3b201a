package tools

import (
	"context"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
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
func (s *session) columns(ctx context.Context, fields []string) ([]column, error) {
	var list []column
	for _, name := range slices.Concat(defaultColumns, fields) {
		f, err := s.field(ctx, name)
		if err != nil {
			return nil, toolerr.At(err, "fields")
		}
		if slices.ContainsFunc(list, func(c column) bool { return c.name == columnName(f) }) {
			continue
		}
		c, err := s.column(f)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func columnName(f *field) string {
	switch f.kind {
	case kindTag:
		return "tags"
	case kindCompany:
		return "companies"
	}
	return f.name
}

// column makes the column of a field.
func (s *session) column(f *field) (column, error) {
	c := column{name: columnName(f)}
	switch f.kind {
	case kindTag:
		c.cell = func(ctx context.Context, contact *intercom.Contact) (string, error) {
			list, err := s.tagNames(ctx, contact)
			return text.JoinNames(list), err
		}
	case kindCompany:
		c.cell = func(ctx context.Context, contact *intercom.Contact) (string, error) {
			list, err := s.companyNames(ctx, contact)
			return text.JoinNames(list), err
		}
	case kindOwner:
		c.cell = func(ctx context.Context, contact *intercom.Contact) (string, error) {
			owner, err := s.ownerName(ctx, contact.OwnerID)
			return s.policy.Mask("owner_id", owner), err
		}
	case kindSegment:
		return c, toolerr.New(toolerr.InvalidArgument, "fields: segments are not shown in lists.", "get_contact with include segments shows them.")
	default:
		c.cell = func(_ context.Context, contact *intercom.Contact) (string, error) {
			return cell(f.kind, s.visible(f.name, f.get(contact))), nil
		}
	}
	return c, nil
}

// tagNames names a contact's tags.
func (s *session) tagNames(ctx context.Context, c *intercom.Contact) ([]string, error) {
	ids, err := s.tagIDs(ctx, c)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	all, err := s.workspace.tags.get(ctx)
	if err != nil {
		return nil, err
	}
	named := make(map[string]string, len(all))
	for _, tag := range all {
		named[tag.ID] = tag.Name
	}
	list := make([]string, len(ids))
	for i, id := range ids {
		if list[i] = named[id]; list[i] == "" {
			list[i] = id // a tag made after the list was read
		}
	}
	return list, nil
}

// companyNames names a contact's companies, with one request for those who
// are in any.
func (s *session) companyNames(ctx context.Context, c *intercom.Contact) ([]string, error) {
	if c.Companies.Total == 0 && len(c.Companies.IDs) == 0 {
		return nil, nil
	}
	var list []string
	for company, err := range s.client.Contacts.CompaniesAll(ctx, c.ID, intercom.PageOptions{}) {
		if err != nil {
			return nil, err
		}
		list = append(list, company.Name)
	}
	return list, nil
}

// ownerName names a teammate by e-mail; the id where the teammate has left.
func (s *session) ownerName(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	all, err := s.workspace.admins.get(ctx)
	if err != nil {
		return "", err
	}
	for _, admin := range all {
		if admin.ID == id && admin.Email != "" {
			return text.Clean(admin.Email), nil
		}
	}
	return id, nil
}

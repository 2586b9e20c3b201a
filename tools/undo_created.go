package tools

import (
	"context"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
)

// planCreated plans to archive a contact that was created, unless somebody has
// written to it since: that would go out of sight with it.
func (u *undoing) planCreated(ctx context.Context, item *change.Item, c *intercom.Contact) error {
	since, err := u.writtenSince(ctx, item, c)
	if err != nil {
		return err
	}
	if len(since) > 0 {
		u.conflict(u.view.Who(item) + " was written to since (" + strings.Join(since, ", ") + ") and is left as it is; archive_contacts archives it all the same")
		return nil
	}
	u.restore(item, change.Archive)
	return nil
}

// ownWrites is how long after the end of a change Intercom's clock may date what the
// change wrote. Where the clocks differ by more, too much is taken for somebody
// else's, and told.
const ownWrites = 2 * time.Second

// planRearchive plans to archive again who was unarchived, unless somebody has
// written to them since.
func (u *undoing) planRearchive(item *change.Item, c *intercom.Contact) {
	if c.UpdatedAt.Time().After(u.ended.Add(ownWrites)) {
		u.conflict(u.view.Who(item) + " was written to since, and is left as it is; archive_contacts archives it all the same")
		return
	}
	u.restore(item, change.Archive)
}

// writtenByPeople are the fields that hold nothing until somebody writes them.
// Intercom gives a lead an external_id, and anybody a role, by itself.
var writtenByPeople = []string{"name", "email", "phone", "external_id", "owner_id", "avatar", "language_override", "unsubscribed_from_emails", "signed_up_at"}

// writtenSince names what a contact holds that it was not created with. Fields in
// which an item failed were never as planned, so they tell nothing.
func (u *undoing) writtenSince(ctx context.Context, item *change.Item, c *intercom.Contact) ([]string, error) {
	var fields []string
	if item.Outcome == change.Changed {
		for field, value := range item.Patch.Set {
			if !record.Same(field, record.ContactValue(c, field), value) {
				fields = append(fields, field)
			}
		}
	}
	planned := func(field string) bool { _, set := item.Patch.Set[field]; return set }
	for _, field := range writtenByPeople {
		value := record.ContactValue(c, field)
		if !planned(field) && !record.Empty(value) && value != false && !(field == "external_id" && c.Role == "lead") {
			fields = append(fields, field)
		}
	}
	for name, value := range c.CustomAttributes {
		if field := directory.CustomPrefix + name; !planned(field) && !record.Empty(value) {
			fields = append(fields, field)
		}
	}
	tags, err := directory.TagIDs(ctx, u.client, c)
	if err != nil {
		return nil, err
	}
	companies, err := directory.CompanyIDs(ctx, u.client, c)
	if err != nil {
		return nil, err
	}
	for _, links := range []struct {
		field   string
		now     []string
		planned []change.Ref
	}{{"tags", tags, item.Patch.AddTags}, {"companies", companies, item.Patch.AddCompanies}, {"notes", c.Notes.IDs, nil}} {
		kept := len(present(links.planned, links.now))
		if len(links.now) > kept || len(links.planned) > kept && item.Outcome == change.Changed {
			fields = append(fields, links.field)
		}
	}
	slices.Sort(fields)
	return fields, nil
}

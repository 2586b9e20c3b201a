package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

// createContact creates a contact, and links it. It is never sent twice where the answer was lost: a contact is found
// by its external_id at once, and by e-mail only as the search allows.
type createContact struct{}

func (op createContact) send(ctx context.Context, a *applier, i int) change.Recorded {
	item := &a.change.Items[i]
	body, err := contactWrite(item.Patch.Set)
	if err != nil {
		return a.judge.failedWith(ctx, i, err)
	}
	contact, err := a.client.Contacts.Create(ctx, body)
	switch {
	case err == nil:
		return op.complete(ctx, a, i, contact.ID, item.Patch, nil)
	case outcomeUnknown(err):
		if key, ok := item.Patch.Set["external_id"].(string); ok {
			if found, readErr := a.client.Contacts.FindByExternalID(ctx, key); readErr == nil &&
				a.sinceApplied(found.CreatedAt) {
				return op.completeFound(ctx, a, i, found.ID, err)
			}
		}
		return unknownCreation(i, err)
	case a.run.resumed && isOurs(ctx, a, err):
		return op.completeFound(ctx, a, i, existingID(err), nil)
	}
	return a.judge.failedWith(ctx, i, err)
}

// complete links a contact that was created, and reads it back.
func (createContact) complete(ctx context.Context, a *applier, i int, id string, links change.Patch,
	sent error) change.Recorded {
	if !a.claim(i, id) {
		return createdBefore(i, id)
	}
	r := a.readBack(ctx, i, id, errors.Join(sent, a.link(ctx, id, links)))
	r.TargetID, r.Created = id, id
	return r
}

// completeFound does what is left to do of a contact that turns out to have been created.
func (op createContact) completeFound(ctx context.Context, a *applier, i int, id string, sent error) change.Recorded {
	links := a.change.Items[i].Patch
	if now, err := a.readImage(ctx, id, links); err == nil { // else: linking twice does no more than once
		links = remaining(links, now)
	}
	return op.complete(ctx, a, i, id, links, sent)
}

// claim makes a record that was created item i's own, unless it is another item's already.
func (a *applier) claim(i int, id string) bool {
	owner, _ := a.created.LoadOrStore(id, i)
	return owner == i
}

// createdBefore is the outcome of a creation that was answered with a record which another item of the change created.
func createdBefore(i int, id string) change.Recorded {
	return change.Recorded{Index: i, Outcome: change.Unknown, Failure: unknownOutcome(
		"Intercom answered with "+id+", which it had given for another creation of this change",
		change.Patch{Op: change.Create})}
}

// unknownCreation is the outcome of a creation whose answer is lost, or says nothing.
func unknownCreation(i int, sent error) change.Recorded {
	what := "the connection broke after the contact was sent"
	if upstream, ok := asIntercom(sent); ok && upstream.Status != 0 {
		what = toolerr.Answered(upstream)
	}
	return change.Recorded{Index: i, Outcome: change.Unknown, Failure: unknownOutcome(
		what+"; a search can take some minutes to show it", change.Patch{Op: change.Create})}
}

// reconcile looks for the contact. Nothing tells a lead from another one alike, so a lead that may have been sent is
// not sent again. A user who is not found yet is told by Intercom, which refuses a second one with the same external_id
// or e-mail.
func (op createContact) reconcile(ctx context.Context, a *applier, i int) reconciled {
	item := &a.change.Items[i]
	final := a.run.halt.final()
	if item.Patch.Set["role"] == "lead" && !final {
		return reconciled{recorded: unknownCreation(i, nil)}
	}
	for _, found := range usersLike(ctx, a.client, item.Patch) {
		switch {
		case !a.sinceApplied(found.CreatedAt):
		case final && a.claim(i, found.ID):
			r := a.readBack(ctx, i, found.ID, nil)
			r.TargetID, r.Created = found.ID, found.ID
			return reconciled{recorded: r}
		default:
			return reconciled{recorded: op.completeFound(ctx, a, i, found.ID, nil)}
		}
	}
	if key, ok := item.Patch.Set["external_id"].(string); ok && item.Patch.Set["role"] != "lead" {
		if _, err := a.client.Contacts.FindByExternalID(ctx, key); err == nil || directory.Gone(err) {
			return undone()
		}
	}
	return reconciled{unsure: "no search shows it for sure"}
}

// usersLike looks for users who have the identity of a new one.
func usersLike(ctx context.Context, client *intercom.Client, p change.Patch) []intercom.Contact {
	var users []intercom.Contact
	if key, ok := p.Set["external_id"].(string); ok {
		if found, err := client.Contacts.FindByExternalID(ctx, key); err == nil {
			users = append(users, found)
		}
	} else if email, ok := p.Set["email"].(string); ok {
		// An error here shows no more than a search that is behind the times.
		_ = directory.SearchEach(ctx, client, "email", []string{email}, func(c *intercom.Contact) {
			if c.Role == "user" {
				users = append(users, *c)
			}
		})
	}
	return users
}

// isOurs reports whether a conflict is with the contact that an earlier process created for this very change.
func isOurs(ctx context.Context, a *applier, conflict error) bool {
	id := existingID(conflict)
	if id == "" {
		return false
	}
	found, err := a.client.Contacts.Get(ctx, id)
	return err == nil && a.sinceApplied(found.CreatedAt)
}

// sinceApplied reports whether a record was created since work on the change began.
func (a *applier) sinceApplied(created intercom.Time) bool {
	return !created.Time().Before(a.change.AppliedAt.Add(-clockSkew))
}

// existingID is the id that a conflict names, or "".
func existingID(err error) string {
	if upstream, ok := asIntercom(err); ok {
		return upstream.ConflictID
	}
	return ""
}

func (createContact) drift(context.Context, *applier, *change.Item, seen) (string, error) {
	return "", nil
}

// undo archives a contact that was created, unless another client has written to it since: that would go out of sight
// with it.
func (createContact) undo(ctx context.Context, u *undoing, item *change.Item) error {
	contact, err := u.contact(ctx, item)
	if contact == nil {
		return err
	}
	since, err := writtenSince(ctx, u.client, item, contact)
	if isUnreadable(err) {
		u.conflict(item, cannotTell(err))
		return nil
	}
	if err != nil {
		return err
	}
	if len(since) > 0 {
		u.conflict(item, "was written to since ("+strings.Join(since,
			", ")+") and is left as it is; archive_contacts archives it all the same")
		return nil
	}
	u.restore(item, change.Archive)
	return nil
}

func (createContact) reads() reads      { return reads{undo: true} }
func (createContact) checkWith() string { return "search_contacts" }

func (createContact) requests(p change.Patch) int { return 1 + links(p) + 1 }

// writtenByPeople are the fields that hold nothing until somebody writes them. Intercom gives a lead an external_id,
// and anybody a role, by itself.
var writtenByPeople = []string{"name", "email", "phone", "external_id", "owner_id", "avatar", "language_override",
	"unsubscribed_from_emails", "signed_up_at"}

// noteIDs lists some of a contact's notes, none only where it has none.
func noteIDs(ctx context.Context, client *intercom.Client, c *intercom.Contact) ([]string, error) {
	if len(c.Notes.IDs) > 0 || !c.Notes.HasMore {
		return c.Notes.IDs, nil
	}
	page, err := client.Notes.OfContact(ctx, c.ID, intercom.PageOptions{PerPage: 1})
	if err != nil {
		return nil, err
	}
	return make([]string, len(page.Items)), nil
}

// writtenSince names what a contact holds that it was not created with. Parts that an item did not write were never as
// planned, so they tell nothing.
func writtenSince(ctx context.Context, client *intercom.Client, item *change.Item, c *intercom.Contact) ([]string,
	error) {
	now, err := contactImage(ctx, client, c, item.Patch)
	if err != nil {
		return nil, err
	}
	var fields []string
	for _, judged := range states(item, now) {
		ours := item.Outcome == change.Changed || item.Outcome == change.Partly &&
			!slices.Contains(item.Missing, judged.part.Key)
		if judged.state != shows && ours {
			fields = append(fields, judged.part.Field)
		}
	}
	planned := func(field string) bool { _, set := item.Patch.Set[field]; return set }
	for _, field := range writtenByPeople {
		value := record.ContactValue(c, field)
		if !planned(field) && !record.Empty(value) && value != false && !(field == "external_id" && c.Role == "lead") {
			fields = append(fields, field)
		}
	}
	for field := range c.Odd { // nobody can tell; what was planned was read
		if slices.Contains(writtenByPeople, field) || isAttribute(field) {
			fields = append(fields, field)
		}
	}
	for name, value := range c.CustomAttributes {
		if field := directory.CustomPrefix + name; !planned(field) && !record.Empty(value) {
			fields = append(fields, field)
		}
	}
	tags, err := directory.TagIDs(ctx, client, c)
	if err != nil {
		return nil, err
	}
	companies, err := directory.CompanyIDs(ctx, client, c)
	if err != nil {
		return nil, err
	}
	notes, err := noteIDs(ctx, client, c)
	if err != nil {
		return nil, err
	}
	for _, links := range []struct {
		field string
		now   []string
		ours  int
	}{{change.FieldTags, tags, len(now.Tags)}, {change.FieldCompanies, companies, len(now.Companies)},
		{change.FieldNotes, notes, 0}} {
		if len(links.now) > links.ours {
			fields = append(fields, links.field)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields), nil
}

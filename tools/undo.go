package tools

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// undoChange plans to put back what a change wrote. A field is put back only
// where it still holds what was written; the rest is told as a conflict. The
// plan is a change like any other, and can be undone itself.
func undoChange(ctx context.Context, s *session, in ChangeInput) (*draft, error) {
	c, err := s.findChange(ctx, in.Change)
	if err != nil {
		return nil, err
	}
	switch c.Status {
	case change.StatusApplied, change.StatusPartial, change.StatusUnknown:
	case change.StatusFailed:
		if slices.ContainsFunc(c.Items, func(item change.Item) bool { return touched(&item) }) {
			break // a contact was created, though not as it was to be
		}
		return nil, toolerr.New(toolerr.ChangeUsed, "The change failed: it wrote nothing that could be put back.", "")
	case change.StatusUndone:
		return nil, toolerr.New(toolerr.ChangeUsed, "The change was undone before.", "list_changes shows the change that did; undo that one to get back.")
	case change.StatusApplying, change.StatusApproved:
		return nil, toolerr.New(toolerr.ChangeUsed, "The change is still being applied.", "Wait for its end, or cancel_change it; then undo it.")
	default:
		return nil, toolerr.New(toolerr.ChangeUsed, fmt.Sprintf("The change is %s: it wrote nothing that could be put back.", c.Status), "")
	}
	if c.Purged {
		return nil, toolerr.New(toolerr.ChangeUsed, "The change is too old: what it wrote is on record no more.", "Nothing was changed.")
	}
	u := &undoing{session: s, draft: &draft{verb: "put back", undoes: c.ID}, ended: c.EndedAt}
	if err := u.plan(ctx, c.Items); err != nil {
		return nil, err
	}
	if len(u.draft.items) == 0 {
		if len(u.draft.leftAlone) == 0 {
			recent, err := s.store.Recent(ctx, change.Change{Principal: s.call.Principal, Undoes: c.ID}, time.Now())
			if err != nil {
				return nil, err
			}
			if recent.Undoing != nil { // another call was quicker
				return nil, &sameAs{recent.Undoing}
			}
			u.conflict("nothing that it wrote is there any more")
		}
		return nil, toolerr.New(toolerr.ChangeUsed, "Nothing can be put back: "+text.ListFew(u.draft.leftAlone, 1)+".", "Nothing was changed.")
	}
	return u.draft, nil
}

// undoing plans the reverse of a change.
type undoing struct {
	*session
	draft *draft
	ended time.Time // when the change was over
}

// conflict notes what is left alone.
func (u *undoing) conflict(what string) { u.draft.leftAlone = append(u.draft.leftAlone, what) }

// conflicts notes what of an item is left alone.
func (u *undoing) conflicts(item *change.Item, whats []string) {
	for _, what := range whats {
		u.conflict(u.view.Who(item) + ": " + what)
	}
}

// restore plans an operation on the whole of what an item was about.
func (u *undoing) restore(item *change.Item, op change.Operation) {
	u.draft.items = append(u.draft.items, change.Item{TargetID: item.TargetID, Label: item.Label, LabelField: item.LabelField, Patch: change.Patch{Op: op}})
}

// plan reads the contacts as they are now, and plans each item's reverse.
func (u *undoing) plan(ctx context.Context, items []change.Item) error {
	var ids []string
	for i := range items {
		if touched(&items[i]) && items[i].Patch.Traits().Target == change.TargetContact && items[i].Patch.Op != change.Archive {
			ids = append(ids, items[i].TargetID)
		}
	}
	now, searched, err := directory.ReadFresh(ctx, u.client, ids)
	if err != nil {
		return err
	}
	if searched {
		u.draft.sideEffects = append(u.draft.sideEffects, fmt.Sprintf("More than %d contacts are compared by Intercom's search: what was written to them in the last minutes may be written over.", directory.FreshContacts))
	}
	for i := range items {
		if item := &items[i]; touched(item) {
			if err := u.planItem(ctx, item, now[item.TargetID], searched); err != nil {
				return err
			}
		}
	}
	return nil
}

// touched reports whether an item wrote something, or may have.
func touched(item *change.Item) bool {
	return (item.Outcome == change.Changed || item.Outcome == change.Unknown || item.Created != "") && item.TargetID != ""
}

// planItem plans the reverse of one item. What a search shows may be behind
// the times, so a conflict seen there is looked at again.
func (u *undoing) planItem(ctx context.Context, item *change.Item, c *intercom.Contact, searched bool) error {
	switch {
	case item.Patch.Note != nil:
		u.conflict(u.view.Who(item) + ": Intercom cannot delete notes")
		return nil
	case item.Patch.Op == change.SaveCompany:
		return u.planCompany(ctx, item)
	case item.Patch.Op == change.Archive:
		return u.planUnarchive(ctx, item)
	case c == nil || item.Patch.Traits().Target != change.TargetContact:
		where := isGone
		if item.Patch.Traits().Target == change.TargetContact {
			where = u.whereGone(ctx, item.TargetID)
		}
		u.conflict(u.view.Who(item) + " " + where)
		return nil
	case item.Patch.Op == change.Create:
		return u.planCreated(ctx, item, c)
	case item.Patch.Op == change.Unarchive:
		u.planRearchive(item, c)
		return nil
	}
	if item.Patch.Op != change.Update {
		u.conflict(u.view.Who(item) + ": what was done to it cannot be undone")
		return nil
	}
	image, err := u.image(ctx, c, item.Patch)
	if err != nil {
		return err
	}
	patch, conflicts := u.reverse(item, image)
	if len(conflicts) > 0 && searched {
		fresh, err := u.client.Contacts.Get(ctx, c.ID)
		if err != nil {
			return err
		}
		return u.planItem(ctx, item, &fresh, false)
	}
	u.conflicts(item, conflicts)
	if len(patch.Fields()) == 0 {
		return nil
	}
	return u.session.plan(ctx, u.draft, c, patch, false)
}

// planUnarchive plans to bring back whom a change archived. Intercom shows an
// archived contact to nobody, so who is shown is not archived any more.
func (u *undoing) planUnarchive(ctx context.Context, item *change.Item) error {
	_, err := u.client.Contacts.Get(ctx, item.TargetID)
	switch into := whereMerged(err); {
	case err == nil:
		u.conflict(u.view.Who(item) + " is not archived any more")
	case into != "":
		u.conflict(u.view.Who(item) + " was merged into " + into)
	case directory.Gone(err):
		u.restore(item, change.Unarchive)
	default:
		return err
	}
	return nil
}

// planCompany plans the reverse of a write to a company.
func (u *undoing) planCompany(ctx context.Context, item *change.Item) error {
	if item.Created != "" {
		u.conflict(u.view.Who(item) + ": a company that was created is not deleted")
		return nil
	}
	company, err := u.client.Companies.Get(ctx, item.TargetID)
	if directory.Gone(err) {
		u.conflict(u.view.Who(item) + " is gone")
		return nil
	}
	if err != nil {
		return err
	}
	patch, conflicts := u.reverse(item, companyImage(&company, item.Patch))
	u.conflicts(item, conflicts)
	if patch.Op = change.SaveCompany; len(patch.Set) > 0 {
		u.draft.noun = "company"
		u.draft.items = append(u.draft.items, change.Item{TargetID: item.TargetID, Label: item.Label, Patch: patch, Before: companyImage(&company, patch)})
	}
	return nil
}

// reverse makes the patch that puts an item back, given how its contact looks
// now; what no longer holds what was written is a conflict.
func (s *session) reverse(item *change.Item, now change.Image) (change.Patch, []string) {
	patch := change.Patch{Set: make(map[string]any), Dates: item.Patch.Dates}
	var conflicts []string
	for _, field := range slices.Sorted(maps.Keys(item.Patch.Set)) {
		written := item.Patch.Set[field]
		switch {
		case field == "role" && written == "user" && now.Set[field] == "user":
			conflicts = append(conflicts, "a user cannot become a lead again")
		case record.Same(field, now.Set[field], written):
			patch.Set[field] = item.Before.Set[field]
		case !record.Same(field, now.Set[field], item.Before.Set[field]):
			conflicts = append(conflicts, fmt.Sprintf("%s was changed to %s since", field, s.view.Value(item, field, now.Set[field], s.view.Protects(field))))
		}
	}
	// What was added is removed if it is still there, and the other way round.
	patch.RemoveTags = existing(item.Patch.AddTags, now.Tags)
	patch.AddTags = missing(item.Patch.RemoveTags, now.Tags)
	patch.RemoveCompanies = existing(item.Patch.AddCompanies, now.Companies)
	patch.AddCompanies = missing(item.Patch.RemoveCompanies, now.Companies)
	return patch, conflicts
}

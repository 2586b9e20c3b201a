package engine

import (
	"context"
	"errors"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// updateContact writes fields, tags and companies of a contact. Many at once go through bulk jobs: see bulk.go; what an
// earlier process wrote of them is read together: see reconcile.go.
type updateContact struct{}

// send writes the item. Where the answer was lost, it sends once more what reading back shows undone, unless another
// client has written there.
func (updateContact) send(ctx context.Context, a *applier, i int) change.Recorded {
	item := &a.change.Items[i]
	patch, err := a.notOverwritten(ctx, item, a.toSend(i))
	if err != nil {
		return a.judge.failedWith(ctx, i, err)
	}
	var sent error
	for again := false; ; again = true {
		sent = sentTwice(sent, errors.Join(setFields(ctx, a.client, item.TargetID, patch, a.change.Undoes != ""),
			a.link(ctx, item.TargetID, patch)))
		now, err := a.readImage(ctx, item.TargetID, item.Patch)
		left := a.judge.masking.unapplied(item, now)
		if again || err != nil || !outcomeUnknown(sent) || left.Empty() || a.run.halt.stopped() {
			return a.judge.outcome(ctx, i, now, sent, err)
		}
		if field := a.judge.masking.modifiedElsewhere(item, now); field != "" {
			return a.judge.conflict(ctx, i, field, now, maybeSent)
		}
		patch = left
	}
}

// reconcile does nothing: updates are reconciled together, before anything is sent. Only an item that is in part done
// and cannot be sent any more is read back.
func (updateContact) reconcile(ctx context.Context, a *applier, i int) reconciled {
	item := &a.change.Items[i]
	if left, ok := a.earlier.left[i]; ok && a.run.halt.final() && len(left.Parts()) < len(item.Patch.Parts()) {
		return reconciled{recorded: a.readBack(ctx, i, item.TargetID, nil)}
	}
	return undone()
}

func (updateContact) drift(ctx context.Context, a *applier, item *change.Item, seen seen) (string, error) {
	return contactDrift(ctx, a, item, seen)
}

// undo puts back what still holds what was written. What a search shows may be behind the times: unless it shows all
// that was written, the contact is read by id.
func (updateContact) undo(ctx context.Context, u *undoing, item *change.Item) error {
	contact, err := u.contact(ctx, item)
	if contact == nil {
		return err
	}
	patch, now, contact, err := u.reversed(ctx, item, contact)
	if err == nil && patch.Empty() {
		return nil
	}
	if err == nil {
		err = u.planner.Update(ctx, contact, patch, ByID)
	}
	if isUnreadable(err) {
		u.conflict(item, cannotTell(err))
		return nil
	}
	if err != nil {
		return err
	}
	u.leave(item, patch, now)
	planned := &u.planner.Items[len(u.planner.Items)-1]
	for field := range planned.Patch.Set {
		if u.hides(item, field) {
			planned.Before.Set[field] = item.Patch.Set[field] // where it holds something else it is not put back
		}
	}
	return nil
}

// reversed makes the patch that puts an item back, given its contact, which it returns as it was read last, and its
// image, and notes the conflicts.
func (u *undoing) reversed(ctx context.Context, item *change.Item, contact *intercom.Contact) (patch change.Patch,
	now change.Image, _ *intercom.Contact, err error) {
	if now, err = contactImage(ctx, u.client, contact, item.Patch); err != nil {
		return patch, now, nil, err
	}
	patch, conflicts := u.reverse(item, now)
	if u.searched && len(patch.Parts()) < len(item.Patch.Parts()) {
		fresh, err := u.client.Contacts.Get(ctx, contact.ID)
		if err != nil {
			return patch, now, nil, err
		}
		if now, err = contactImage(ctx, u.client, &fresh, item.Patch); err != nil {
			return patch, now, nil, err
		}
		contact = &fresh
		patch, conflicts = u.reverse(item, now)
	}
	for _, what := range conflicts {
		u.conflict(item, what)
	}
	return patch, now, contact, nil
}

func (updateContact) reads() reads      { return reads{drift: true, undo: true} }
func (updateContact) checkWith() string { return "get_contact" }

func (updateContact) requests(p change.Patch) int {
	return min(len(p.Set), 1) + links(p) + 1
}

// links is how many tags and companies a patch adds and removes, with a request for each.
func links(p change.Patch) int {
	return len(p.AddTags) + len(p.RemoveTags) + len(p.AddCompanies) + len(p.RemoveCompanies)
}

// setFields writes a patch's fields to a contact; undoes tells that they are to hold again what was there.
func setFields(ctx context.Context, client *intercom.Client, id string, p change.Patch, undoes bool) error {
	return writeAgain(p.Set, undoes, func(set map[string]any) (given, error) {
		w, err := contactWrite(set)
		if err != nil {
			return nil, err
		}
		contact, err := client.Contacts.Update(ctx, id, w)
		return func(field string) any { return record.GivenByContact(&contact, field) }, err
	})
}

// link writes a patch's tags and companies to a contact. It continues after a failure, and returns all of them joined.
// Where Intercom does not know a tag any more, the names of tags are read anew next time.
func (a *applier) link(ctx context.Context, id string, p change.Patch) error {
	var failures []error
	add := func(what string, ref change.Ref, err error) {
		if err != nil {
			failures = append(failures, &linkError{what + " " + text.RevealShort(ref.Name, 40), err})
		}
	}
	addTag := func(tag change.Ref, err error) {
		if intercom.KindOf(err) == intercom.KindNotFound {
			a.lists.Tags.Expire(ctx)
		}
		add("tag", tag, err)
	}
	for _, tag := range p.AddTags {
		_, err := a.client.Contacts.AddTag(ctx, id, tag.ID)
		addTag(tag, err)
	}
	for _, tag := range p.RemoveTags {
		_, err := a.client.Contacts.RemoveTag(ctx, id, tag.ID)
		addTag(tag, err)
	}
	for _, company := range p.AddCompanies {
		_, err := a.client.Contacts.AttachCompany(ctx, id, company.ID)
		add("company", company, err)
	}
	for _, company := range p.RemoveCompanies {
		_, err := a.client.Contacts.DetachCompany(ctx, id, company.ID)
		add("company", company, err)
	}
	return errors.Join(failures...)
}

// linkError is the failure to link one tag or one company.
type linkError struct {
	what string
	err  error
}

// Error implements error.
func (e *linkError) Error() string { return e.what + ": " + e.err.Error() }

// Unwrap returns why.
func (e *linkError) Unwrap() error { return e.err }

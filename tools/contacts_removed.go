package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// maxRemovals is how many of the principal's newest changes are looked through for what became of a contact.
const maxRemovals = 50

// sayWhatRemoved says of a contact that Intercom does not show whether it is archived or deleted, which Intercom does
// not tell, where a change of the principal's did that. Any other error stays as it is.
func sayWhatRemoved(ctx context.Context, s *session, reference string, err error) error {
	var missing *toolerr.Error
	if !errors.As(err, &missing) || missing.Code != toolerr.NotFound {
		return err
	}
	ref, parsed := directory.ParseContact(reference)
	if parsed != nil || ref.ID == "" && ref.Name == "" {
		return err
	}
	list, failed := s.store.List(ctx, s.call.Principal, change.Query{Limit: maxRemovals})
	if failed != nil {
		return err
	}
	for i := range list {
		c := list[i].Change
		if list[i].First.Patch.Traits().Leaves == "" || list[i].Count.Changed+list[i].Count.Unchanged == 0 {
			continue
		}
		if c, failed = s.store.Get(ctx, s.call.Principal, c.ID); failed != nil {
			return err
		}
		for n := range c.Items {
			if item := &c.Items[n]; item.Patch.Traits().Leaves != "" && means(ref.ID, ref.Name, item) &&
				(item.Outcome == change.Changed || item.Outcome == change.Unchanged) {
				return removedBy(missing, item, &c, reference)
			}
		}
	}
	return err
}

// means reports whether an item is about a contact of that id, or e-mail.
func means(id, email string, item *change.Item) bool {
	if id != "" {
		return item.TargetID == id
	}
	return item.LabelField == "email" && strings.EqualFold(item.Label, email)
}

// removedBy is the error of a contact that a change removed. One that was brought back since is missing for another
// reason.
func removedBy(missing *toolerr.Error, item *change.Item, c *change.Change, reference string) error {
	did := item.Patch.Traits()
	next := "unarchive_contacts with its id, " + item.TargetID + ", brings it back."
	switch {
	case did.Leaves == change.LeavesShown:
		return missing
	case !did.Reversible:
		next = "It cannot be brought back."
	}
	told := toolerr.New(toolerr.NotFound, fmt.Sprintf("%s was %s on %s (%s).", text.Clip(text.Clean(reference), 60),
		did.Leaves, c.StartedAt().UTC().Format(time.DateOnly), c.ID), next)
	told.RequestID = missing.RequestID
	return told
}

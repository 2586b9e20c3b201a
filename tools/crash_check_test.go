package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// check holds the record of the change against the sandbox's state, and
// against what was sent.
func (r *crashRun) check(ctx context.Context, store change.Store) error {
	c, err := r.change(ctx, store)
	if err != nil {
		return err
	}
	if !c.Status.Ended() || c.ID == "" { // the process died before the work began
		if c.Status != "" && c.Status != change.StatusAwaiting {
			return fmt.Errorf("the change is %s", c.Status)
		}
		if writes := r.gates[0].taken(); len(writes) > 0 {
			return fmt.Errorf("without a yes on the record, this was sent: %v", writes)
		}
		return nil
	}
	r.count = change.CountItems(c.Items)
	var problems []error
	if want := change.CountItems(c.Items).Final(); c.Status != want {
		problems = append(problems, fmt.Errorf("the change is %s, its items make it %s", c.Status, want))
	}
	if r.kind.ends != "" && c.Status != r.kind.ends {
		problems = append(problems, fmt.Errorf("the change is %s, want %s", c.Status, r.kind.ends))
	}
	for i := range c.Items {
		if err := r.checkItem(&c.Items[i]); err != nil {
			problems = append(problems, fmt.Errorf("%s is %q (%s): %w", c.Items[i].Label, c.Items[i].Outcome, c.Items[i].Reason,
				err))
		}
	}
	if r.undoes != "" {
		before, err := store.Get(ctx, "local", r.undoes)
		if (c.Status == change.StatusApplied) != (before.Status == change.StatusUndone) {
			err = fmt.Errorf("it is %s, and what it puts back %s", c.Status, before.Status)
		}
		problems = append(problems, err)
	}
	return errors.Join(append(problems, r.checkWrites())...)
}

// checkItem holds one item against the sandbox's state.
func (r *crashRun) checkItem(item *change.Item) error {
	found := r.find(item)
	switch {
	case item.Patch.Op == change.Create && found.number > 1, item.Patch.Note != nil && found.number > 1:
		return fmt.Errorf("it is there %d times", found.number)
	case item.Outcome == change.Changed && !found.whole:
		return errors.New("the sandbox does not show it")
	case item.Outcome == change.Failed && found.whole:
		return errors.New("the sandbox shows it")
	case item.Outcome == change.Partly:
		return r.checkParts(item)
	case item.Outcome == change.Failed && !r.sandboxRefuses(item):
		return errors.New("there is no reason for that")
	case item.Outcome == change.Unknown && item.Patch.Set["role"] != "lead":
		return errors.New("reading back could prove it")
	case item.Outcome == change.Pending:
		return errors.New("the change has ended")
	case item.Outcome == change.Changed && found.created != item.Created:
		return fmt.Errorf("%q came to be, and %q is recorded", found.created, item.Created)
	}
	return nil
}

// checkParts holds the parts of an update, which are there or missing, against the sandbox's state.
func (r *crashRun) checkParts(item *change.Item) error {
	c, _ := r.sandbox.Contact(item.TargetID)
	shown := 0
	for _, part := range item.Patch.Parts() {
		missing := slices.Contains(item.Missing, part.Key)
		one := change.Patch{AddTags: item.Patch.AddTags}
		if value, ok := item.Patch.Set[part.Field]; ok {
			one = change.Patch{Set: map[string]any{part.Field: value}}
		}
		if shows(&c, one) == missing {
			return fmt.Errorf("of %s is recorded, missing: %t", part.Key, missing)
		}
		if !missing {
			shown++
		}
	}
	if shown == 0 || len(item.Missing) == 0 || item.Reason == "" {
		return fmt.Errorf("%d parts are shown, %v are missing", shown, item.Missing)
	}
	return nil
}

// sandboxRefuses reports whether the item's contact was made to fail.
func (r *crashRun) sandboxRefuses(item *change.Item) bool {
	return r.kind.tool == "bulk_update_contacts" && strings.Contains(item.Reason, "do-not-touch list")
}

// checkWrites reports what was sent again though reading back could prove it.
func (r *crashRun) checkWrites() error {
	for i, proven := range r.proven {
		for _, w := range r.gates[i+1].taken() {
			for _, name := range proven {
				if w.name == name || slices.Contains(w.ids, name) {
					return fmt.Errorf("process %d sent %s for %s, which was done", i+2, w.name, name)
				}
			}
		}
	}
	return nil
}

// found is what the sandbox has of an item.
type found struct {
	number  int      // of contacts, notes or companies that it made
	whole   bool     // everything that it writes is there
	created string   // the id of what it made
	names   []string // the ids and requests by which it would be written again
}

// find looks for what an item writes in the sandbox.
func (r *crashRun) find(item *change.Item) found {
	switch {
	case item.Patch.Note != nil:
		return r.findNote(item)
	case item.Patch.Operation() == change.Create:
		return r.findNew(item)
	case item.Patch.Traits().Target == change.TargetCompany:
		return r.findCompany(item)
	case item.Patch.Traits().Target == change.TargetTag:
		return r.findTag(item)
	}
	c, there := r.sandbox.Contact(item.TargetID)
	whole := there && shows(&c, item.Patch)
	switch item.Patch.Op {
	case change.Archive:
		whole = c.Archived
	case change.Delete:
		whole = !there
	}
	return found{whole: whole, names: []string{item.TargetID}}
}

func (r *crashRun) findNote(item *change.Item) found {
	f := found{names: []string{"POST /contacts/" + item.TargetID + "/notes"}}
	for _, note := range r.sandbox.Notes(item.TargetID) {
		if strings.Contains(note.Body, "the power went") && note.AuthorID == item.Patch.Note.Admin {
			f.number, f.whole, f.created = f.number+1, true, note.ID
		}
	}
	return f
}

func (r *crashRun) findNew(item *change.Item) found {
	f := found{names: []string{"POST /contacts"}}
	for _, c := range r.sandbox.Contacts() {
		if c.Name == item.Patch.Set["name"] {
			f.number, f.created = f.number+1, c.ID
			f.whole = shows(&c, item.Patch)
			f.names = append(f.names, c.ID)
		}
	}
	return f
}

func (r *crashRun) findCompany(item *change.Item) found {
	f := found{names: []string{"POST /companies"}}
	for _, c := range r.sandbox.Companies() {
		if c.ID != item.TargetID && (item.Patch.Key == "" || c.CompanyID != item.Patch.Key) {
			continue
		}
		f.number++
		f.names = append(f.names, c.ID)
		if item.Patch.Key != "" {
			f.created = c.ID
		}
		f.whole = true
		for field, want := range item.Patch.Set {
			have := map[string]any{"name": c.Name, "industry": c.Industry, "size": c.Size}[field]
			f.whole = f.whole && fmt.Sprint(have) == fmt.Sprint(want)
		}
	}
	return f
}

// findTag looks for a new tag. Reading a tag does not tell who created it.
func (r *crashRun) findTag(item *change.Item) found {
	f := found{names: []string{"POST /tags"}}
	for _, tag := range r.sandbox.Tags() {
		if tag.Name != item.Patch.Set["name"] {
			continue
		}
		f.number, f.whole = f.number+1, true
		if item.Created != "" {
			f.created = tag.ID
		}
	}
	return f
}

// shows reports whether a contact has all that a patch writes.
func shows(c *sandbox.Contact, p change.Patch) bool {
	for field, want := range p.Set {
		have := map[string]any{"name": c.Name, "email": c.Email, "external_id": c.ExternalID, "role": c.Role}
		for name, value := range c.CustomAttributes {
			have[directory.CustomPrefix+name] = value
		}
		if fmt.Sprint(have[field]) != fmt.Sprint(want) {
			return false
		}
	}
	all := func(refs []change.Ref, ids []string, want bool) bool {
		return !slices.ContainsFunc(refs, func(ref change.Ref) bool { return slices.Contains(ids, ref.ID) != want })
	}
	return all(p.AddTags, c.TagIDs, true) && all(p.RemoveTags, c.TagIDs, false) &&
		all(p.AddCompanies, c.CompanyIDs, true) && all(p.RemoveCompanies, c.CompanyIDs, false)
}

package tools

import (
	"context"
	"fmt"
	"reflect"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/search"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// bulkSet is the set of tools about many contacts.
var bulkSet = Set{Name: "bulk", Default: true, Doc: "Writes to many contacts at once"}

// bulkTools are the tools for many contacts.
func bulkTools() []Tool {
	return []Tool{
		{
			Name: "bulk_update_contacts", Title: "Update many contacts", Set: bulkSet, Effect: policy.Write, Idempotent: true,
			Run: plans(bulkUpdateContacts), BriefWith: []string{"search_contacts", "update_contact"},
			Doc: "Write to up to 10,000 contacts: contacts or where, with set, or updates. Targets are frozen when planned.",
		},
	}
}

// BulkUpdateInput says whom to update, in exactly one of three ways, and how.
type BulkUpdateInput struct {
	// with set: contact references
	Contacts []string `json:"contacts,omitempty" jsonschema:"minItems=1,maxItems=200"`
	// with set: all who meet these conditions now
	Where []search.Filter `json:"where,omitempty" jsonschema:"minItems=1,maxItems=15" brief:"field, operator, value(s) as in search_contacts"`
	// default all
	Match search.Match `json:"match,omitempty"`
	// what to write to each
	Set *BulkSet `json:"set,omitempty" brief:"as in update_contact, but no role or dates"`
	// instead: each contact with its own set
	Updates []ContactUpdate `json:"updates,omitempty" jsonschema:"minItems=1,maxItems=200"`
	// failures after which the rest is not sent; the policy may allow fewer
	StopAfter int `json:"stop_after,omitempty" jsonschema:"minimum=1,maximum=10000"`
}

// ContactUpdate is one contact and what to write to it.
type ContactUpdate struct {
	// contact reference
	Contact string `json:"contact"`
	// the same fields as set
	Set BulkSet `json:"set"`
}

// bulkUpdateContacts plans to write to many contacts.
func bulkUpdateContacts(ctx context.Context, s *session, in BulkUpdateInput) (*draft, error) {
	if err := in.check(s.policy.Limits.InlineUpdates); err != nil {
		return nil, err
	}
	d := &draft{verb: "update", stopAfter: in.StopAfter}
	if in.Updates != nil {
		return d, planUpdates(ctx, s, d, in.Updates)
	}
	if _, err := directory.ParseContacts(in.Contacts, "contacts[%d]"); err != nil {
		return nil, err
	}
	patch, err := contactPatch(ctx, s.dir, in.Set.ContactFields, ContactDates{}, in.Set.ContactLinks)
	if err != nil {
		return nil, err
	}
	if in.Contacts != nil {
		return planSame(ctx, s, d, in.Contacts, patch)
	}
	return d, planWhere(ctx, s, d, in, patch)
}

// check refuses none or several of the three ways.
func (in *BulkUpdateInput) check(limit int) error {
	ways := 0
	for _, given := range []bool{in.Contacts != nil, in.Where != nil, in.Updates != nil} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return toolerr.New(toolerr.InvalidArgument,
			fmt.Sprintf("Exactly one of contacts, where and updates is needed, got %d of them.", ways), "")
	}
	if (in.Updates == nil) != (in.Set != nil) {
		return toolerr.New(toolerr.InvalidArgument, "set goes with contacts or where; each of updates has its own.", "")
	}
	if in.Match != "" && in.Where == nil {
		return toolerr.New(toolerr.InvalidArgument, "match goes with where.", "")
	}
	if n := max(len(in.Contacts), len(in.Updates)); n > limit {
		return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%d contacts are listed one by one, the limit is %d.", n,
			limit), "Use where, or several calls.")
	}
	return nil
}

// planUpdates plans a different set for each contact.
func planUpdates(ctx context.Context, s *session, d *draft, updates []ContactUpdate) error {
	texts := make([]string, len(updates))
	patches := make([]change.Patch, len(updates))
	for i, update := range updates {
		texts[i] = update.Contact
	}
	if _, err := directory.ParseContacts(texts, "updates[%d].contact"); err != nil {
		return err
	}
	for i, update := range updates {
		var err error
		if patches[i], err = contactPatch(ctx, s.dir, update.Set.ContactFields, ContactDates{},
			update.Set.ContactLinks); err != nil {
			return toolerr.At(err, fmt.Sprintf("updates[%d]", i))
		}
	}
	contacts, err := s.dir.ResolveAll(ctx, texts, "updates[%d].contact")
	if err != nil {
		return err
	}
	first := make(map[string]int, len(contacts))
	repeated := 0
	for i, c := range contacts {
		if j, seen := first[c.ID]; seen {
			if !reflect.DeepEqual(patches[i], patches[j]) {
				return toolerr.New(toolerr.InvalidArgument,
					fmt.Sprintf("updates[%d] and updates[%d] are the same contact, %s, with different values.", j, i,
						s.view.Mask.Label(c)), "Merge them into one.")
			}
			repeated++
			continue
		}
		first[c.ID] = i
		if err := planContact(ctx, s, d, c, patches[i], len(updates) > directory.FewContacts); err != nil {
			return toolerr.At(err, fmt.Sprintf("updates[%d]", i))
		}
	}
	if repeated > 0 {
		s.note("%s named more than once", text.Plural(repeated, "contact"))
	}
	return nil
}

// planWhere resolves the conditions once, now: who meets them later is not touched, and who no longer does still is.
func planWhere(ctx context.Context, s *session, d *draft, in BulkUpdateInput, patch change.Patch) error {
	sel, err := s.find.Compile(ctx, "", in.Where, in.Match)
	if err != nil {
		return err
	}
	limit := s.policy.Limits.BulkContacts
	seen := make(map[string]bool)
	for c, err := range sel.All(ctx, s.client) {
		if err != nil {
			return err
		}
		meant := sel.Exact
		if !meant {
			if meant, err = s.find.Matches(ctx, sel, &c); err != nil {
				return err
			}
		}
		if !meant || seen[c.ID] {
			continue
		}
		seen[c.ID] = true
		if len(seen) > limit {
			return toolerr.New(toolerr.PolicyDenied, fmt.Sprintf("More than %d contacts match, the limit for one change.",
				limit), "Narrow the conditions.").With("rule", "bulk_contacts")
		}
		if err := planContact(ctx, s, d, &c, patch, false); err != nil {
			return err
		}
		d.searched = append(d.searched, target{c.ID, patch})
	}
	if len(seen) == 0 {
		return toolerr.New(toolerr.NotFound, "No contact meets the conditions.", "Try them with search_contacts first.")
	}
	if change.CountItems(d.items).Unchanged > 0 {
		s.note("who meets the conditions, and who is unchanged, is what Intercom's search shows; it may be minutes behind")
	}
	return nil
}

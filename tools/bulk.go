package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/engine"
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
	// leave out who is unknown
	SkipMissing bool `json:"skip_missing,omitempty"`
	// create them, by e-mail or external_id:
	CreateMissing bool `json:"create_missing,omitempty"`
	// failures after which the rest is not sent; the policy may allow fewer
	StopAfter int `json:"stop_after,omitempty" jsonschema:"minimum=1,maximum=10000"`
	// wait for confirm_change
	Preview bool `json:"preview,omitempty"`
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
	d := &draft{verb: "update", stopAfter: in.StopAfter, preview: in.Preview}
	if in.Updates != nil {
		return d, planUpdates(ctx, s, d, in)
	}
	var bad toolerr.Several
	patch, err := contactPatch(ctx, s.dir, in.Set.ContactFields, ContactDates{}, in.Set.ContactLinks)
	switch err = bad.Add("", err); {
	case err != nil:
		return nil, err
	case in.Contacts != nil:
		return planSame(ctx, s, d, in.Contacts, in.missing(), patch, &bad)
	}
	sel, err := s.find.Compile(ctx, "", in.Where, in.Match)
	if err = cmp.Or(bad.Add("", err), bad.Err()); err != nil {
		return nil, err
	}
	return d, planWhere(ctx, s, d, in, sel, patch)
}

// missing is what becomes of who is unknown.
func (in *BulkUpdateInput) missing() missing {
	return missing{skip: in.SkipMissing, create: in.CreateMissing}
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
	var bad toolerr.Several
	refuse := func(message, next string) { _ = bad.Add("", toolerr.New(toolerr.InvalidArgument, message, next)) }
	if (in.Updates == nil) != (in.Set != nil) {
		refuse("set goes with contacts or where; each of updates has its own.", "")
	}
	if in.Where != nil && (in.SkipMissing || in.CreateMissing) {
		refuse("skip_missing and create_missing go with contacts or updates.", "")
	}
	if in.Match != "" && in.Where == nil {
		refuse("match goes with where.", "")
	}
	if n := max(len(in.Contacts), len(in.Updates)); n > limit {
		refuse(fmt.Sprintf("%d contacts are listed one by one, the limit is %d.", n, limit), "Use where, or several calls.")
	}
	return bad.Err()
}

// planUpdates plans a different set for each contact. All that is wrong with any of them is told at once.
func planUpdates(ctx context.Context, s *session, d *draft, in BulkUpdateInput) error {
	place := func(i int) string { return fmt.Sprintf("updates[%d]", i) }
	var bad toolerr.Several
	texts := make([]string, len(in.Updates))
	patches := make([]change.Patch, len(in.Updates))
	for i, update := range in.Updates {
		var err error
		texts[i] = update.Contact
		patches[i], err = contactPatch(ctx, s.dir, update.Set.ContactFields, ContactDates{}, update.Set.ContactLinks)
		if err = bad.Add(place(i), err); err != nil {
			return err
		}
	}
	list, err := resolve(ctx, s, d, texts, func(i int) string { return place(i) + ".contact" }, in.missing(), &bad)
	if err != nil {
		return err
	}
	first := make(map[string]int, len(list))
	var repeats directory.Repeats
	for at := range list {
		n := &list[at]
		i := n.index
		if repeats.Again(n.key(), texts[i]) {
			j := first[n.key()]
			if !reflect.DeepEqual(patches[i], patches[j]) {
				_ = bad.Add("", sameContact(s, n, place(j)+" and "+place(i))) // which it gathers
			}
			continue
		}
		first[n.key()] = i
		err := planNamed(ctx, s, d, n, patches[i], engine.Source(len(in.Updates) > directory.FewContacts))
		if d.leaveOut(err) {
			continue
		}
		if err = bad.Add(place(i), err); err != nil {
			return err
		}
	}
	repeats.Note(s.note)
	d.tellCreated()
	return cmp.Or(bad.Err(), d.nobody())
}

// sameContact refuses two updates of one contact that give it different values.
func sameContact(s *session, n *namedContact, places string) *toolerr.Error {
	label := text.Quote(text.Clip(text.Clean(n.value), 60))
	if n.contact != nil {
		label = s.mask.Label(n.contact)
	}
	return toolerr.New(toolerr.InvalidArgument,
		fmt.Sprintf("%s are the same contact, %s, with different values.", places, label), "Merge them into one.")
}

// nobodyMeets names who meets the conditions by what is shown of them, though Intercom's search finds nobody: that is
// not enough to write to them.
func nobodyMeets(ctx context.Context, s *session, sel *search.Selection) error {
	nobody := toolerr.New(toolerr.NotFound, "No contact meets the conditions.", "Try them with search_contacts first.")
	if !sel.Textual() {
		return nobody
	}
	shown, _, err := findShown(ctx, s.find, sel, intercom.Sort{}, func(string) bool { return false })
	if err != nil {
		return err
	}
	if len(shown) == 0 {
		return nobody
	}
	return toolerr.New(toolerr.NotFound, "No contact meets the conditions. Something that does not show keeps Intercom's "+
		"search from those that show so: "+listIDs(shown)+".", "Give their ids as contacts, if they are meant.")
}

// tellShown tells of those who show what the conditions ask for, beside those who meet them: they are not written to.
func tellShown(ctx context.Context, s *session, sel *search.Selection, d *draft) error {
	if !sel.ByName() {
		return nil
	}
	planned := func(id string) bool {
		return slices.ContainsFunc(d.items, func(i change.Item) bool { return i.TargetID == id })
	}
	shown, _, err := findShown(ctx, s.find, sel, intercom.Sort{}, planned)
	if len(shown) > 0 {
		s.note("left alone, as only what shows of them meets the conditions: %s", listIDs(shown))
	}
	return err
}

// planWhere resolves the conditions once, now: who meets them later is not touched, and who no longer does still is.
func planWhere(ctx context.Context, s *session, d *draft, in BulkUpdateInput, sel *search.Selection,
	patch change.Patch) error {
	d.identities.keep(patch)
	seen, counted := 0, 0
	for page, err := range sel.Pages(ctx, s.client, intercom.Sort{}, intercom.PageOptions{}) {
		var short *intercom.ShortListError
		if errors.As(err, &short) && short.Seen == 0 {
			return indexBehind(short.Total)
		}
		if err != nil {
			return err
		}
		seen, counted = seen+len(page.Items)+len(page.Dropped), page.Total
		if limit := s.policy.Limits.BulkContacts; sel.Exact && page.Total > limit {
			return tooMany(fmt.Sprint(page.Total), limit)
		} else if sel.Exact && d.items == nil && page.Total > 0 {
			d.items = make([]change.Item, 0, page.Total)
		}
		for _, odd := range page.Dropped {
			d.leaveOut(&intercom.UnreadableError{Value: odd})
		}
		for i := range page.Items {
			if err := planMeant(ctx, s, d, sel, &page.Items[i], patch); err != nil && !d.leaveOut(err) {
				return err
			}
		}
		looked(s, len(page.Items))
	}
	if err := d.nobody(); err != nil {
		return err
	}
	if seen == 0 && counted > 0 {
		return indexBehind(counted)
	}
	if len(d.items) == 0 {
		return nobodyMeets(ctx, s, sel)
	}
	if err := tellShown(ctx, s, sel, d); err != nil {
		return err
	}
	err := noteMissing(ctx, s, SearchContactsInput{Where: in.Where, Match: in.Match}, ", and are left alone")
	if err != nil {
		return err
	}
	if change.CountItems(d.items).Unchanged > 0 {
		s.note("who meets the conditions, and who is unchanged, is what Intercom's search shows; it may be minutes behind")
	}
	return nil
}

// indexBehind is the error of a search that counts contacts and gives none of them.
func indexBehind(counted int) *toolerr.Error {
	return toolerr.New(toolerr.UpstreamUnavailable,
		fmt.Sprintf("Intercom counts %s that may meet the conditions and gives "+
			"none of them; its index may be behind.", text.Plural(counted, "contact")),
		"Nothing was changed; try again in a minute.")
}

// planMeant plans a contact of a selection's pages, if it is meant.
func planMeant(ctx context.Context, s *session, d *draft, sel *search.Selection, c *intercom.Contact,
	patch change.Patch) error {
	if !sel.Exact {
		if err := sel.Unread(c); err != nil {
			return err
		}
	}
	if meant, err := s.find.Meant(ctx, sel, c); err != nil || !meant {
		return err
	}
	if limit := s.policy.Limits.BulkContacts; len(d.items) == limit {
		return tooMany(fmt.Sprintf("More than %d", limit), limit)
	}
	if err := planContact(ctx, s, d, c, patch, engine.ByID); err != nil {
		return err
	}
	d.wasSearched(c.ID, patch)
	return nil
}

// tooMany refuses more contacts than one change may have.
func tooMany(n string, limit int) *toolerr.Error {
	return toolerr.New(toolerr.PolicyDenied, fmt.Sprintf("%s contacts match; the limit for one change is %d.", n, limit),
		"Narrow the conditions.").With("rule", "bulk_contacts")
}

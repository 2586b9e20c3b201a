package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// facts are what the conditions of a policy ask about and what is slow to find out: it is read from Intercom, or takes
// a look at all targets. They are gathered before the store decides and records a change, which cannot wait for them.
type facts struct {
	workspace                string
	workspaceErr, targetsErr error
	targets                  []policy.Target // each different one once, as it is and as it is shown; nil: nobody asks
}

// fill completes a request by the facts.
func (f *facts) fill(r *policy.Request) {
	r.Workspace, r.WorkspaceErr, r.Targets, r.TargetsErr = f.workspace, f.workspaceErr, f.targets, f.targetsErr
}

// gather gathers the facts about the pending items of a change for the policy of the call, as far as it asks. What
// cannot be read is an error for the conditions that depend on it.
func gather(ctx context.Context, s *session, c *change.Change) *facts {
	reads, f := s.policy.Reads(), new(facts)
	if reads.Workspace {
		me, err := s.lists.Me.Get(ctx)
		if f.workspace = me.App.ID; err != nil {
			f.workspaceErr = fmt.Errorf("the workspace could not be read: %s", why(ctx, s, err))
		}
	}
	if !reads.Targets() {
		return f
	}
	items := render.Pending(c.Items)
	member := memberships{}
	if reads.Tags || reads.Companies {
		var err error
		if member, err = readMemberships(ctx, s.client, s.lists, items, reads); err != nil {
			f.targetsErr = fmt.Errorf("the tags and companies of the targets could not be read: %s",
				why(ctx, s, err))
		}
	}
	f.targets = []policy.Target{}
	seen := make(map[string]bool)
	for i := range items {
		target, there := member.of(items[i], c.Status == change.StatusApplying)
		if !there && f.targetsErr == nil {
			continue // nothing can be written to what is gone
		}
		if reads.Set {
			target.Set = newValues(items[i].Patch)
		}
		for _, target := range []policy.Target{target, asShown(target)} {
			key, err := json.Marshal(target)
			if err != nil {
				f.targetsErr = errors.Join(f.targetsErr, err)
			}
			if !seen[string(key)] {
				seen[string(key)] = true
				f.targets = append(f.targets, target)
			}
		}
	}
	return f
}

// why words, without a full stop, why something could not be read, and what that is as far as it is known.
func why(ctx context.Context, s *session, err error) string {
	reason := strings.TrimRight(s.explain(ctx, err).Message, ".")
	var notRead *directory.NotReadError
	if errors.As(err, &notRead) {
		return notRead.What + ": " + reason
	}
	return reason
}

// asShown returns a target with its names and values as answers show them, without invisible characters. Conditions are
// asked about the target both as it is and as it is shown, so that a name which only looks like a forbidden one is
// forbidden, too.
func asShown(target policy.Target) policy.Target {
	all := func(list []string) []string {
		list = slices.Clone(list)
		for at := range list {
			list[at] = shown(list[at])
		}
		return list
	}
	target.Tags, target.Companies, target.Set = all(target.Tags), all(target.Companies), maps.Clone(target.Set)
	for field, value := range target.Set {
		switch value := value.(type) {
		case string:
			if target.Set[field] = shown(value); field == change.FieldNotes {
				target.Set[field] = text.FromHTML(value)
			}
		case []string:
			target.Set[field] = all(value)
		}
	}
	return target
}

// shown is a name or a value as answers show it.
func shown(name string) string { return strings.TrimSpace(text.Clean(name)) }

// newValues are what a patch writes, by the names that policies know fields by: of tags and companies those that it
// puts on, of a note its text.
func newValues(patch change.Patch) map[string]any {
	values := make(map[string]any)
	for _, part := range patch.Parts() {
		if part.Kind == change.PartField {
			values[part.Field] = patch.Set[part.Label]
		}
	}
	if len(patch.AddTags) > 0 {
		values[change.FieldTags] = names(patch.AddTags)
	}
	if len(patch.AddCompanies) > 0 {
		values[change.FieldCompanies] = names(patch.AddCompanies)
	}
	if patch.Note != nil {
		values[change.FieldNotes] = patch.Note.Body
	}
	return values
}

// names are those of references.
func names(refs []change.Ref) []string {
	list := make([]string, len(refs))
	for i, ref := range refs {
		list[i] = ref.Name
	}
	return list
}

// memberships are the tags and companies of contacts, by id. A contact that does not exist any more has none.
type memberships struct {
	tags, companies         map[string][]string // ids, by contact
	tagNames, companyNames  map[string]string   // by id
	readsTags, readsCompany bool
}

// readMemberships reads the tags and companies of the contacts of items, as far as a policy asks about them, by
// [directory.ReadFresh]: up to [directory.FreshContacts] by their ids, more by search, which may be minutes behind.
func readMemberships(ctx context.Context, client *intercom.Client, lists *directory.Lists, items []*change.Item,
	reads policy.Reads) (memberships, error) {
	m := memberships{tags: make(map[string][]string), companies: make(map[string][]string),
		readsTags: reads.Tags, readsCompany: reads.Companies}
	var ids []string
	for i := range items {
		ids = append(ids, contactsOf(items[i])...)
	}
	slices.Sort(ids)
	var odd error // a contact could not be read, and so its tags and companies are not known
	read, _, err := directory.ReadFresh(ctx, client, slices.Compact(ids),
		func(id string, err error) { odd = cmp.Or(odd, directory.NotRead("contact "+id, err)) })
	if err = cmp.Or(err, odd); err != nil {
		return m, err
	}
	for id, c := range read {
		m.tags[id], m.companies[id] = c.Tags.IDs, c.Companies.IDs
	}
	if err := m.readMore(ctx, client, read); err != nil {
		return m, err
	}
	if reads.Tags {
		if m.tagNames, err = tagNames(ctx, lists, m.tags, items); err != nil {
			return m, err
		}
	}
	for _, item := range items {
		if id := item.TargetID; item.Patch.Traits().Target == change.TargetCompany && id != "" {
			m.companies[id] = []string{id}
		}
	}
	if reads.Companies {
		m.companyNames, err = companyNames(ctx, client, m.companies)
	}
	return m, err
}

// contactsOf are the ids of the contacts that an item is about: of a merge both.
func contactsOf(item *change.Item) []string {
	if item.Patch.Traits().Target != change.TargetContact || item.TargetID == "" {
		return nil
	}
	if item.Patch.Into != nil {
		return []string{item.TargetID, item.Patch.Into.ID}
	}
	return []string{item.TargetID}
}

// readMore reads the tags and companies beyond the ten that a contact carries along.
func (m *memberships) readMore(ctx context.Context, client *intercom.Client, read map[string]*intercom.Contact) error {
	type more struct{ tags, companies []string }
	var contacts []*intercom.Contact
	for _, id := range slices.Sorted(maps.Keys(read)) {
		if c := read[id]; m.readsTags && c.Tags.HasMore || m.readsCompany && c.Companies.HasMore {
			contacts = append(contacts, c)
		}
	}
	found := make([]more, len(contacts))
	group, going := errgroup.WithContext(ctx)
	group.SetLimit(directory.ReadersAtOnce)
	for at, c := range contacts {
		group.Go(func() (err error) {
			found[at] = more{tags: c.Tags.IDs, companies: c.Companies.IDs}
			if m.readsTags {
				found[at].tags, err = directory.TagIDs(going, client, c)
				err = directory.NotRead("the tags of contact "+c.ID, err)
			}
			if err == nil && m.readsCompany {
				found[at].companies, err = directory.CompanyIDs(going, client, c)
				err = directory.NotRead("the companies of contact "+c.ID, err)
			}
			if directory.Gone(err) { // a search may show it, and Intercom read it no more
				if _, missing := client.Contacts.Get(going, c.ID); directory.Gone(missing) {
					found[at], err = more{tags: c.Tags.IDs, companies: c.Companies.IDs}, nil
				}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for at, c := range contacts {
		m.tags[c.ID], m.companies[c.ID] = found[at].tags, found[at].companies
	}
	return nil
}

// tagNames names tags, of contacts and those that items are about, as they are named now; where one has no name, the
// list is read again, since it may have been made a moment ago.
func tagNames(ctx context.Context, lists *directory.Lists, of map[string][]string, items []*change.Item) (
	named map[string]string, err error) {
	needed := make(map[string]bool) // by id: whether it has to be there
	for _, item := range items {
		if item.Patch.Traits().Target == change.TargetTag && item.TargetID != "" {
			needed[item.TargetID] = false
		}
	}
	for _, ids := range of {
		for _, id := range ids {
			needed[id] = true
		}
	}
	if len(needed) == 0 {
		return nil, nil
	}
	ids := slices.Sorted(maps.Keys(needed))
	for _, age := range []time.Duration{directory.CacheFresh, 0} {
		all, err := lists.Tags.Younger(ctx, age)
		if err != nil {
			return nil, directory.NotRead("the list of tags", err)
		}
		named = make(map[string]string, len(all))
		for i := range all {
			named[all[i].ID] = all[i].Name
		}
		if !slices.ContainsFunc(ids, func(id string) bool { return named[id] == "" }) {
			return named, nil
		}
	}
	for _, id := range ids {
		if name, listed := named[id]; name == "" && (needed[id] || listed) {
			return nil, directory.NotRead("the name of tag "+id, toolerr.New(toolerr.UpstreamUnavailable,
				"Intercom's list of tags has none.", "Nothing was changed."))
		}
	}
	return named, nil // a tag that is to be deleted is gone
}

// companyNames names companies, each by a request of its own: no list shows all of them.
func companyNames(ctx context.Context, client *intercom.Client, of map[string][]string) (map[string]string, error) {
	var ids []string
	for _, some := range of {
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	found := make([]string, len(ids))
	group, going := errgroup.WithContext(ctx)
	group.SetLimit(directory.ReadersAtOnce)
	for at, id := range ids {
		group.Go(func() error {
			company, err := client.Companies.Get(going, id)
			if directory.Gone(err) {
				return nil
			}
			found[at] = company.Name
			return directory.NotRead("company "+id, cmp.Or(err, company.Unread("name")))
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	named := make(map[string]string, len(ids))
	for at, id := range ids {
		named[id] = found[at]
	}
	return named, nil
}

// of returns what is known of an item's target before its change, and whether that still exists. If the change has
// begun, it may have written already: the tags and companies that it adds or removes are then taken from its plan.
func (m *memberships) of(item *change.Item, begun bool) (target policy.Target, there bool) {
	contacts := contactsOf(item)
	switch kind := item.Patch.Traits().Target; {
	case kind == change.TargetTag && item.TargetID != "":
		return policy.Target{Tags: namesOf([]string{item.TargetID}, m.tagNames)}, true
	case kind == change.TargetCompany && item.TargetID != "":
		return policy.Target{Companies: namesOf([]string{item.TargetID}, m.companyNames)}, true
	case len(contacts) == 0 || m.tags == nil:
		return policy.Target{}, true
	}
	var tags, companies []string
	for _, id := range contacts {
		ids, known := m.tags[id]
		there = there || known
		tags, companies = append(tags, ids...), append(companies, m.companies[id]...)
	}
	if begun {
		tags = asPlanned(tags, item.Before.Tags, item.Patch.AddTags, item.Patch.RemoveTags)
		companies = asPlanned(companies, item.Before.Companies, item.Patch.AddCompanies, item.Patch.RemoveCompanies)
	}
	return policy.Target{Tags: namesOf(tags, m.tagNames), Companies: namesOf(companies, m.companyNames)}, there
}

// asPlanned returns ids as they were before a change that may have written already: of those in touched, it keeps or
// adds the ones in before, and leaves out the others.
func asPlanned(ids, before []string, touched ...[]change.Ref) []string {
	ids = slices.Clone(ids)
	for _, refs := range touched {
		for _, ref := range refs {
			ids = slices.DeleteFunc(ids, func(id string) bool { return id == ref.ID })
			if slices.Contains(before, ref.ID) {
				ids = append(ids, ref.ID)
			}
		}
	}
	return ids
}

// namesOf names ids, sorted, each once.
func namesOf(ids []string, names map[string]string) []string {
	var list []string
	for _, id := range ids {
		if name := strings.TrimSpace(names[id]); name != "" {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

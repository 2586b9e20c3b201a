package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// draft is what a planner worked out: the targets, frozen, and what a person
// should know before saying yes. Nothing has been written.
type draft struct {
	verb         string // "update", "tag", "add a note to"
	noun         string // what the targets are; empty: contacts
	items        []change.Item
	sideEffects  []string
	conflicts    []string // what an undo does not put back, and whom of several the call leaves out, and why
	leftOut      error    // why the first of them is left out
	irreversible string   // why it cannot be put back; empty where it can
	once         bool     // the same call again, soon, is taken for an accident
	undoes       string   // the change that this draft puts back
	part         bool     // only some of it, as asked
	preview      bool     // it waits for a confirmation, though no rule asks for one
	stopAfter    int      // failed items after which the rest is not sent; 0: as the policy says
	identities   identities
	searched     []target // of each of items, where a search, which may be behind the times, showed few contacts
}

// target is a contact that is to receive a patch.
type target struct {
	id    string
	patch change.Patch
}

// whyIrreversible says why what is planned cannot be put back; empty where it can. An operation that cannot be, of an
// undo say, counts whatever the planner said.
func (d *draft) whyIrreversible() string {
	irreversible := func(item *change.Item) bool { return !item.Patch.Traits().Reversible }
	if d.irreversible == "" && slices.ContainsFunc(render.Pending(d.items), irreversible) {
		return "Intercom offers no way to put it back."
	}
	return d.irreversible
}

// change is the change that a draft would become now, without a handle.
func (d *draft) change(s *session) change.Change {
	now := time.Now()
	return change.Change{
		Principal: s.call.Principal, Person: s.call.Person, Roles: s.call.Roles, Client: s.call.Client,
		Tool: s.tool.Name, Revision: s.policy.Revision,
		Verb: d.verb, Noun: d.noun, SideEffects: d.effects(s), Conflicts: d.conflicts, Irreversible: d.whyIrreversible(),
		Notes: s.notes, Masked: s.policy.Masked,
		CreatedAt: now, ExpiresAt: now.Add(s.policy.Confirm.TTL), Items: d.items, Undoes: d.undoes, StopAfter: d.stopAfter,
	}
}

// effects are what comes with the change, and what its planning warned of, as sentences.
func (d *draft) effects(s *session) []string {
	effects := slices.Clone(d.sideEffects)
	if d.stopAfter > 0 {
		effects = append(effects, fmt.Sprintf("After %s nothing more is sent; up to %d may be under way by then.",
			text.Plural(d.stopAfter, "failure"), s.engine.UnderWay(d.items, d.stopAfter)))
	}
	for _, warning := range s.warnings {
		effects = append(effects, text.Capitalise(warning)+".")
	}
	return effects
}

// planner plans for this call.
func (s *session) planner() *engine.Planner {
	if s.escaping == nil {
		s.escaping = engine.NewEscaping(s.client)
	}
	return &engine.Planner{Client: s.client, Escaping: s.escaping, Item: s.mask.Item, Masks: s.policy.Masks,
		Missing: s.dir.MissingContact,
		Alike:   func(field, why string) { s.warn(field + " is left as it is: " + why) }}
}

// freshen reads the contacts that a search showed again by their ids, and plans them anew, if they are few and are
// written without a confirmation: an undo puts back what the plan says that they held, and a search may be behind. A
// change that waits is read by id when it is confirmed.
func freshen(ctx context.Context, s *session, d *draft) error {
	if len(d.searched) == 0 {
		return nil
	}
	c := d.change(s)
	known := gather(ctx, s, &c)
	recent, err := s.store.Recent(ctx, c, time.Now())
	if err != nil {
		return err
	}
	if s.decide(known, &c, recent, nil).Verdict != policy.Allow {
		return nil
	}
	ids := make([]string, len(d.searched))
	for at, t := range d.searched {
		ids[at] = t.id
	}
	read, _, err := directory.ReadFresh(ctx, s.client, ids, nil)
	if err != nil {
		return err
	}
	items := d.items
	d.items, d.identities = nil, identities{}
	for at, t := range d.searched {
		if read[t.id] == nil { // writing tells where it went
			d.items = append(d.items, items[at])
			continue
		}
		if err := planContact(ctx, s, d, read[t.id], t.patch, engine.ByID); err != nil {
			return err
		}
	}
	return nil
}

// leaveOut leaves one of several contacts out of the draft if err says that Intercom sent a value for it that cannot be
// read, and reports whether it did. The error names the contact: an answer that names none is no contact.
func (d *draft) leaveOut(err error) bool {
	var odd *intercom.UnreadableError
	if !errors.As(err, &odd) || odd.Value.Key == "" && !strings.Contains(odd.Value.Record, " ") {
		return false
	}
	d.leftOut = cmp.Or(d.leftOut, err)
	d.conflicts = append(d.conflicts, text.Clip(text.Clean(odd.Error()), 120))
	return true
}

// nobody is the error of a draft that leaves everybody out.
func (d *draft) nobody() error {
	if len(d.items) == 0 {
		return d.leftOut
	}
	return nil
}

// planContact adds a contact that is to receive patch: see [engine.Planner.Update].
func planContact(ctx context.Context, s *session, d *draft, c *intercom.Contact, patch change.Patch,
	from engine.Source) error {
	planner := s.planner()
	if err := planner.Update(ctx, c, patch, from); err != nil {
		return err
	}
	if err := d.identities.add(s, c, patch); err != nil {
		return err
	}
	for i := range planner.Items {
		if err := checkRole(s, c, planner.Items[i].Patch); err != nil {
			return err
		}
	}
	for _, item := range planner.Items {
		d.share(&item)
		d.items = append(d.items, item)
	}
	if from == engine.BySearch {
		d.wasSearched(c.ID, patch)
	}
	return nil
}

// wasSearched notes that the last item was planned from what a search showed. Of a large draft it notes nothing, since
// none of its contacts is read again.
func (d *draft) wasSearched(id string, patch change.Patch) {
	if len(d.items) > directory.FreshContacts {
		d.searched = nil
		return
	}
	d.searched = append(d.searched, target{id, patch})
}

// shareWith is how many of the last items are compared with a new one, to share its patch or image with.
const shareWith = 4

// share has an item share its patch and its image with one of the last items that have the same: nobody writes to them,
// and in a large change most items do.
func (d *draft) share(item *change.Item) {
	for i := len(d.items) - 1; i >= max(0, len(d.items)-shareWith); i-- {
		if reflect.DeepEqual(d.items[i].Before, item.Before) {
			item.Before = d.items[i].Before
			break
		}
	}
	for i := len(d.items) - 1; i >= max(0, len(d.items)-shareWith); i-- {
		if reflect.DeepEqual(d.items[i].Patch, item.Patch) {
			item.Patch = d.items[i].Patch
			break
		}
	}
}

// planSame plans the same patch for each of the contacts named. What is wrong with them is told together with bad.
func planSame(ctx context.Context, s *session, d *draft, names []string, m missing, patch change.Patch,
	bad *toolerr.Several) (*draft, error) {
	list, err := resolve(ctx, s, d, names, directory.ContactPlace, m, bad)
	if err != nil {
		return nil, err
	}
	if bad.Len() > 0 && len(patch.Fields()) == 0 { // the patch is bad
		return nil, bad.Err()
	}
	var repeats directory.Repeats
	for i := range list {
		n := &list[i]
		if repeats.Again(n.key(), names[n.index]) {
			continue
		}
		err := planNamed(ctx, s, d, n, patch, engine.Source(len(names) > directory.FewContacts))
		if d.leaveOut(err) {
			continue
		}
		if err := bad.Add(directory.ContactPlace(n.index), err); err != nil {
			return nil, err
		}
	}
	repeats.Note(s.note)
	d.tellCreated()
	return d, cmp.Or(bad.Err(), d.nobody())
}

// checkRole refuses what Intercom cannot do: make a user a lead again.
func checkRole(s *session, c *intercom.Contact, left change.Patch) error {
	if left.Set["role"] == "lead" && c.Role == "user" {
		return toolerr.New(toolerr.InvalidArgument,
			"set.role: "+s.mask.Label(c)+" is a user, and a user cannot become a lead again.", "Leave role out.")
	}
	return nil
}

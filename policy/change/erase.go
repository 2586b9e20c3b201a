package change

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Erasure is the removal of one contact from what is kept: its items lose their labels and values, and the events of
// their changes are replaced by ones that tell nothing of it. Ids and outcomes stay. The hash that an event's successor
// holds stays, too: the event that records the erasure tells the hashes of those that replace others, so that
// [Verifier] tells an erasure from an edit.
type Erasure struct {
	ids      map[string]bool // of the contact
	texts    []string        // by which people know it
	replaced map[int64]string
}

// NewErasure is the erasure of the contact that has any of the ids.
func NewErasure(ids []string) *Erasure {
	e := &Erasure{ids: make(map[string]bool), replaced: make(map[int64]string)}
	for _, id := range ids {
		e.ids[id] = true
	}
	return e
}

// Covers reports whether an item is of the contact, or merges into it.
func (e *Erasure) Covers(item *Item) bool {
	return e.ids[item.TargetID] || item.Patch.Into != nil && e.ids[item.Patch.Into.ID]
}

// Changes erases the contact from changes, and returns the places of those in which it was. It returns [ErrInUse] where
// one of them has not ended. By which texts people know the contact it looks for in all of them first, since one may
// tell in words what another one wrote.
func (e *Erasure) Changes(all []*Change) (erased []int, err error) {
	for _, c := range all {
		if !c.Status.Ended() {
			return nil, fmt.Errorf("%w: %s is %s", ErrInUse, c.ID, c.Status)
		}
		for i := range c.Items {
			if e.Covers(&c.Items[i]) {
				e.remember(&c.Items[i])
			}
		}
	}
	for i, c := range all {
		if e.change(c) {
			erased = append(erased, i)
		}
	}
	return erased, nil
}

// change erases the contact from a change, and reports whether it was in there.
func (e *Erasure) change(c *Change) bool {
	found := false
	for i := range c.Items {
		item := &c.Items[i]
		if !e.Covers(item) || item.Erased {
			continue
		}
		found = true
		*item = Item{
			TargetID: item.TargetID, Patch: Patch{Op: item.Patch.Op}, Erased: true,
			Outcome: item.Outcome, Failure: Failure{Code: item.Code}, Created: item.Created,
		}
	}
	if !found {
		return false
	}
	c.Binding, c.Fingerprint = "", "" // which are hashes of values that can be guessed
	if c.Salt != "" {
		c.Salt = rand.Text() // so that copies of the old events are of no use for that
	}
	for i := range c.Items {
		c.Items[i].Reason = e.withheld(c.Items[i].Reason) // of others, who may be named with it
	}
	c.Reason = e.withheld(c.Reason)
	for i := range c.Approvals {
		c.Approvals[i].Reason = e.withheld(c.Approvals[i].Reason)
	}
	if c.Approval != nil {
		c.Approval.Reason = e.withheld(c.Approval.Reason)
	}
	for _, texts := range [][]string{c.SideEffects, c.Conflicts, c.Notes} {
		for i := range texts {
			texts[i] = e.withheld(texts[i])
		}
	}
	for i := range c.Decision.Reasons {
		c.Decision.Reasons[i].Text = e.withheld(c.Decision.Reasons[i].Text)
	}
	return true
}

// erasedText stands where a text was.
const erasedText = "(erased)"

// Less reports whether an erasure has left less of an item.
func (e *Erasure) Less(item *Item) bool { return item.Erased || item.Reason == erasedText }

// remember notes the texts by which people know the contact of an item: labels, what identifies it, and notes.
func (e *Erasure) remember(item *Item) {
	add := func(value any) {
		if text, ok := value.(string); ok && text != "" && !e.ids[text] && !slices.Contains(e.texts, text) {
			e.texts = append(e.texts, text)
		}
	}
	add(item.Label)
	for _, values := range []map[string]any{item.Patch.Set, item.Before.Set} {
		for _, field := range append([]string{"name"}, identifiers...) {
			add(values[field])
		}
	}
	if item.Patch.Note != nil {
		add(item.Patch.Note.Body)
	}
	if item.Patch.Into != nil {
		add(item.Patch.Into.Name)
	}
}

// leastMention is how many bytes a text has at least that is looked for: a shorter one is a word of any text.
const leastMention = 6

// Mentions are the texts by which people know the contact, as the JSON of items has them, as far as it makes sense to
// look for them in other changes.
func (e *Erasure) Mentions() (texts []string) {
	for _, text := range e.texts {
		if len(text) >= leastMention {
			encoded, _ := json.Marshal(text) // which does not fail for a text
			texts = append(texts, string(encoded[1:len(encoded)-1]))
		}
	}
	return texts
}

// withheld is a sentence about a change, unless it names the contact.
func (e *Erasure) withheld(text string) string {
	if slices.ContainsFunc(e.texts, func(known string) bool { return strings.Contains(text, known) }) {
		return erasedText
	}
	return text
}

// Events returns the events that replace those of an erased change, c as it is now, where they differ. All events of
// the change are given, in their order.
func (e *Erasure) Events(all []Event, c *Change) (replacing []Event, err error) {
	latest := -1 // that records a status
	for i := range all {
		if all[i].Facts["state"] != "" {
			latest = i
		}
	}
	for i := range all {
		next, differs, err := e.event(all[i], c, i == latest)
		if err != nil {
			return nil, err
		}
		if differs {
			replacing = append(replacing, next)
		}
	}
	return replacing, nil
}

// event returns the event that replaces one of an erased change, c as it is now, and whether it differs. last tells
// that it records the latest status of the change.
func (e *Erasure) event(old Event, c *Change, last bool) (Event, bool, error) {
	next := old
	next.Facts = maps.Clone(old.Facts)
	var err error
	set := func(name string, hash func(*Change) (string, error)) {
		if err == nil && next.Facts[name] != "" {
			next.Facts[name], err = hash(c)
		}
	}
	switch old.Kind {
	case KindPlanned:
		delete(next.Facts, "binding") // of older trails
		set("head", hashPlan)
		set("digest", func(c *Change) (string, error) { return hashItems(c) })
		if next.Facts["values"] != "" {
			next.Facts["values"] = e.values(old.Facts["values"])
		}
		if next.Facts["reasons"] != "" {
			next.Facts["reasons"] = e.withheld(old.Facts["reasons"])
		}
	case KindCall:
		if path, err := url.PathUnescape(old.Facts["path"]); err != nil || e.withheld(path) != path {
			next.Facts["path"] = erasedText
		}
	case KindRecorded:
		err = e.outcomes(&next, c)
	case KindApproved, Kind(StatusDeclined):
		if next.Facts["reason"] != "" {
			next.Facts["reason"] = e.withheld(old.Facts["reason"])
		}
	}
	if last {
		set("state", hashState)
	}
	if err != nil || maps.Equal(old.Facts, next.Facts) {
		return old, false, err
	}
	next.Facts["erased"] = "yes"
	body, err := next.Body()
	if err != nil {
		return old, false, fmt.Errorf("encoding an event: %w", err)
	}
	e.replaced[next.Seq] = HashBody(body)
	return next, true, nil
}

// values is what an event tells of the values of items, without those of the contact.
func (e *Erasure) values(text string) string {
	var items []map[string]any
	if err := json.Unmarshal([]byte(text), &items); err != nil {
		return erasedText
	}
	items = slices.DeleteFunc(items, func(item map[string]any) bool {
		of, _ := item["contact"].(string)
		into, _ := item["into"].(string)
		who, _ := item["who"].(string)
		return e.ids[of] || e.ids[into] || of == "" && slices.Contains(e.texts, who)
	})
	kept, err := json.Marshal(items)
	if err != nil {
		return erasedText
	}
	return string(kept)
}

// outcomes hashes what an event recorded, as it is now.
func (e *Erasure) outcomes(next *Event, c *Change) error {
	hashes := newRecordHashes(c)
	var all []int
	for _, outcome := range outcomeCodes[1:] {
		err := eachInRanges(next.Facts[string(outcome)], len(c.Items), func(i int) { all = append(all, i) })
		if err != nil {
			return err
		}
	}
	slices.Sort(all)
	for _, i := range all {
		if err := hashes.add(c.Items[i].recorded(i)); err != nil {
			return err
		}
	}
	next.Facts["digest"], next.Facts["reasons"] = hashes.sums()
	return nil
}

// Recorded is the event that records the erasure.
func (e *Erasure) Recorded(by Actor) Event {
	facts := by.facts()
	facts["contact"] = strings.Join(slices.Sorted(maps.Keys(e.ids)), ",")
	var replaced []string
	for _, seq := range slices.Sorted(maps.Keys(e.replaced)) {
		replaced = append(replaced, fmt.Sprintf("%d=%s", seq, e.replaced[seq]))
	}
	facts["replaced"] = strings.Join(replaced, ",")
	return Event{Kind: KindErased, Facts: facts}
}

// Names lists what people may call the contacts of the item by: its label, e-mails, your own ids, and the name of the
// contact that stays in a merge.
func (i *Item) Names() []string {
	names := []string{i.Label}
	for _, values := range []map[string]any{i.Patch.Set, i.Before.Set} {
		for _, field := range []string{"email", "external_id"} {
			if text, ok := values[field].(string); ok {
				names = append(names, text)
			}
		}
	}
	if i.Patch.Into != nil {
		names = append(names, i.Patch.Into.Name)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// Named lists the ids of the item's contacts that go by a name: an id, a label or an e-mail in any case, or your own
// id, as it is or as external_id:….
func (i *Item) Named(name string) (ids []string) {
	own := OwnID(name)
	if own == "" {
		return nil
	}
	named := i.TargetID == name || strings.EqualFold(i.Label, name)
	for _, values := range []map[string]any{i.Patch.Set, i.Before.Set} {
		email, _ := values["email"].(string)
		external, _ := values["external_id"].(string)
		named = named || strings.EqualFold(email, name) || external == own
	}
	if named && i.TargetID != "" {
		ids = append(ids, i.TargetID)
	}
	if into := i.Patch.Into; into != nil && (into.ID == name || strings.EqualFold(into.Name, name)) {
		ids = append(ids, into.ID)
	}
	return ids
}

// OwnID is what a contact is called, read as your own id of it: external_id:u-1 is u-1. An empty one names nobody.
func OwnID(name string) string { return strings.TrimPrefix(name, "external_id:") }

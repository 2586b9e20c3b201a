package change

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Erasure is the removal of one contact from what is kept: its items lose their labels and values, and the events of
// their changes are replaced by ones that tell nothing of it. Ids and outcomes stay. The hash that an event's successor
// holds stays, too: the event that records the erasure tells the hashes of those that replace others, so that
// [Verifier] tells an erasure from an edit.
type Erasure struct {
	ids      map[string]bool // of the contact
	texts    []string        // that are to be found nowhere any more, longest first
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

// Change erases the contact from a change, and reports whether it was in there.
func (e *Erasure) Change(c *Change) bool {
	found := false
	for i := range c.Items {
		item := &c.Items[i]
		if !e.Covers(item) || item.Erased {
			continue
		}
		found = true
		e.remember(item)
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
	c.Reason = e.without(c.Reason)
	for _, texts := range [][]string{c.SideEffects, c.Conflicts, c.Notes} {
		for i := range texts {
			texts[i] = e.without(texts[i])
		}
	}
	for i := range c.Decision.Reasons {
		c.Decision.Reasons[i].Text = e.without(c.Decision.Reasons[i].Text)
	}
	return true
}

// erasedText stands where a text was.
const erasedText = "(erased)"

// shortest is how long a value is at least that is looked for in texts: a shorter one is a word of any text.
const shortest = 4

// remember notes the texts of an item.
func (e *Erasure) remember(item *Item) {
	add := func(value any) {
		if text, ok := value.(string); ok && len(text) >= shortest && !e.ids[text] && !slices.Contains(e.texts, text) {
			e.texts = append(e.texts, text)
		}
	}
	add(item.Label)
	for _, values := range []map[string]any{item.Patch.Set, item.Before.Set} {
		for _, value := range values {
			add(value)
		}
	}
	if item.Patch.Note != nil {
		add(item.Patch.Note.Body)
	}
	if item.Patch.Into != nil {
		add(item.Patch.Into.Name)
	}
	slices.SortFunc(e.texts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
}

// without is a text in which no value of the contact is left.
func (e *Erasure) without(text string) string {
	for _, value := range e.texts {
		text = strings.ReplaceAll(text, value, erasedText)
	}
	return text
}

// Event returns the event that replaces one of an erased change, c as it is now, and whether it differs. last tells
// that it records the latest status of the change.
func (e *Erasure) Event(old Event, c *Change, last bool) (Event, bool, error) {
	next := old
	next.Facts = maps.Clone(old.Facts)
	for name, fact := range next.Facts {
		next.Facts[name] = e.without(fact)
	}
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
	case KindRecorded:
		err = e.outcomes(&next, c)
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
	return e.without(string(kept))
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

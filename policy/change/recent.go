package change

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// Window is the sliding interval in which written targets count toward the limits of a policy.
	Window = 10 * time.Minute
	// DeclineHolds is how long a decline blocks the same write.
	DeclineHolds = 30 * time.Minute
)

// Recent is what a decision about one change depends on besides the change: what the principal's other changes wrote
// lately, or are about to, and what a person declined.
type Recent struct {
	// Unconfirmed counts the different targets that were written within [Window], or are about to be, unconfirmed at
	// any level, the agent's included. The targets of the change that is decided about count as well.
	Unconfirmed int
	// Written counts the different targets of all changes within [Window] likewise, whoever confirmed them.
	Written int
	// Notes counts, for a change that adds notes, the different targets that got some within [Window], or are about to,
	// unconfirmed, its own included; 0 for others.
	Notes int
	// Latest is the principal's newest change of the same fingerprint that has written something that stands, or may
	// yet, without its items; nil where there is none.
	Latest *Change
	// Undoing is the newest change that undoes the same change as this one, and is about to write it, or has undone it
	// completely; nil where there is none, and for changes that undo nothing.
	Undoing *Change
	// Declined reports that a person declined, within [DeclineHolds], all that the change would write: the same, or
	// more than that.
	Declined bool
	// Contested reports that a person declined a part of it only, or other values for the same fields of the same targets.
	Contested bool
}

// Decide completes a change by what is known of the recent past: it may set everything but the items. Its error becomes
// that of the call which the decision is part of, and nothing is recorded then. It must not call the store.
type Decide func(c *Change, recent Recent) error

// MayHaveEffect reports whether an item of outcome o counts as written: it was sent, or is about to be, and is not
// proven to have had no effect.
func (o Outcome) MayHaveEffect() bool { return o != Unchanged && o != Failed && o != NotSent }

// Target names what the item at index of a change writes to. A target that is yet to be created is like no other.
func (i *Item) Target(changeID string, index int) string {
	if i.TargetID != "" {
		return i.TargetID
	}
	return fmt.Sprintf("%s#%d", changeID, index)
}

// WrittenTargets lists the targets of the items that may have an effect, item by item.
func (c *Change) WrittenTargets() []string {
	var targets []string
	for i := range c.Items {
		if c.Items[i].Outcome.MayHaveEffect() {
			targets = append(targets, c.Items[i].Target(c.ID, i))
		}
	}
	return targets
}

// AddsNotes reports whether the change adds notes.
func (c *Change) AddsNotes() bool {
	return slices.ContainsFunc(c.Items, func(i Item) bool { return i.Patch.Note != nil })
}

// DeclineKey is one write of an item, by hashes: a value for a field of a target. A decline is stored as the keys of
// what was declined, so that no value of a contact is.
type DeclineKey struct{ Place, Value string }

// DeclineKeys returns the keys of what the pending items would write.
func DeclineKeys(items []Item) ([]DeclineKey, error) {
	var all []DeclineKey
	for i := range items {
		if items[i].Outcome != Pending {
			continue
		}
		for _, w := range items[i].Patch.writes() {
			value, err := json.Marshal(w.value)
			if err != nil {
				return nil, fmt.Errorf("encoding what a change would write: %w", err)
			}
			for _, target := range items[i].targets() {
				all = append(all, DeclineKey{digest(target, w.field), digest(string(value))})
			}
			if text, ok := w.value.(string); ok && slices.Contains(identifiers, w.field) {
				all = append(all, DeclineKey{digest("anybody", w.field, strings.ToLower(text)), ""})
			}
		}
	}
	return all, nil
}

// digest is a hash of texts, none of which holds a NUL.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// identifiers are the fields that identify a contact. A value of them that was declined for one contact is contested
// for every other.
var identifiers = []string{"email", "external_id", "phone"}

// targets names what an item writes to. A record that is yet to be created goes by whatever will identify it.
func (i *Item) targets() []string {
	if i.TargetID != "" {
		return []string{i.TargetID}
	}
	var targets []string
	for _, field := range append([]string{"name"}, identifiers...) {
		if known, ok := i.Patch.Set[field].(string); ok && known != "" {
			targets = append(targets, "new "+field+" "+strings.ToLower(known))
		}
	}
	if targets == nil {
		targets = []string{"new " + cmp.Or(i.Patch.Key, i.Label)}
	}
	return targets
}

// fieldWrite is a value for a field.
type fieldWrite struct {
	field string
	value any
}

// writes lists the single writes of a patch. Each tag and each company counts as a field of its own.
func (p Patch) writes() []fieldWrite {
	var list []fieldWrite
	for field, value := range p.Set {
		list = append(list, fieldWrite{field, value})
	}
	for _, links := range []struct {
		what string
		refs []Ref
		on   bool
	}{
		{"tag ", p.AddTags, true}, {"tag ", p.RemoveTags, false},
		{"company ", p.AddCompanies, true}, {"company ", p.RemoveCompanies, false},
	} {
		for _, ref := range links.refs {
			list = append(list, fieldWrite{links.what + ref.ID, links.on})
		}
	}
	if p.Note != nil {
		list = append(list, fieldWrite{"note", p.Note.Body})
	}
	if p.Traits().Record != "" {
		value := string(p.Op)
		if p.Into != nil {
			value += " " + p.Into.ID
		}
		list = append(list, fieldWrite{whole, value})
	}
	return list
}

// whole is the field that an operation on a record as a whole counts as, the same for all of them: after a declined
// deletion, archiving is contested.
const whole = "the whole of it"

// MatchDeclined sets Declined and Contested for a change with these items, from the keys of what was declined lately.
func (r *Recent) MatchDeclined(items []Item, declined []DeclineKey) error {
	if len(declined) == 0 {
		return nil
	}
	values := make(map[string][]string) // by place
	for _, m := range declined {
		values[m.Place] = append(values[m.Place], m.Value)
	}
	planned, err := DeclineKeys(items)
	if err != nil {
		return err
	}
	same := 0
	for _, m := range planned {
		no := values[m.Place]
		if slices.Contains(no, m.Value) {
			same++
		}
		r.Contested = r.Contested || no != nil
	}
	if r.Declined = same > 0 && same == len(planned); r.Declined {
		r.Contested = false
	}
	return nil
}

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
	// Window is the span over which what nobody confirmed adds up.
	Window = 10 * time.Minute
	// DeclineHolds is for how long a person's no holds.
	DeclineHolds = 30 * time.Minute
)

// Recent is what happened lately, as far as it bears on one change. It does
// not count the change itself.
type Recent struct {
	// Written counts the contacts that the principal's changes wrote, or are
	// about to write, within [Window] without a yes at LevelUser or above.
	Written int
	// Latest is the principal's newest change of the same effect that has written
	// it, or may yet, without its items; nil where there is none.
	Latest *Change
	// Undoing is the newest change that puts back the same change as this one, and
	// that is about to write it, or has put back all of it; nil where there is none,
	// and for changes that put nothing back.
	Undoing *Change
	// Declined tells that a person said no, within [DeclineHolds], to all that the
	// change would write: to the same, or to more than that.
	Declined bool
	// Contested tells that a person said no to some of it only, or to something
	// else for some of the same fields of the same targets.
	Contested bool
}

// Decide completes a change by what happened lately: it may set all but the
// items. An error is that of the call which the decision is part of, and nothing
// is recorded then. It must not call the store.
type Decide func(c *Change, recent Recent) error

// DeclineKey is one thing that an item would do, by hashes: to one field of one
// target one value. A no is kept as the marks of what was declined.
type DeclineKey struct{ Place, Value string }

// DeclineKeys are what the pending items would do.
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

// identifiers are the fields by which a contact is told from others. Nobody is
// given one that a person declined to give to somebody.
var identifiers = []string{"email", "external_id", "phone"}

// targets names what an item writes to. What is yet to be created goes by
// whatever will tell it from others.
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

// writes takes a patch apart. Each tag and each company counts as a field of
// its own; of a record that is yet to be created the fields count as well as
// that it is created.
func (p Patch) writes() []fieldWrite {
	var list []fieldWrite
	for field, value := range p.Set {
		list = append(list, fieldWrite{field, value})
	}
	for _, links := range []struct {
		what string
		refs []Ref
		on   bool
	}{{"tag ", p.AddTags, true}, {"tag ", p.RemoveTags, false}, {"company ", p.AddCompanies, true}, {"company ", p.RemoveCompanies, false}} {
		for _, ref := range links.refs {
			list = append(list, fieldWrite{links.what + ref.ID, links.on})
		}
	}
	if p.Note != nil {
		list = append(list, fieldWrite{"note", p.Note.Body})
	}
	switch p.Op {
	case Update, Create, SaveCompany:
	case Merge:
		list = append(list, fieldWrite{whole, string(p.Op) + " " + p.Into.ID})
	default:
		list = append(list, fieldWrite{whole, string(p.Op)})
	}
	return list
}

// whole is the field that an operation on a record as a whole counts as. It is one
// for all of them: who said no to a deletion is asked about archiving.
const whole = "the whole of it"

// MatchDeclined holds what a change would do against what was declined.
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

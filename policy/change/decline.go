package change

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

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

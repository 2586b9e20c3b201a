package engine

import (
	"errors"
	"maps"
	"slices"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// Whether a write of a guess changed anything tells whether the guess was right. So, unless a person confirmed the
// change, a masked part is always sent, and judged by what Intercom answered alone, never by what it held before.

// hides reports whether a part's field is masked, and held something before that the change may not tell of.
func (a *applier) hides(item *change.Item, part change.Part) bool {
	return a.change.ApprovalLevel() < policy.LevelUser && guessable(a.words.Masks, item, part)
}

// guessable reports whether a part's field is masked and may have held what the part writes. Masks are of contacts.
func guessable(masks func(field string) bool, item *change.Item, part change.Part) bool {
	traits := item.Patch.Traits()
	return traits.Target == change.TargetContact && !traits.LateID && masks(part.Field)
}

// hidesSome reports whether it hides a part of an item.
func (a *applier) hidesSome(item *change.Item) bool {
	return slices.ContainsFunc(item.Patch.Parts(), func(part change.Part) bool { return a.hides(item, part) })
}

// apart splits off the items that hide a part. A bulk job answers for no item, so that these are written one by one.
func (a *applier) apart(items []int) (hiding, rest []int) {
	for _, i := range items {
		if a.hidesSome(&a.change.Items[i]) {
			hiding = append(hiding, i)
		} else {
			rest = append(rest, i)
		}
	}
	return hiding, rest
}

// unapplied is [unapplied] and all that is hidden of a patch.
func (a *applier) unapplied(item *change.Item, now change.Image) change.Patch {
	left := unapplied(item, now)
	for _, part := range item.Patch.Parts() {
		if a.hides(item, part) {
			if left.Set == nil {
				left.Set = make(map[string]any)
			}
			left.Set[part.Label] = item.Patch.Set[part.Label]
		}
	}
	return left
}

// states judges the parts of an item by an image of its target, and hidden ones by the error of sending it: they count as
// changed where it is none.
func (a *applier) states(item *change.Item, now change.Image, sent error) []partState {
	list := states(item, now)
	for at := range list {
		if !a.hides(item, list[at].Part) {
			continue
		}
		list[at].state, list[at].moved = shows, true
		if fieldsError(sent) != nil {
			list[at].state, list[at].moved = missing, false
		}
	}
	return list
}

// doubtful reports whether it hides what would tell whether sending an item had an effect.
func (a *applier) doubtful(item *change.Item, sent error) bool {
	err := fieldsError(sent)
	return err != nil && !isDefinitive(err) && a.hidesSome(item)
}

// fieldsError is the error of writing an item's fields. Each tag and each company is a request of its own.
func fieldsError(sent error) error {
	var joined interface{ Unwrap() []error }
	if errors.As(sent, &joined) {
		for _, err := range joined.Unwrap() {
			if err := fieldsError(err); err != nil {
				return err
			}
		}
		return nil
	}
	var link *linkError
	if errors.As(sent, &link) {
		return nil
	}
	return sent
}

// withoutMasked is an item without what nothing may be told of: for what is compared before a person's yes.
func (a *applier) withoutMasked(item *change.Item) *change.Item {
	if !a.hidesSome(item) {
		return item
	}
	bare := *item
	bare.Patch.Set = maps.Clone(item.Patch.Set)
	for _, part := range item.Patch.Parts() {
		if a.hides(item, part) {
			delete(bare.Patch.Set, part.Label)
		}
	}
	return &bare
}

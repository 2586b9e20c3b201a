package engine

import (
	"context"
	"maps"
	"slices"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// Whether a write of a guess changed anything tells whether the guess was right. So, unless a person confirmed the
// change, a masked part is always sent, and judged by what Intercom answered alone, never by what it held before.

// masking tells which parts of a change's items nothing may be told of.
type masking struct {
	change *change.Change
	masks  func(field string) bool
}

// hides reports whether a part's field is masked, and held something before that the change may not tell of.
func (m masking) hides(item *change.Item, part change.Part) bool {
	return m.change.ApprovalLevel() < policy.LevelUser && guessable(m.masks, item, part)
}

// blind reports whether a part is planned without a look at what its field holds: whether an undo finds what was
// written would tell. The look is taken when it is sent: see [applier.notOverwritten].
func (m masking) blind(item *change.Item, part change.Part) bool {
	return m.change.Undoes != "" && guessable(m.masks, item, part)
}

// guessable reports whether a part's field is masked and may have held what the part writes. Masks are of contacts.
func guessable(masks func(field string) bool, item *change.Item, part change.Part) bool {
	traits := item.Patch.Traits()
	return traits.Target == change.TargetContact && !traits.LateID && masks(part.Field)
}

// hidesSome reports whether it hides a part of an item.
func (m masking) hidesSome(item *change.Item) bool {
	return slices.ContainsFunc(item.Patch.Parts(), func(part change.Part) bool { return m.hides(item, part) })
}

// apart splits off the items that hide a part, or put back a text that Intercom may have escaped: see [writeAgain]. A
// bulk job answers for no item, so that these are written one by one.
func (m masking) apart(items []int) (hiding, rest []int) {
	for _, i := range items {
		item := &m.change.Items[i]
		if m.hidesSome(item) || m.change.Undoes != "" && len(escaped(item.Patch.Set)) > 0 {
			hiding = append(hiding, i)
		} else {
			rest = append(rest, i)
		}
	}
	return hiding, rest
}

// unapplied is [unapplied] and all that is hidden of a patch.
func (m masking) unapplied(item *change.Item, now change.Image) change.Patch {
	left := unapplied(item, now)
	for _, part := range item.Patch.Parts() {
		if m.hides(item, part) {
			if left.Set == nil {
				left.Set = make(map[string]any)
			}
			left.Set[part.Label] = item.Patch.Set[part.Label]
		}
	}
	return left
}

// states judges the parts of an item by an image of its target, and hidden ones by the error of sending it: they count
// as changed where it is none. Their labels are for answers.
func (m masking) states(item *change.Item, now change.Image, sent error) []partState {
	list := states(item, now)
	for at := range list {
		if list[at].part.Label = text.Clip(text.Clean(list[at].part.Label), 60); !m.hides(item, list[at].part) {
			continue
		}
		list[at].state, list[at].moved = shows, true
		if fieldsError(sent) != nil {
			list[at].state, list[at].moved = missing, false
		}
	}
	return list
}

// modifiedElsewhere names the first field that holds neither what it held when planned nor what was to be written, or
// "". A hidden one is written whatever it holds. Tags and companies are there or not, and so always one of the two.
func (m masking) modifiedElsewhere(item *change.Item, now change.Image) string {
	for _, judged := range states(item, now) {
		if judged.state == altered && !m.hides(item, judged.part) {
			return judged.part.Label
		}
	}
	return ""
}

// doubtful reports whether it hides what would tell whether sending an item had an effect.
func (m masking) doubtful(item *change.Item, sent error) bool {
	err := fieldsError(sent)
	return err != nil && !isDefinitive(err) && m.hidesSome(item)
}

// without is an item without what nothing may be told of: for what is compared before a person's yes.
func (m masking) without(item *change.Item) *change.Item {
	bare := *item
	bare.Patch.Set = maps.Clone(item.Patch.Set)
	for _, part := range item.Patch.Parts() {
		if m.hides(item, part) || m.blind(item, part) {
			delete(bare.Patch.Set, part.Label)
		}
	}
	return &bare
}

// notOverwritten is a patch without the blind parts whose fields hold something else than what the change is to put
// back: another client has written there, and that is not told before a person's yes.
func (a *applier) notOverwritten(ctx context.Context, item *change.Item, patch change.Patch) (change.Patch, error) {
	if !slices.ContainsFunc(item.Patch.Parts(), func(part change.Part) bool { return a.judge.masking.blind(item, part) }) {
		return patch, nil
	}
	now, err := a.readImage(ctx, item.TargetID, patch)
	if err != nil {
		return patch, err
	}
	patch.Set = maps.Clone(patch.Set)
	for _, part := range patch.Parts() {
		if a.judge.masking.blind(item, part) && !record.Same(part.Label, now.Set[part.Label], item.Before.Set[part.Label]) {
			delete(patch.Set, part.Label)
		}
	}
	return patch, nil
}

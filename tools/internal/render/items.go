package render

import (
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
)

const (
	receiptItems = 3  // items of which a receipt says what they were and are; of more it only counts
	receiptText  = 44 // columns of one of them
)

// receiptRoom is how much of the values a receipt shows.
var receiptRoom = room{value: 16, protected: 28, newValue: 16, newProtected: 28, note: 32, reveal: text.RevealShort}

// few says of the items of a small change that were written what they were and are: old → new, or which parts show, and
// which do not. Why others were not is among the problems.
func (v *View) few(c *change.Change) []string {
	if len(c.Items) > receiptItems || len(c.Items) == receiptItems && v.Mask.priceOfSecrecy(c) != "" {
		return nil
	}
	var list []string
	for i := range c.Items {
		item := &c.Items[i]
		var str string
		switch item.Outcome {
		case change.Changed:
			if str = v.brief(c, item); len(item.LeftAlone) > 0 && v.Mask.tellsChanged(c, item) {
				str += "; left alone: " + listShort(leftAlone(item))
			}
		case change.Partly:
			str = partly(item)
		default:
			continue
		}
		if len(c.Items) > 1 {
			str = oneOf(v.Mask, c.Items, item) + " " + str
		}
		list = append(list, str)
	}
	return list
}

// oneOf names one of few items: by its id where another one is called the same.
func oneOf(mask *Mask, items []change.Item, item *change.Item) string {
	name, same := mask.addressed(item), 0
	for i := range items {
		if mask.addressed(&items[i]) == name {
			same++
		}
	}
	if same > 1 && item.TargetID != "" {
		return item.TargetID
	}
	return name
}

// brief is what an item did, in as few words as a receipt has room for.
func (v *View) brief(c *change.Change, item *change.Item) string {
	var shown []string
	size := 0
	parts := v.Rows.parts(c, item, receiptRoom)
	for _, part := range parts {
		str := strings.TrimPrefix(part.text, directory.CustomPrefix)
		if size += text.Width(str); size > receiptText && len(shown) > 0 {
			break
		}
		shown = append(shown, str)
	}
	if more := len(parts) - len(shown); more > 0 {
		shown = append(shown, fmt.Sprintf("%d more", more))
	}
	return strings.Join(shown, ", ")
}

// partly says in short which parts of an item show, and which do not.
func partly(item *change.Item) string {
	shows, not := shownParts(item)
	return "shows " + listShort(shows) + "; not " + listShort(not)
}

// shownParts names the parts of an item that show, and those that do not.
func shownParts(item *change.Item) (shows, not []string) {
	for _, part := range item.Patch.Parts() {
		if slices.Contains(item.Missing, part.Key) {
			not = append(not, partName(part))
		} else {
			shows = append(shows, partName(part))
		}
	}
	return shows, not
}

// leftAlone names the fields that an undo does not put back of an item.
func leftAlone(item *change.Item) []string {
	list := make([]string, len(item.LeftAlone))
	for i, field := range item.LeftAlone {
		list[i] = text.Clip(text.Clean(strings.TrimPrefix(field, directory.CustomPrefix)), receiptRoom.value)
	}
	return list
}

// partName names a part: a field, or a tag or a company put on or taken off.
func partName(part change.Part) string {
	if part.Field == change.FieldTags || part.Field == change.FieldCompanies {
		sign, name, _ := strings.Cut(part.Label, " ")
		return sign + " " + text.Quote(text.Clip(text.Clean(name), receiptRoom.value))
	}
	return text.Clip(text.Clean(strings.TrimPrefix(part.Label, directory.CustomPrefix)), receiptRoom.value)
}

// listShort lists two names, or one of many.
func listShort(names []string) string {
	switch {
	case len(names) == 0:
		return "nothing"
	case len(names) > 2:
		return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
	}
	return strings.Join(names, ", ")
}

// undoable tells whether undo_change can put back what a change wrote; nil where it wrote nothing that stands.
func undoable(c *change.Change) *bool {
	written, can := false, c.Irreversible == ""
	for i := range c.Items {
		if c.Items[i].Outcome.Wrote() {
			written, can = true, can && c.Items[i].Patch.Traits().Reversible
		}
	}
	if !written || c.Status == change.StatusUndone {
		return nil
	}
	return &can
}

// Why says why an item of a change is what it is, and of one that shows in part, what shows.
func (v *View) Why(c *change.Change, item *change.Item) string {
	reason := v.Mask.Redact(item.Reason)
	if v.asPlanned(c, item) {
		return "it was so when planned, and was not read again"
	}
	if item.Outcome == change.Partly {
		if shows, _ := shownParts(item); len(shows) > 0 {
			return "shows " + strings.Join(shows, ", ") + "; " + reason
		}
	}
	return reason
}

// asPlanned reports whether an item is told as unchanged by what was planned with a change that waited since.
func (v *View) asPlanned(c *change.Change, item *change.Item) bool {
	return c.Approval != nil && !c.Purged && item.UnchangedAsPlanned() &&
		v.Mask.Outcome(c, item) == string(change.Unchanged)
}

// Outcomes counts the outcomes of a change for a list, as [Mask.Outcome] names them. Where only the items tell which of
// them may say that they changed, whole reads the change with its items.
func (v *View) Outcomes(c *change.Summary, whole func() (change.Change, error)) (string, error) {
	n := map[string]int{
		"changed": c.Count.Changed, "unchanged": c.Count.Unchanged, "partly": c.Count.Partly,
		"failed": c.Count.Failed, "not_sent": c.Count.NotSent, "unknown": c.Count.Unknown,
	}
	masked := c.Count.Changed+c.Count.Unchanged > 0 && len(v.Mask.Policy.Masked) > 0 &&
		c.Change.ApprovalLevel() < policy.LevelUser
	if masked || c.Change.Undoes != "" && len(c.Change.Conflicts) > 0 {
		full, err := whole()
		if err != nil {
			return "", err
		}
		n = v.count(&full)
	}
	var list []string
	for _, outcome := range []string{"changed", "unchanged", "written", "partly", "failed", "not_sent", "unknown"} {
		if n[outcome] > 0 {
			list = append(list, fmt.Sprintf("%d %s", n[outcome], outcome))
		}
	}
	return strings.Join(list, ", "), nil
}

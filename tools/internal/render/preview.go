package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

const (
	leftAsked   = 3    // reasons to leave something alone, of an undo
	previewRows = 10   // contacts shown one by one, at most
	previewText = 1200 // columns of their rows: the first is shown, however long
	PreviewDiff = 240  // columns of one contact's row, beyond what is never cut
)

// Preview tells a person what a change would do, before the yes. Whatever the
// change is made of, each field that it touches is named, protected ones first; and
// whose protected fields change comes first, with their values.
func (v *View) Preview(c *change.Change, decision policy.Decision) string {
	pending := Pending(c.Items)
	if len(pending) == 0 {
		return "Nothing to change."
	}
	var out strings.Builder
	out.WriteString(text.Capitalise(verbOf(c)) + " " + v.targets(c, len(pending), pending[0]))
	if n := change.CountItems(c.Items).Unchanged; n > 0 {
		fmt.Fprintf(&out, " (%d more are so already)", n)
	}
	out.WriteString(".\n")
	slices.SortStableFunc(pending, func(a, b *change.Item) int { return BoolOrder(v.touchesProtected(b), v.touchesProtected(a)) })
	whole := v.previewItems(&out, pending, c.Irreversible != "")
	if fields := v.histogram(pending); fields != "" && (len(pending) > 1 || !whole) {
		out.WriteString("Fields: " + fields + "\n")
	}
	for _, effect := range v.RedactIfMaskGrew(c, c.SideEffects) {
		out.WriteString(effect + "\n")
	}
	if len(c.Conflicts) > 0 {
		out.WriteString("Left alone: " + text.ListFew(v.RedactIfMaskGrew(c, c.Conflicts), leftAsked) + ".\n")
	}
	if c.Irreversible != "" {
		out.WriteString("This cannot be undone: " + c.Irreversible + "\n")
	} else {
		out.WriteString("Can be put back with undo_change.\n")
	}
	for _, reason := range decision.Reasons {
		if reason.Verdict == policy.Confirm {
			out.WriteString("Asked because: " + reason.Text + "\n")
		}
	}
	out.WriteString(v.estimate(c.Items))
	return out.String()
}

// Pending lists the items that are to be written.
func Pending(items []change.Item) []*change.Item {
	var pending []*change.Item
	for i := range items {
		if items[i].Outcome == change.Pending {
			pending = append(pending, &items[i])
		}
	}
	return pending
}

// touchesProtected reports whether an item writes to a protected field.
func (v *View) touchesProtected(item *change.Item) bool {
	return slices.ContainsFunc(item.Patch.Fields(), v.Protects)
}

// previewItems writes the first items' rows, and reports whether nothing was
// left out.
func (v *View) previewItems(out *strings.Builder, pending []*change.Item, irreversible bool) (whole bool) {
	whole = true
	written := 0
	for n, item := range pending {
		row, all := v.Diff(item, PreviewDiff)
		size := text.Width(row)
		if n == previewRows || n > 0 && written+size > previewText {
			fmt.Fprintf(out, "  and %d more\n", len(pending)-n)
			return false
		}
		written += size
		whole = whole && all
		who := v.Who(item)
		if irreversible {
			who = v.target(item) // others may go by the same name
		}
		fmt.Fprintf(out, "  %s  %s\n", who, row)
	}
	return whole
}

// Title is a change in a few words: "update 3 contacts", "save company Acme".
func (v *View) Title(c *change.Change, items int, first *change.Item) string {
	switch {
	case items == 0:
		return verbOf(c)
	case items == 1 && c.Noun == "":
		return verbOf(c) + " " + v.Who(first)
	}
	return verbOf(c) + " " + v.targets(c, items, first)
}

// verbOf is what a change does to its targets; a version that kept none is told by
// its tool.
func verbOf(c *change.Change) string { return cmp.Or(c.Verb, c.Tool+":") }

// targets writes how many targets a change has, or which, where it has one at a
// time.
func (v *View) targets(c *change.Change, items int, first *change.Item) string {
	if c.Noun != "" {
		return c.Noun + " " + v.Who(first)
	}
	return text.Plural(items, "contact")
}

// estimate says what the change would cost.
func (v *View) estimate(items []change.Item) string {
	requests, took := v.Cost(items)
	return fmt.Sprintf("About %s to Intercom, %s.", text.Plural(requests, "request"), text.Plural(toolerr.Seconds(took), "second"))
}

// ISO writes a time as ISO 8601 in UTC.
func ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

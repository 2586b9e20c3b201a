package render

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

const (
	skippedAsked = 3    // reasons to skip something, of an undo
	previewText  = 1200 // columns of the rows: the first is shown, however long
	PreviewDiff  = 240  // columns of one target's row, beyond what is never cut
)

// Preview tells a person what a change would do, before the yes. Whatever the change is made of, each field that it
// touches is named, protected ones first, with how many different values it gets. The rows are spread over these values,
// and those that write to protected fields come first.
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
	whole := v.previewItems(&out, c, pending)
	if fields := v.fields(c, pending); fields != "" && (len(pending) > 1 || !whole) {
		out.WriteString("Fields: " + fields + "\n")
	}
	for _, effect := range v.RedactIfMaskGrew(c, c.SideEffects) {
		out.WriteString(effect + "\n")
	}
	if len(c.Conflicts) > 0 {
		out.WriteString("Skipped: " + text.ListFew(v.RedactIfMaskGrew(c, c.Conflicts), skippedAsked) + ".\n")
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

// previewItems writes the rows of the items that are spread over all that is written, and reports whether nothing was
// left out. Whom others may be taken for goes by the id, too.
func (v *View) previewItems(out *strings.Builder, c *change.Change, pending []*change.Item) (whole bool) {
	whole = true
	written := 0
	alike := v.alike(pending)
	rows := v.spread(c, pending)
	for n, item := range rows {
		row, all := v.Diff(c, item, PreviewDiff)
		who := v.Who(item)
		if c.Irreversible != "" || alike[text.Skeleton(who)] > 1 {
			who = v.target(item)
		}
		size := text.Width(who) + text.Width(row)
		if n > 0 && written+size > previewText {
			rows = rows[:n]
			break
		}
		written += size
		whole = whole && all
		fmt.Fprintf(out, "  %s  %s\n", who, row)
	}
	if more := len(pending) - len(rows); more > 0 {
		fmt.Fprintf(out, "  and %d more\n", more)
		return false
	}
	return whole
}

// alike counts the items that a person knows by labels that look the same.
func (v *View) alike(items []*change.Item) map[string]int {
	alike := make(map[string]int, len(items))
	for _, item := range items {
		alike[text.Skeleton(v.Who(item))]++
	}
	return alike
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

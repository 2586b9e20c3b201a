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
	skippedAsked  = 3   // reasons to skip something, of an undo
	previewTokens = 860 // of the rows and the line of fields together
	rowTokens     = 600 // of the rows, however long that line is; the first row is shown, however long
)

// previewRooms are how a preview spends its tokens, the first that fits: on all rows that were chosen, all that each of
// them does, and in full what it writes; then on less of each.
var previewRooms = []room{
	{newValue: 1500, newProtected: 1500, value: ShownValue, protected: 120, note: 1500, optional: 1500, rows: previewRows,
		reveal: text.Reveal},
	{newValue: 300, newProtected: 300, value: ShownValue, protected: 120, note: 1200, optional: 1500, rows: previewRows,
		reveal: text.Reveal},
	{newValue: 200, newProtected: 300, value: ShownValue, protected: 120, note: 1200, optional: 1200, rows: previewRows,
		reveal: text.Reveal},
	{newValue: 120, newProtected: 300, value: ShownValue, protected: 120, note: 900, optional: 900, rows: previewRows,
		reveal: text.Reveal},
	{newValue: 300, newProtected: 300, value: ShownValue, protected: 80, note: 900, optional: 640, rows: previewRows,
		reveal: text.Reveal},
	{newValue: 300, newProtected: 300, value: ShownValue, protected: 80, note: 900, optional: 320, rows: previewRows,
		reveal: text.Reveal},
	{newValue: 120, newProtected: 300, value: ShownValue, protected: 80, note: 600, optional: 320, rows: previewRows,
		reveal: text.Reveal},
	{newValue: 80, newProtected: 120, value: ShownValue, protected: 60, note: 600, optional: 240, rows: previewRows,
		reveal: text.Reveal},
	{newValue: ShownValue, newProtected: 120, value: ShownValue, protected: 120, note: 600, optional: 240, rows: 4,
		reveal: text.Reveal},
	{newValue: 24, newProtected: 40, value: 24, protected: 40, note: 300, optional: 120, rows: 1, reveal: text.Reveal},
}

// Preview tells a person what a change would do, before the yes. Whatever the change is made of, each field that it
// touches is named, protected ones first, with how many different values it gets. The rows are spread over these
// values, and those that write to protected fields come first.
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
	p := &preview{view: v, change: c, pending: pending}
	fields := p.fields()
	rows, whole := p.rows(text.Tokens(fields))
	out.WriteString(rows)
	if fields != "" && (len(pending) > 1 || !whole) {
		out.WriteString("Fields: " + fields + "\n")
	}
	for _, effect := range v.Mask.RedactIfGrew(c, c.SideEffects) {
		out.WriteString(effect + "\n")
	}
	if len(c.Conflicts) > 0 {
		out.WriteString("Skipped: " + text.ListFew(v.Mask.RedactIfGrew(c, c.Conflicts), skippedAsked) + ".\n")
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

// preview is what a person is shown of the items of one change.
type preview struct {
	view    *View
	change  *change.Change
	pending []*change.Item
}

// rows writes the items that are spread over all that is written, beside a line of fields of so many tokens, and
// reports whether nothing was left out.
func (p *preview) rows(fields int) (rows string, whole bool) {
	chosen, alike := p.spread(), p.alike()
	most := max(rowTokens, previewTokens-fields)
	var lines []string
	for _, r := range previewRooms {
		var size int
		lines, size, whole = p.lines(chosen, alike, r, most)
		whole = whole && len(lines) == len(p.pending)
		if len(p.pending) == 1 && whole && size <= previewTokens || size <= most && len(lines) >= min(r.rows, len(chosen)) {
			break
		}
	}
	if more := len(p.pending) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more\n", more))
	}
	return strings.Join(lines, ""), whole
}

// lines writes items, a line each, up to so many tokens but for the first, and reports whether it is all that they do.
// Whom others may be taken for goes by the id, too.
func (p *preview) lines(items []*change.Item, alike map[string]int, r room, most int) (lines []string, size int,
	all bool) {
	all = true
	for _, item := range items {
		row, whole := p.view.Rows.row(p.change, item, r)
		who := p.view.Mask.Who(item)
		if p.change.Irreversible != "" || alike[text.Skeleton(who)] > 1 {
			who = p.view.Mask.target(item)
		}
		tokens := text.Tokens(who) + text.Tokens(row)
		if len(lines) > 0 && size+tokens > most {
			break
		}
		size += tokens
		all = all && whole
		lines = append(lines, fmt.Sprintf("  %s  %s\n", who, row))
	}
	return lines, size, all
}

// alike counts the items that a person knows by labels that look the same.
func (p *preview) alike() map[string]int {
	alike := make(map[string]int, len(p.pending))
	for _, item := range p.pending {
		alike[text.Skeleton(p.view.Mask.Who(item))]++
	}
	return alike
}

// Title is a change in a few words: "update 3 contacts", "save company Acme".
func (v *View) Title(c *change.Change, items int, first *change.Item) string {
	switch {
	case items == 0:
		return verbOf(c)
	case items == 1 && c.Noun == "":
		return verbOf(c) + " " + v.Mask.Who(first)
	}
	return verbOf(c) + " " + v.targets(c, items, first)
}

// verbOf is what a change does to its targets; a version that kept none is told by its tool.
func verbOf(c *change.Change) string { return cmp.Or(c.Verb, c.Tool+":") }

// targets writes how many targets a change has, or which, where it has one at a time.
func (v *View) targets(c *change.Change, items int, first *change.Item) string {
	if c.Noun != "" {
		return c.Noun + " " + v.Mask.Who(first)
	}
	return text.Plural(items, "contact")
}

// estimate says what the change would cost.
func (v *View) estimate(items []change.Item) string {
	requests, took := v.Cost(items)
	return fmt.Sprintf("About %s to Intercom, %s.", text.Plural(requests, "request"),
		text.Plural(toolerr.Seconds(took), "second"))
}

// ISO writes a time as ISO 8601 in UTC.
func ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

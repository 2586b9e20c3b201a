package render

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

const (
	skippedAsked  = 3   // reasons to skip something, of an undo
	previewTokens = 860 // of the rows and the line of fields together
	laterShorts   = 60  // columns of the short parts of a row that has not all
	rowTokens     = 600 // of the rows, however long that line is; the first row is shown, however long
)

// previewRooms are how a preview spends its tokens, the first that fits: on all that each of the rows does, in full,
// then with less of each value; then on the first parts of each row, and the beginnings and ends of the rest; at last,
// on so many fields that these take no more, on some of them.
var previewRooms = []room{
	clipped(1500, 1500, 120, 1500, previewRows), clipped(1000, 1000, 120, 1200, previewRows),
	clipped(600, 600, 120, 1200, previewRows), clipped(300, 300, 120, 1200, previewRows),
	clipped(200, 300, 120, 1200, previewRows), clipped(120, 300, 120, 900, previewRows),
	clipped(80, 120, 80, 600, previewRows), clipped(ShownValue, 120, 60, 600, previewRows),
	clipped(24, 60, ShownValue, 600, previewRows), clipped(80, 120, 120, 600, fewRows),
	clipped(ShownValue, 120, 120, 600, fewRows), clipped(24, 60, ShownValue, 300, fewRows),

	shortened(1000, 24, 120, 80, previewRows), shortened(600, 24, 120, 80, previewRows),
	shortened(300, 24, 120, 80, previewRows), shortened(1000, 12, 120, 80, previewRows),
	shortened(800, 12, 120, 80, previewRows), shortened(600, 12, 120, 80, previewRows),
	shortened(300, 12, 120, 80, previewRows),
	shortened(0, 12, 120, ShownValue, previewRows), shortened(300, 12, 120, ShownValue, fewRows),
	shortened(0, 12, 120, ShownValue, fewRows), shortened(0, 8, 120, 60, fewRows),
	shortened(0, 8, 60, ShownValue, fewRows),
	shortened(0, 8, 24, 0, fewRows),

	{newValue: 24, newProtected: 120, value: 24, protected: ShownValue, note: 300, short: 8, shorts: 1000, alone: true,
		rows: 1, drops: true, reveal: text.Reveal},
	firstWhole(320, 12, math.MaxInt, previewRows), firstWhole(120, 12, math.MaxInt, previewRows),
	firstWhole(120, 8, math.MaxInt, fewRows), firstWhole(60, 8, math.MaxInt, 2), firstWhole(60, 8, 400, fewRows),
	dropping(1500, 300, 120, 900), dropping(640, 300, 80, 900), dropping(320, 300, 80, 900), dropping(320, 120, 80, 600),
	{newValue: 80, newProtected: 120, value: ShownValue, protected: 60, note: 600, optional: 240, rows: previewRows,
		drops: true, reveal: text.Reveal},
	{newValue: ShownValue, newProtected: 120, value: ShownValue, protected: 120, note: 600, optional: 240, rows: fewRows,
		drops: true, reveal: text.Reveal},
	{newValue: 24, newProtected: 40, value: 24, protected: 40, note: 300, optional: 120, rows: 1, drops: true,
		reveal: text.Reveal},
}

// clipped is room for all parts, each value in at most so many columns.
func clipped(newValue, newProtected, protected, note, rows int) room {
	return room{newValue: newValue, newProtected: newProtected, value: min(ShownValue, newValue), protected: protected,
		note: note, optional: math.MaxInt, rows: rows, reveal: text.Reveal}
}

// shortened is room for all parts, those beyond so many columns short.
func shortened(optional, short, newProtected, protected, rows int) room {
	return room{newValue: 300, newProtected: newProtected, value: ShownValue, protected: protected, note: 300,
		optional: optional, short: short, shorts: math.MaxInt, rows: rows, reveal: text.Reveal}
}

// firstWhole is room for the short parts of the first row, up to so many columns, and for few in the others.
func firstWhole(optional, short, shorts, rows int) room {
	r := shortened(optional, short, 120, ShownValue, rows)
	r.newValue, r.shorts, r.later, r.drops = 80, shorts, laterShorts, true
	return r
}

// dropping is room for few parts beyond so many columns.
func dropping(optional, newValue, protected, note int) room {
	return room{newValue: newValue, newProtected: 300, value: ShownValue, protected: protected, note: note,
		optional: optional, short: 12, shorts: laterShorts, rows: previewRows, drops: true, reveal: text.Reveal}
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
	out.WriteString(v.estimate(c))
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
		fits := size <= most || whole && len(p.pending) == 1 && size <= previewTokens
		if fits && (whole || r.drops) && (len(p.pending) == 1 || !r.alone) && len(lines) >= min(r.rows, len(chosen)) {
			break
		}
	}
	whole = whole && len(lines) == len(p.pending)
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
		if r.later > 0 {
			r.shorts = r.later
		}
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

// estimate says what the change would cost: whole seconds, at least one.
func (v *View) estimate(c *change.Change) string {
	requests, took := v.Cost(c)
	return fmt.Sprintf("About %s to Intercom, %s.", text.Plural(requests, "request"),
		text.Plural(max(int(took.Round(time.Second)/time.Second), 1), "second"))
}

// ISO writes a time as ISO 8601 in UTC.
func ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

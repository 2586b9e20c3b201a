package render

import (
	"cmp"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// PartRow is one part of an item of a change, for a table: values as they are, uncut, as far as they may be shown.
type PartRow struct {
	ID      string // of the target
	Target  string // as a person knows it
	Field   string // as policies name it; "" where the item has nothing to write
	From    string
	To      string
	Outcome string
	Reason  string
}

// PartRows lists what an item of a change did, part by part.
func (v *View) PartRows(c *change.Change, item *change.Item) []PartRow {
	whole := PartRow{ID: cmp.Or(item.TargetID, item.Created), Target: text.Unquote(v.Mask.Who(item)),
		Outcome: v.Mask.Outcome(c, item), Reason: v.Mask.Redact(item.Reason)}
	parts := item.Patch.Parts()
	if len(parts) == 0 || c.Purged {
		return []PartRow{whole}
	}
	rows := make([]PartRow, len(parts))
	for i, part := range parts {
		row := whole
		row.Field = part.Field
		if item.Outcome == change.Partly {
			row.Outcome = string(change.Failed)
			if !slices.Contains(item.Missing, part.Key) {
				row.Outcome, row.Reason = string(change.Changed), ""
			}
		}
		row.From, row.To = v.partValues(c, item, part)
		rows[i] = row
	}
	return rows
}

// partValues is what a part was before, and what it is to be.
func (v *View) partValues(c *change.Change, item *change.Item, part change.Part) (from, to string) {
	switch part.Kind {
	case change.PartField:
		from = v.Rows.whole(item, part.Label, v.Mask.VisibleIn(item, part.Label, item.Before.Value(part.Label)))
		return from, v.Rows.whole(item, part.Label, v.Rows.newValue(c, item, part.Label))
	case change.PartTag, change.PartCompany:
		sign, name, _ := strings.Cut(part.Label, " ")
		if strings.HasPrefix(sign, "-") {
			return name, ""
		}
		return "", name
	case change.PartNote:
		return "", text.FromHTML(item.Patch.Note.Body)
	}
	return "", part.Label
}

// whole writes a value uncut, owners by their e-mail and times as ISO 8601.
func (w *Rows) whole(item *change.Item, field string, visible any) string {
	switch value := visible.(type) {
	case nil:
		return ""
	case string:
		if field == "owner_id" {
			return w.ownerShown(value)
		}
		return value
	}
	if isDate(item, field) {
		if t, ok := record.AsTime(visible); ok {
			return intercom.Unix(t.Unix()).String()
		}
	}
	return record.Scalar(visible)
}

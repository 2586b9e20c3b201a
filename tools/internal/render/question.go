package render

import (
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
)

// questionFields is how many fields a question names.
const questionFields = 4

// Await says of a change that waits what it would do, until when, and what to ask the person, in a sentence that can be
// shown to them as it is.
func (v *View) Await(r *ChangeResult, c *change.Change) {
	r.Preview, r.ExpiresAt = v.Preview(c, c.Decision), ISO(c.ExpiresAt)
	pending := Pending(c.Items)
	if len(pending) == 0 {
		return
	}
	what := v.Title(c, len(pending), pending[0])
	if fields := fieldsOf(pending...); fields != "" {
		what += " (" + fields + ")"
	}
	can := "can"
	if c.Irreversible != "" {
		can = "cannot"
	}
	r.Say = "Nothing is written yet: shall I " + what + ", which " + can + " be undone?"
}

// fieldsOf names the first fields that items touch; "" where they touch records as a whole.
func fieldsOf(items ...*change.Item) string {
	var fields []string
	seen := make(map[string]bool)
	for _, item := range items {
		for _, part := range item.Patch.Parts() {
			if part.Kind != change.PartRecord && !seen[part.Field] {
				seen[part.Field] = true
				fields = append(fields, text.Clip(text.Clean(strings.TrimPrefix(part.Field, directory.CustomPrefix)), ShownValue))
			}
		}
	}
	if len(fields) > questionFields {
		fields = append(fields[:questionFields], "…")
	}
	return strings.Join(fields, ", ")
}

// TitleInList is a change in a few words, with the fields that it touches: those of its first item, where that touches
// some and others may touch more, and else those of all, for which whole reads the change.
func (v *View) TitleInList(c *change.Summary, whole func() (change.Change, error)) (string, error) {
	items := c.Count.Total()
	title, fields := v.Title(&c.Change, items, &c.First), fieldsOf(&c.First)
	switch {
	case c.Change.Noun != "" || items == 0:
		return title, nil
	case fields != "" && items > 1:
		fields = "e.g. " + fields
	case c.First.Outcome == change.Unchanged && items > c.Count.Unchanged:
		full, err := whole()
		if err != nil {
			return "", err
		}
		var all []*change.Item
		for i := range full.Items {
			all = append(all, &full.Items[i])
		}
		fields = fieldsOf(all...)
	}
	if fields == "" {
		return title, nil
	}
	return title + " (" + fields + ")", nil
}

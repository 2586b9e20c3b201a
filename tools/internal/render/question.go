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
	var fields []string
	seen := make(map[string]bool)
	for _, item := range pending {
		for _, part := range item.Patch.Parts() {
			if part.Kind != change.PartRecord && !seen[part.Field] {
				seen[part.Field] = true
				fields = append(fields, text.Clip(text.Clean(strings.TrimPrefix(part.Field, directory.CustomPrefix)), ShownValue))
			}
		}
	}
	what := v.Title(c, len(pending), pending[0])
	if len(fields) > questionFields {
		fields = append(fields[:questionFields], "…")
	}
	if len(fields) > 0 {
		what += " (" + strings.Join(fields, ", ") + ")"
	}
	can := "can"
	if c.Irreversible != "" {
		can = "cannot"
	}
	r.Say = "Nothing is written yet: shall I " + what + ", which " + can + " be undone?"
}

package tools

import (
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
)

// BenchmarkConsole opens a plan of 10,000 contacts from the disk, as the page does: its first rows, and those that a
// search finds.
func BenchmarkConsole(b *testing.B) {
	store, inFile := inStateFile(b)
	rules := approvalPolicy(b, anybodyApproves)
	w := newWorld(b, inFile, withSandbox(func(o *sandbox.Options) { o.Contacts = 10_000 }),
		func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
			c.Approvers, c.Policy = true, policy.Always(rules)
		})
	id := w.do("bulk_update_contacts",
		object{"where": object{"field": "created_at", "operator": ">", "value": "2000-01-01"},
			"set": object{"custom_attributes": object{"plan": "free"}, "language_override": "de", "add_tags": []string{"VIP"}},
		}, asAnn)["change"].(string)
	desk, who := w.Console(store), visitor("bob", policy.RoleApprover)
	for name, rows := range map[string]RowQuery{"first": {}, "last": {Page: 399}, "search": {Text: "garcia"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				shown, err := desk.Change(b.Context(), who, id, rows)
				if err != nil || shown.Items < 9_000 || len(shown.Rows.Rows) != RowsOnPage || shown.Barred != nil {
					b.Fatalf("%d items, %d rows, %v, %v", shown.Items, len(shown.Rows.Rows), shown.Barred, err)
				}
			}
		})
	}
}

package console

import (
	"testing"

	"intercom-mcp/tools"
)

// BenchmarkLargeProposal opens and filters a proposal of 10,000 contacts.
func BenchmarkLargeProposal(b *testing.B) {
	w := newWorld(b)
	id := w.addLarge(10_000)
	nora := &tools.Visitor{Principal: "nora", Roles: []string{"approver"}}
	for name, query := range map[string]tools.RowQuery{"open": {}, "filter": {Text: "customer-9999"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := w.console.desk.Change(b.Context(), nora, id, query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

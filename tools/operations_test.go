package tools

import (
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/engine"
)

// TestCheckWith holds the tool that tells what became of each operation against the catalogue: it is one that reads.
func TestCheckWith(t *testing.T) {
	effects := make(map[string]policy.Effect)
	for _, tool := range Catalogue() {
		effects[tool.Name] = tool.Effect
	}
	for _, row := range change.Operations() {
		name := engine.CheckWith(change.Patch{Op: row.Operation})
		if name == "" && row.Operation == change.Block { // which Intercom does not show
			continue
		}
		if effect, listed := effects[name]; !listed || effect != policy.Read {
			t.Errorf("to %s is checked with %q, which is no tool that reads", row.Name, name)
		}
	}
}

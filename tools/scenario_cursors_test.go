package tools

import (
	"testing"

	"intercom-mcp/tools/toolerr"
)

// TestForeignCursor uses the cursors of one principal as another.
func TestForeignCursor(t *testing.T) {
	w := newWorld(t)
	w.waiting(0)
	w.waiting(12)
	for tool, args := range map[string]object{
		"list_changes":          {"limit": 1},
		"search_contacts":       {"limit": 1, "query": "a"},
		"list_company_contacts": {"limit": 1, "company": "Acme Inc"},
		"list_tags":             {"limit": 1},
	} {
		args["cursor"] = w.do(tool, args)["next_cursor"]
		w.do(tool, args)
		w.refused(toolerr.InvalidArgument, tool, args, as("mallory"))
	}
}

package tools

import (
	"testing"

	"intercom-mcp/tools/toolerr"
)

// TestSegmentAndTime narrows a segment by a time, which Intercom compares by
// days up to 2.16 and the server exactly.
func TestSegmentAndTime(t *testing.T) {
	w := newWorld(t, inVersion("2.16"))
	where := []object{{"field": "segment", "operator": "=", "value": "On trial"},
		{"field": "last_seen_at", "operator": "<", "value": "-90d"}}
	rows := w.do("search_contacts", object{"where": where, "limit": 50})["rows"].([]any)
	if len(rows) == 0 {
		t.Error("nobody on trial was last seen 90 days ago")
	}
	w.refused(toolerr.InvalidArgument, "search_contacts", object{"where": where, "match": "any"})
}

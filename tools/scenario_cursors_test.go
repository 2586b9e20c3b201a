package tools

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
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

// unkept is a store that keeps no cursors, as one whose disk is full.
type unkept struct{ change.Store }

func (s unkept) Shared() change.Shared {
	shared := s.Store.Shared()
	shared.Cursors = noCursors{}
	return shared
}

type noCursors struct{ change.Cursors }

func (noCursors) Keep(context.Context, string, string, string, time.Time) error {
	return change.ErrUnavailable
}

// TestCursorHandles hands out short cursors, which another process with the same state takes, and tells one that was
// altered, is of other filters, or is not known.
func TestCursorHandles(t *testing.T) {
	w := newWorld(t)
	both := w.processes(2)
	args := object{"limit": 3, "query": "a"}
	cursor := both[0].do("search_contacts", args)["next_cursor"].(string)
	if len(cursor) > 24 {
		t.Errorf("%q has %d characters", cursor, len(cursor))
	}
	if again := both[1].do("search_contacts", args)["next_cursor"]; again != cursor {
		t.Errorf("the same page again: %q, then %q", cursor, again)
	}
	args["cursor"] = cursor
	if diff := cmp.Diff(both[0].do("search_contacts", args), both[1].do("search_contacts", args)); diff != "" {
		t.Errorf("the second page of two processes:\n%s", diff)
	}
	long := w.do("search_contacts", object{"limit": 3, "query": "a"}, func(c *Call) { c.ByHand = "call" })
	args["cursor"] = long["next_cursor"]
	if len(long["next_cursor"].(string)) <= 24 || both[0].do("search_contacts", args)["total"] == nil {
		t.Errorf("by hand: %v", long["next_cursor"])
	}
	other := 'a'
	if strings.HasSuffix(cursor, "a") {
		other = 'b'
	}
	for name, test := range map[string]struct {
		cursor, query, says string
	}{
		"altered":       {cursor[:len(cursor)-1] + string(other), "a", "this cursor was altered. Copy it as it is"},
		"other filters": {cursor, "b", "other arguments"},
		"unknown":       {render.Handle("local", "another"), "a", "more than an hour old"},
	} {
		err := both[0].refused(toolerr.InvalidArgument, "search_contacts", object{"limit": 3, "query": test.query,
			"cursor": test.cursor})
		if !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	full := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = unkept{Store: c.Store} })
	args = object{"limit": 3}
	args["cursor"] = full.do("search_contacts", args)["next_cursor"]
	if cursor := args["cursor"].(string); len(cursor) <= 24 || full.do("search_contacts", args)["rows"] == nil {
		t.Errorf("where nothing can be kept: %q", cursor)
	}
}

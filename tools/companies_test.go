package tools

import (
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestCompaniesBeyondTheList looks for companies where Intercom ends its list
// before they do: what was found so far is answered, and how to find the rest.
func TestCompaniesBeyondTheList(t *testing.T) {
	for query, rows := range map[string]int{"acme": 1, "zzzzqqq": 0, "": 20} {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Companies, o.Contacts = 200, 400 }))
		w.sandbox.AddFault(sandbox.Fault{Method: "POST", Path: "/companies/list", After: 1, Status: 400, Code: "bad_request",
			Message: "page limit reached, please use scroll API"})
		args := object{"query": query}
		got := w.do("find_companies", args)
		found := len(got["rows"].([]any))
		if query == "" {
			args["cursor"] = got["next_cursor"]
			got = w.do("find_companies", args)
		}
		if note, _ := got["note"].(string); found < rows ||
			!strings.Contains(note, "10,000 companies and no more: get_company finds") {
			t.Errorf("%q: %d rows, want %d, and the note is %q", query, found, rows, note)
		}
		if got["next_cursor"] != nil || query != "" && got["total"] != nil {
			t.Errorf("%q: it is the end, though not of all: %v %v", query, got["next_cursor"], got["total"])
		}
	}
}

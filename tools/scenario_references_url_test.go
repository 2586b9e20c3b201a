package tools

import (
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// TestPagesOfWorkspaces names records by the addresses of their pages: those of
// another workspace are refused, even where the id is one of this one's.
func TestPagesOfWorkspaces(t *testing.T) {
	w := newWorld(t)
	page := func(app, what, id string) string {
		return "https://app.intercom.com/a/apps/" + app + "/" + what + "/" + id
	}
	ann, acme := w.user(0).ID, w.sandbox.Companies()[0].ID
	var many []string
	for i := range 12 {
		many = append(many, page("other01", "users", w.user(i).ID))
	}
	foreign := []struct {
		tool string
		args object
	}{
		{"get_contact", object{"contact": page("other01", "users", ann)}},
		{"archive_contacts", object{"contacts": many}},
		{"unarchive_contacts", object{"contacts": many[:1]}},
		{"get_company", object{"company": page("other01", "companies", acme)}},
		{"save_company", object{"company": page("other01", "companies", acme), "set": object{"plan": "Pro"}}},
	}
	for _, test := range foreign {
		got := w.refused(toolerr.InvalidArgument, test.tool, test.args)
		if !strings.Contains(got.Error(), `The URL is of another workspace, "other01"; this is sandbox01.`) {
			t.Errorf("%s: %v", test.tool, got)
		}
	}
	for _, app := range []string{"sandbox01", "_"} {
		if got := w.do("get_contact", object{"contact": page(app, "users", ann)})["id"]; got != ann {
			t.Errorf("%s: found %v", app, got)
		}
		w.do("get_company", object{"company": page(app, "companies", acme)})
	}
	dark := newWorld(t)
	dark.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/me", Status: 403})
	dark.do("get_contact", object{"contact": page("other01", "users", ann)})
}

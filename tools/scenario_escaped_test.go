package tools

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// escapable are texts as they are stored, and as they are shown where Intercom escapes, and where it does not.
var escapable = []struct{ stored, escaped, plain string }{
	{"Tom & Jerry", "Tom & Jerry", "Tom & Jerry"},
	{`O'Neil "<Bob>"`, `O'Neil "<Bob>"`, `O'Neil "<Bob>"`},
	{"R&amp;D", "R&amp;D", "R&D"}, // written so by somebody
	{"R&amp;amp;D", "R&amp;amp;D", "R&amp;D"},
	{"&lt;b&gt;", "&lt;b&gt;", "<b>"},
}

// TestEscaped shows texts as they are though Intercom escapes them. Written back they stay as they are shown, where
// Intercom escapes byte for byte, and undo puts back the same bytes: one by one, of companies, and in bulk.
func TestEscaped(t *testing.T) {
	t.Parallel()
	for _, escape := range []bool{true, false} {
		t.Run(fmt.Sprint("escaped ", escape), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testEscaped(t, escape) })
		})
	}
}

func testEscaped(t *testing.T, escape bool) {
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies, o.Escape = 60, 5, escape }))
	ids, company := w.people(0, 12), w.sandbox.Companies()[0].ID
	for _, str := range escapable {
		what := fmt.Sprintf("%s, escaped %v", str.stored, escape)
		shown := str.plain
		if escape {
			shown = str.escaped
		}
		for _, id := range ids {
			w.holds(id, company, str.stored)
		}
		if got := w.do("get_contact", object{"contact": ids[0]}); got["name"] != shown ||
			got["custom_attributes"].(object)["plan"] != shown {
			t.Errorf("%s: %v", what, got)
		}
		if got := w.do("get_company", object{"company": company}); got["name"] != shown || got["plan"] != shown {
			t.Errorf("%s: %v", what, got)
		}
		set := func(str string) object { return object{"name": str, "custom_attributes": object{"plan": str}} }
		calls := []struct {
			tool string
			args func(str string) object
		}{
			{"update_contact", func(str string) object { return object{"contact": ids[0], "set": set(str)} }},
			{"bulk_update_contacts", func(str string) object { return object{"contacts": ids, "set": set(str)} }},
			{"save_company", func(str string) object {
				return object{"company": company, "set": object{"name": str, "plan": str}}
			}},
		}
		snapshot := w.sandbox.Snapshot()
		for _, call := range calls {
			before := len(w.writes())
			got := w.consented(call.tool, call.args(shown))
			if sent := w.writes()[before:]; len(sent) > 0 && escape {
				t.Errorf("%s written back by %s: sent %v", what, call.tool, sent)
			}
			if got["status"] != "applied" || (got["changed"] != nil) != (str.stored != shown) {
				t.Errorf("%s written back by %s: %v", what, call.tool, got)
			}
			if got["changed"] != nil {
				if undone := w.consented("undo_change", object{"change": got["change"]}); undone["status"] != "applied" ||
					undone["changed"] == nil {
					t.Errorf("%s written back by %s undone: %v", what, call.tool, undone)
				}
			}
			w.restored(snapshot)
		}
		for _, call := range calls {
			for _, write := range []string{"Bob", "Bob & Co", "<i>"} {
				receipt := w.consented(call.tool, call.args(write))
				if receipt["status"] != "applied" || receipt["changed"] == nil {
					t.Errorf("%q over %s by %s: %v", write, what, call.tool, receipt)
				}
				if undone := w.consented("undo_change", object{"change": receipt["change"]}); undone["status"] != "applied" {
					t.Errorf("%q over %s by %s undone: %v", write, what, call.tool, undone)
				}
				w.restored(snapshot)
			}
			time.Sleep(change.Window)
		}
	}
}

// TestEntitiesTyped leaves alone what only looks escaped, and says so; and it repairs what somebody wrote escaped.
func TestEntitiesTyped(t *testing.T) {
	for _, test := range []struct {
		escape              bool
		held, typed, stored string
		counted, says       string
	}{
		{false, "R&D", "R&amp;D", "R&D", "unchanged", "name is left as it is: but for HTML entities"},
		{true, "R&D", "R&amp;D", "R&D", "unchanged", "name is left as it is: but for HTML entities"},
		{false, "AT&amp;T", "AT&T", "AT&T", "changed", `name: "AT&amp;T" → "AT&T"`},
		{true, "AT&amp;T", "AT&T", "AT&T", "changed", `name: "AT&amp;T" → "AT&T"`},
		{true, "AT&T", "AT&T", "AT&T", "unchanged", ""},
		{false, "AT&amp;T", "AT&amp;T", "AT&amp;T", "unchanged", "but for HTML entities"},
		{true, "R&D", "R&D", "R&D", "unchanged", ""},
		{false, "Ann", "AT&amp;T", "AT&amp;T", "changed", `name: "Ann" → "AT&amp;T"`},
	} {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies, o.Escape = 3, 2, test.escape }))
		id, company := w.user(0).ID, w.sandbox.Companies()[0].ID
		w.holds(id, company, test.held)
		for tool, args := range map[string]object{"update_contact": {"contact": id, "set": object{"name": test.typed}},
			"save_company": {"company": company, "set": object{"name": test.typed}}} {
			got := w.consented(tool, args)
			if said := fmt.Sprint(got["items"], got["note"]); got["status"] != "applied" || got[test.counted] != 1.0 ||
				!strings.Contains(said, test.says) {
				t.Errorf("%+v: %s: %v", test, tool, got)
			}
		}
		contact, _ := w.sandbox.Contact(id)
		if name := w.sandbox.Companies()[0].Name; contact.Name != test.stored || name != test.stored {
			t.Errorf("%+v: %q, %q", test, contact.Name, name)
		}
	}
}

// TestEntitiesUnclear says so where nothing tells what is there: no search finds companies by their plan.
func TestEntitiesUnclear(t *testing.T) {
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies, o.Escape = 3, 2, false }))
	company := w.sandbox.Companies()[0].ID
	w.holds(w.user(0).ID, company, "AT&amp;T")
	got := w.consented("save_company", object{"company": company, "set": object{"plan": "AT&T"}})
	if got["unchanged"] != 1.0 || !strings.Contains(fmt.Sprint(got["note"]),
		"plan is left as it is: it is so already, or holds HTML entities, which cannot be told apart; write another") {
		t.Error(got)
	}
}

// TestEscapedNames finds by name what Intercom escapes, tells of what is there already, and tells what it writes.
func TestEscapedNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies, o.Escape = 60, 5, true }))
	w.sandbox.AddAttribute("contact", "R&D budget", "string")
	created := w.consented("create_contact", object{"set": object{"name": "Tom & Jerry", "email": "o'neil@x.example"}})
	if created["status"] != "applied" || created["changed"] != 1.0 {
		t.Fatal(created)
	}
	id := created["created"]
	for _, where := range []object{
		{"field": "name", "operator": "=", "value": "Tom & Jerry"}, {"field": "name", "operator": "~", "value": "m & j"},
		{"field": "email", "operator": "=", "value": "o'neil@x.example"},
	} {
		if got := w.do("search_contacts", object{"where": []object{where}}); fmt.Sprint(got["total"]) != "1" {
			t.Errorf("%v: %v", where, got)
		}
	}
	if got := w.consented("create_tag", object{"name": "Phone & SMS"}); got["changed"] != 1.0 {
		t.Error(got)
	}
	if got := w.consented("create_tag", object{"name": "phone & sms"}); got["unchanged"] != 1.0 {
		t.Error(got)
	}
	got := w.do("update_contact", object{"contact": "o'neil@x.example", "set": object{"add_tags": []string{"Phone & SMS"},
		"custom_attributes": object{"R&D budget": "<5 & >3"}}})
	if got["changed"] != 1.0 {
		t.Error(got)
	}
	contact := w.do("get_contact", object{"contact": id})
	if contact["custom_attributes"].(object)["R&D budget"] != "<5 & >3" || contact["tags"].([]any)[0] != "Phone & SMS" {
		t.Error(contact)
	}
	company := w.sandbox.Companies()[0]
	w.consented("save_company", object{"company": company.ID, "set": object{"name": "Ernst & Young"}})
	w.consented("attach_company", object{"contacts": []any{id}, "company": "Ernst & Young"})
	listed := w.do("search_contacts", object{"where": []object{
		{"field": "company", "operator": "=", "value": "Ernst & Young"},
		{"field": "name", "operator": "^", "value": "Tom &"}}})
	if rows := listed["rows"].([]any); len(rows) != 1 || rows[0].([]any)[1] != "Tom & Jerry" {
		t.Error(listed)
	}
	note := w.do("add_note", object{"contact": id, "body": "a & b <c>"})
	if rows := w.do("list_notes", object{"contact": id})["rows"].([]any); rows[0].([]any)[3] != "a & b <c>" {
		t.Error(note, rows)
	}
}

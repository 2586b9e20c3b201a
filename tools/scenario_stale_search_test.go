package tools

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// TestUnchangedUnderLag takes a tag off contacts who got it a moment ago: a
// search that is behind the times must not make them count as done.
func TestUnchangedUnderLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.SearchLag = time.Hour }))
		var ids []string
		for i := range 12 {
			ids = append(ids, w.user(i).ID)
		}
		w.asked("tag_contacts", object{"contacts": ids, "tag": "Churned"}, Accept)
		receipt := w.asked("untag_contacts", object{"contacts": ids, "tag": "Churned"}, Accept)
		if receipt["changed"] != float64(len(ids)) {
			t.Errorf("receipt: %v", receipt)
		}
	})
}

// TestEmailMoved names a contact by an e-mail that the search still shows and
// the contact has no more: nobody is written to.
func TestEmailMoved(t *testing.T) {
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.SearchLag = time.Hour }))
	ann := w.user(0)
	w.asked("update_contact", object{"contact": ann.ID, "set": object{"email": "moved@example.com"}}, Accept)
	w.refused(toolerr.NotFound, "update_contact", object{"contact": ann.Email, "set": object{"name": "Somebody Else"}})
}

// TestListedThoughArchived lists who the search still shows and Intercom reads no more: with what the search shows.
func TestListedThoughArchived(t *testing.T) {
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.SearchLag = time.Hour }))
	tagged := w.sandbox.Contacts()[slices.IndexFunc(w.sandbox.Contacts(), func(c sandbox.Contact) bool {
		return len(c.TagIDs) > 10 && len(c.CompanyIDs) == 1
	})]
	w.direct("POST", "/contacts/"+tagged.ID+"/archive", "")
	list := w.do("search_contacts", object{"fields": []string{"tags", "companies"},
		"where": []object{{"field": "email", "operator": "=", "value": tagged.Email}}})
	row := list["rows"].([]any)[0].([]any)
	tags, companies := strings.Split(row[len(row)-2].(string), ", "), row[len(row)-1]
	if len(tags) != 10 || companies != tagged.CompanyIDs[0] {
		t.Errorf("tags %q, companies %v", tags, companies)
	}
}

// TestBeforeUnderLag writes unasked to contacts whom a colleague has just edited: an undo puts back what the colleague
// wrote, and not what the search still shows.
func TestBeforeUnderLag(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]func(ids []string) object{
		"contacts": func(ids []string) object { return rename(ids, "Renamed") },
		"updates": func(ids []string) object {
			var updates []object
			for _, id := range ids {
				updates = append(updates, object{"contact": id, "set": object{"name": "Renamed"}})
			}
			return object{"updates": updates}
		},
		"where": func(ids []string) object {
			return object{"set": object{"name": "Renamed"}, "match": "any", "where": []object{
				{"field": "id", "operator": "IN", "values": ids[:10]}, {"field": "id", "operator": "IN", "values": ids[10:]}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.SearchLag = time.Hour }), withoutRules)
			ids := w.people(0, 15)
			for _, id := range ids {
				w.direct("PUT", "/contacts/"+id, `{"name":"Colleague"}`)
			}
			w.sandbox.ResetCalls()
			receipt := w.do("bulk_update_contacts", args(ids))
			if reads := w.routes()["GET /contacts/{id}"]; reads > 2*len(ids) { // once to plan, once to read back
				t.Errorf("%d contacts were read", reads)
			}
			w.do("undo_change", object{"change": receipt["change"]})
			for _, id := range ids {
				if c, _ := w.sandbox.Contact(id); c.Name != "Colleague" {
					t.Fatalf("%v: %s is left", receipt, c.Name)
				}
			}
		})
	}
}

// TestPlannedUnderLag reads no contact by id to plan what waits for a confirmation: drift is looked for after it.
func TestPlannedUnderLag(t *testing.T) {
	w := newWorld(t)
	ids := w.people(0, 15)
	w.sandbox.ResetCalls()
	w.do("bulk_update_contacts", rename(ids, "Renamed"))
	if reads := w.routes()["GET /contacts/{id}"]; reads > 0 {
		t.Errorf("%d contacts were read", reads)
	}
}

// withoutRules has nothing asked for.
func withoutRules(_ *sandbox.Options, _ *intercom.Config, c *Config) {
	p := *policy.Default(policy.ModeFull)
	p.Rules = nil
	c.Policy = policy.Always(&p)
}

// routes counts the requests to Intercom by their routes.
func (w *world) routes() map[string]int {
	routes := make(map[string]int)
	for _, call := range w.sandbox.Calls() {
		routes[call.Route]++
	}
	return routes
}

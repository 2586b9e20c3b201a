package tools

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
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

package tools

import (
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/toolerr"
)

// TestResumeWrittenOver resumes what another client wrote to since: what may have been sent counts as written, a part
// that shows is told, and only what cannot have been sent has failed.
func TestResumeWrittenOver(t *testing.T) {
	t.Parallel()
	both := func(c sandbox.Contact) change.Item {
		item := renaming(c)
		item.Patch.Set["phone"], item.Before.Set["phone"] = "+15550100", any(nil)
		return item
	}
	for name, tt := range map[string]struct {
		items int
		at    int // the item that another client wrote to
		item  func(sandbox.Contact) change.Item
		wrote string // by that client
		want  change.Outcome
	}{
		"of few":               {3, 0, renaming, `{"name":"Ann Herself"}`, change.Unknown},
		"of many, may be sent": {40, 39, renaming, `{"name":"Ann Herself"}`, change.Unknown},
		"of many, cannot be sent": {engine.MaxInFlight + 60, engine.MaxInFlight + 40, renaming, `{"name":"Ann Herself"}`,
			change.Failed},
		"a part of it": {3, 0, both, `{"name":"Ann Herself","phone":"+15550100"}`, change.Partly},
		"a part of it, cannot be so": {engine.MaxInFlight + 60, engine.MaxInFlight + 40, both,
			`{"name":"Ann Herself","phone":"+15550100"}`, change.Partly},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, store := auditedWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts = 1000 }))
				var items []change.Item
				for _, id := range w.people(0, tt.items) {
					w.direct("PUT", "/contacts/"+id, `{"phone":null}`)
					c, _ := w.sandbox.Contact(id)
					items = append(items, tt.item(c))
				}
				c := leave(t, store.Path(), true, items...)
				w.direct("PUT", "/contacts/"+items[tt.at].TargetID, tt.wrote)
				time.Sleep(10 * time.Second)
				after := w.resumed(c.ID)
				item := after.Items[tt.at]
				if item.Outcome != tt.want || item.Code != string(toolerr.ChangeStale) {
					t.Errorf("it is %s, %s: %s", item.Outcome, item.Code, item.Reason)
				}
				written := tt.want != change.Failed
				if item.Outcome.MayHaveEffect() != written || (len(after.WrittenTargets()) == tt.items) != written {
					t.Errorf("it counts as written: %v; so do %d", item.Outcome.MayHaveEffect(), len(after.WrittenTargets()))
				}
				if n := change.CountItems(after.Items); n.Changed != tt.items-1 {
					t.Errorf("the others: %+v", n)
				}
				if now, _ := w.sandbox.Contact(item.TargetID); now.Name != "Ann Herself" {
					t.Errorf("what another client wrote was written over: %q", now.Name)
				}
			})
		})
	}
}

// TestResumeNewCompany resumes the creation of a company that is there: it is taken for the change's own only where it
// cannot have been there before.
func TestResumeNewCompany(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before, since string // what another client saved before the change began, and since
		want          change.Outcome
		created       bool
	}{
		"nobody did":               {"", "", change.Changed, true},
		"as it was to be":          {"", `{"company_id":"new","name":"New"}`, change.Changed, true},
		"and written to since":     {"", `{"company_id":"new","name":"New","plan":"other"}`, change.Partly, true},
		"another's, of other data": {`{"company_id":"new","name":"Old"}`, "", change.Failed, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, store := auditedWorld(t)
				if tt.before != "" {
					w.direct("POST", "/companies", tt.before)
				}
				time.Sleep(time.Hour)
				patch := change.Patch{Op: change.CreateCompany, Key: "new", Set: map[string]any{"name": "New", "plan": "gold"}}
				if name == "as it was to be" {
					delete(patch.Set, "plan")
				}
				c := leave(t, store.Path(), true, change.Item{Patch: patch})
				if tt.since != "" {
					w.direct("POST", "/companies", tt.since)
				}
				time.Sleep(10 * time.Second)
				item := w.resumed(c.ID).Items[0]
				if item.Outcome != tt.want || (item.Created != "") != tt.created {
					t.Errorf("it is %s, and created %q: %s", item.Outcome, item.Created, item.Reason)
				}
			})
		})
	}
}

// TestNewCompanyThereMeanwhile confirms the creation of a company that another client has created since: it is not
// written over.
func TestNewCompanyThereMeanwhile(t *testing.T) {
	w := newWorld(t)
	planned := w.do("save_company", object{"company": "company_id:new", "set": object{"name": "New"}})
	w.direct("POST", "/companies", `{"company_id":"new","name":"Another's"}`)
	before := w.sandbox.Snapshot()
	w.refused(toolerr.ChangeStale, "confirm_change", object{"change": planned["change"]})
	w.restored(before)
}

package tools

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// having gives the caller roles.
func having(roles ...string) func(*Call) { return func(c *Call) { c.Roles = roles } }

// TestReach has others look at, stop and undo what somebody did: a viewer sees, an operator does all three, and for
// anyone else it is not there. Nobody confirms what is another's.
func TestReach(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	contact := w.user(0).ID
	ann := func(c *Call) { c.Principal, c.Person = "ann", policy.Person{Name: "Ann", Email: "ann@example.com"} }
	rename := func(name string) any {
		return w.do("update_contact", object{"contact": contact, "set": object{"name": name}}, ann)["change"]
	}
	handle := rename("Wrong")
	waiting := w.do("update_contact", object{"contact": contact, "set": object{"phone": "+15005550006"}}, ann)["change"]
	for _, of := range []string{"everyone", "ann", "ann@example.com"} {
		w.refused(toolerr.PolicyDenied, "list_changes", object{"of": of}, as("bob"))
		for _, role := range []string{RoleViewer, RoleOperator} {
			rows := fmt.Sprint(w.do("list_changes", object{"of": of}, as("bob"), having(role))["rows"])
			if !strings.Contains(rows, handle.(string)) || !strings.Contains(rows, "Ann <ann@example.com>") {
				t.Errorf("of %s as %s: %s", of, role, rows)
			}
		}
	}
	if rows := w.do("list_changes", object{}, as("bob"), having(RoleOperator))["rows"]; len(rows.([]any)) != 0 {
		t.Errorf("bob's own: %v", rows)
	}
	for _, test := range []struct {
		tool           string
		change         any
		nobody, viewer toolerr.Code
	}{
		{"get_change", handle, toolerr.NotFound, ""},
		{"cancel_change", waiting, toolerr.NotFound, toolerr.PolicyDenied},
		{"undo_change", handle, toolerr.NotFound, toolerr.PolicyDenied},
		{"confirm_change", waiting, toolerr.NotFound, toolerr.PolicyDenied},
	} {
		args := object{"change": test.change}
		w.refused(test.nobody, test.tool, args, as("bob"), having("ops", "approver"))
		if test.viewer == "" {
			w.do(test.tool, args, as("bob"), having(RoleViewer))
		} else {
			w.refused(test.viewer, test.tool, args, as("bob"), having(RoleViewer))
		}
	}
	w.refused(toolerr.PolicyDenied, "confirm_change", object{"change": waiting}, as("bob"), having(RoleOperator))
	if got := w.do("cancel_change", object{"change": waiting}, as("bob"),
		having(RoleOperator)); got["status"] != "cancelled" {
		t.Errorf("cancelled: %v", got)
	}
	undo := w.do("undo_change", object{"change": handle}, as("bob"), having(RoleOperator))
	if undo["status"] != "applied" || w.user(0).Name == "Wrong" {
		t.Errorf("undone: %v; it is called %s", undo, w.user(0).Name)
	}
	if by := w.do("get_change", object{"change": undo["change"]}, as("eve"), having(RoleViewer))["by"]; by != "bob" {
		t.Errorf("it was undone by %v", by)
	}
	if status := w.do("get_change", object{"change": handle}, ann)["status"]; status != "undone" {
		t.Errorf("ann's change is %v", status)
	}
	w.refused(toolerr.NotFound, "get_change", object{"change": undo["change"]}, ann)
}

// TestUndoAtOnceByTwo has two operators undo a change at once, in two processes: one puts it back, and the other is
// told that somebody does.
func TestUndoAtOnceByTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency = 20 * time.Millisecond }))
		processes := w.processes(2)
		written := processes[0].do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "Ann Wrong"}})
		results := make([]Result, len(processes))
		var calling sync.WaitGroup
		for i, process := range processes {
			calling.Go(func() {
				results[i] = process.try("undo_change", object{"change": written["change"]}, as(fmt.Sprint("ops ", i)),
					having(RoleOperator))
			})
		}
		calling.Wait()
		slices.SortFunc(results, func(a, b Result) int { return len(b.JSON) - len(a.JSON) })
		if done, late := results[0], results[1]; done.Err != nil || late.Err == nil || late.Err.Code != toolerr.ChangeUsed {
			t.Errorf("%s, %v; %s, %v", done.JSON, done.Err, late.JSON, late.Err)
		}
	})
}

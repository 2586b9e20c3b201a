package tools

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change/sqlite"
)

// byHand has a person make a call on the command line, as whose process ends with it.
func byHand(c *Call) { c.ByHand = "call" }

// TestByHand calls by hand about changes whose process died, and about one that takes long: no server is there to go on
// with them.
func TestByHand(t *testing.T) {
	t.Parallel()
	note := func(answer object) string { note, _ := answer["note"].(string); return note }
	t.Run("stopped by an operator, then read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, store := auditedWorld(t)
			c := leave(t, store.Path(), true, renaming(w.user(0)))
			began := time.Now()
			for principal, command := range map[string]bool{"local": true, "ops": false} {
				answer := w.do("cancel_change", object{"change": c.ID}, byHand,
					func(call *Call) { call.Principal, call.Operator = principal, true })
				if answer["status"] != "applying" || !strings.Contains(note(answer), "a server on this state file") ||
					strings.Contains(note(answer), "intercom-mcp call get_change") != command {
					t.Errorf("%s: %v", principal, answer)
				}
			}
			if took := time.Since(began); took > sqlite.DefaultLease+2*time.Second {
				t.Errorf("the operator waited %v for a process that had died", took)
			}
			if answer := w.do("get_change", object{"change": c.ID}, byHand); answer["status"] != "stopped" {
				t.Errorf("%v", answer)
			}
		})
	})
	t.Run("allowed, and not begun", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, store := auditedWorld(t)
			c := leave(t, store.Path(), false, renaming(w.user(0)))
			time.Sleep(10 * time.Second)
			if answer := w.do("get_change", object{"change": c.ID}, byHand); answer["status"] != "applied" {
				t.Errorf("%v", answer)
			}
		})
	})
	t.Run("Intercom is down", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, store := auditedWorld(t)
			c := leave(t, store.Path(), true, renaming(w.user(0)))
			time.Sleep(10 * time.Second)
			up := w.sandbox.AddFault(sandbox.Fault{Path: "/contacts/*", Status: 503})
			defer up()
			began := time.Now()
			answer := w.do("get_change", object{"change": c.ID}, byHand)
			if took := time.Since(began); answer["status"] != "applying" || took > time.Minute ||
				!strings.HasPrefix(note(answer), "left here, since it waits for Intercom") {
				t.Errorf("after %v: %v", took, answer)
			}
		})
	})
	t.Run("long work", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, _ := auditedWorld(t, withSandbox(func(o *sandbox.Options) { o.BulkDelay = 2 * time.Minute }))
			if answer := w.do("confirm_change", object{"change": w.waiting(0)}, byHand); answer["status"] != "applied" {
				t.Errorf("%v", answer)
			}
		})
	})
}

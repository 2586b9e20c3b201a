package tools

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/toolerr"
)

// TestStillWriting writes to a contact while a bulk job of another change holds it in Intercom, which would write over
// it: the same field is refused until that change has ended, whether its process lives or has died; another field is
// written.
func TestStillWriting(t *testing.T) {
	t.Parallel()
	for name, dies := range map[string]bool{"by a process that lives": false, "by one that died": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.BulkDelay = 2 * time.Minute }))
				both := w.processes(2)
				defer both[0].Close(t.Context()) // within the bubble
				defer both[1].Close(t.Context())
				id := w.user(0).ID
				called := func() string { c, _ := w.sandbox.Contact(id); return c.Name }
				handle, _ := both[0].do("bulk_update_contacts", rename(w.people(0, 40), "Renamed"))["change"].(string)
				go both[0].try("confirm_change", object{"change": handle})
				time.Sleep(5 * time.Second)
				if dies {
					ended, end := context.WithCancel(t.Context())
					end()
					both[0].Close(ended)
					if err := both[0].store.(*sqlite.Store).Close(); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(30 * time.Second)
				before := w.sandbox.Snapshot()
				own := object{"contact": id, "set": object{"name": "Ann Herself"}}
				refused := both[1].refused(toolerr.Busy, "update_contact", own)
				if !strings.Contains(refused.Error(), handle) {
					t.Errorf("it does not name the change: %v", refused)
				}
				refused = both[1].refused(toolerr.Busy, "update_contact", own, func(c *Call) { c.Principal = "another" })
				if strings.Contains(refused.Error(), "chg_") {
					t.Errorf("it names a change of somebody else: %v", refused)
				}
				waiting := both[1].do("update_contact", object{"contact": id, "set": object{"name": "Ann"}, "preview": true})
				both[1].refused(toolerr.Busy, "confirm_change", object{"change": waiting["change"]})
				w.restored(before)
				both[1].do("update_contact", object{"contact": id, "set": object{"custom_attributes": object{"plan": "pro"}}})
				time.Sleep(engine.ResumeFirst + 3*time.Minute)
				both[1].resumer.ResumeInterrupted(t.Context())
				both[1].engine.Idle()
				if name := called(); name != "Renamed" {
					t.Errorf("it is called %s", name)
				}
				if a := both[1].do("update_contact", own); a["status"] != "applied" {
					t.Errorf("%v", a)
				}
				time.Sleep(10 * time.Minute)
				if name := called(); name != "Ann Herself" {
					t.Errorf("it is called %s at last", name)
				}
			})
		})
	}
}

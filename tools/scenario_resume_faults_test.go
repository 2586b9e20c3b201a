package tools

import (
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestResumeUnderFaults resumes a change of many contacts where reading them
// fails now and then, more often than is tried again: what was read stays read,
// so that it comes to an end.
func TestResumeUnderFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"429": {Method: "GET", Path: "/contacts/*", Every: 3, RateLimited: true},
		"503": {Method: "GET", Path: "/contacts/*", Every: 3, Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, store := auditedWorld(t, unstopped, withSandbox(func(o *sandbox.Options) { o.SearchLag = time.Hour }))
				var items []change.Item
				for i := range 180 {
					items = append(items, renaming(w.user(i)))
				}
				c := leave(t, store.Path(), true, items...)
				time.Sleep(10 * time.Second)
				w.sandbox.AddFault(fault)
				after := w.resumed(c.ID)
				// What could not be read back at last is told as unknown.
				if n := change.CountItems(after.Items); !after.Status.Ended() || n.Failed > 0 || n.Changed < 100 {
					t.Errorf("%s: %+v", after.Status, n)
				}
				renamed := 0
				for _, contact := range w.sandbox.Contacts() {
					if contact.Name == "Renamed" {
						renamed++
					}
				}
				if renamed != 180 {
					t.Errorf("%d contacts were renamed", renamed)
				}
			})
		})
	}
}

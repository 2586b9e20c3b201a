package tools

import (
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestWithdrawnWhileDown takes over changes of principals of whom one has lost their access while no server ran: that
// one's end as if a server had been there, and the others' go on.
func TestWithdrawnWhileDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := auditedWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
			c.Withdrawn = func(principal string) bool { return principal == "ben" }
		})
		leaveOf := func(principal string, i int, begun bool) string {
			of := func(c *change.Change) { c.Principal, c.CreatedAt = principal, time.Now() }
			return leaveAs(t, store.Path(), of, begun, renaming(w.user(i))).ID
		}
		const reason = "the access of its principal was withdrawn"
		wants := map[string]struct {
			status change.Status
			reason string
		}{
			leaveOf("ben", 0, true):  {change.StatusStopped, "the change was cancelled: " + reason},
			leaveOf("ben", 1, false): {change.StatusCancelled, reason},
			leaveOf("ann", 2, true):  {change.StatusApplied, ""},
			leaveOf("ann", 3, false): {change.StatusApplied, ""},
		}
		time.Sleep(10 * time.Second)
		w.resumer.ResumeInterrupted(t.Context())
		w.engine.Idle()
		for id, want := range wants {
			c, err := store.Find(t.Context(), id)
			if err != nil || c.Status != want.status || c.Reason != want.reason {
				t.Errorf("%s's is %s: %s, %v; want %+v", c.Principal, c.Status, c.Reason, err, want)
			}
		}
		if sent := w.writes(); len(sent) != 2 {
			t.Errorf("sent: %v", sent)
		}
		for e, err := range store.Events(t.Context(), change.EventQuery{Principal: "ben"}) {
			if err != nil {
				t.Fatal(err)
			}
			if by := e.Facts["by"]; by != "" && (by != "the operator" || e.Facts["method"] != "token file" ||
				e.Facts["level"] != policy.LevelUser.String()) {
				t.Errorf("%s by %v", e.Kind, e.Facts)
			}
		}
	})
}

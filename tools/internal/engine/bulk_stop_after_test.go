package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestBulkTagDeleted adds a tag to many contacts that was deleted meanwhile: the first job shows it, and no other
// leaves.
func TestBulkTagDeleted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ items, own, failed int }{
		{200, 0, 20}, {500, 0, 20}, {3000, 0, 20}, {200, 1, 1}, {500, 1, 1}, {3000, 1, 1}, {200, 5, 5}, {500, 5, 5},
		{3000, 5, 5}, {200, 100, 20},
	} {
		for outcome, set := range map[change.Outcome]map[string]any{change.Failed: nil, change.Partly: {"name": "Renamed"}} {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, sandbox.Options{Contacts: 60 + 2*test.items, RateLimit: 1 << 30})
				tag, err := f.client.Tags.Create(t.Context(), "Short-lived")
				if err != nil {
					t.Fatal(err)
				}
				items := f.renamings(test.items)
				for i := range items {
					items[i].Patch = change.Patch{Set: set, AddTags: refs(tag.ID)}
				}
				c, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local",
					Tool: "bulk_update_contacts", Status: change.StatusApproved, Fingerprint: "the same", CreatedAt: time.Now(),
					ExpiresAt: time.Now().Add(time.Hour), Items: items, StopAfter: test.own}, nil)
				if err != nil {
					t.Fatal(err)
				}
				f.sandbox.DeleteTag("Short-lived")
				f.sandbox.ResetCalls()
				c = f.finished(c)
				want := change.Count{NotSent: test.items - test.failed}
				want.Add(outcome, test.failed)
				if counts := change.CountItems(c.Items); c.Status != change.StatusStopped || counts != want {
					t.Errorf("of %d, stopping after %d: %s: %+v", test.items, test.own, c.Status, counts)
				}
				if jobs := f.routes()["PUT /contacts/bulk"]; jobs != 1 {
					t.Errorf("of %d, stopping after %d: %d jobs", test.items, test.own, jobs)
				}
			})
		}
	}
}

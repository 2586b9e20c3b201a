package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestApprovedPauses leaves to the next server what a person approved, whatever this one ends for.
func TestApprovedPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 60, NoPreview: true, Latency: time.Second})
		c, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local",
			Status: change.StatusApproved, CreatedAt: time.Now(), Approvals: []change.Approval{{}}, Items: f.renamings(30)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Start(t.Context(), c, change.Step{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2500 * time.Millisecond)
		f.Stop(time.Minute)
		f.Idle()
		if c = f.stored(c.ID); c.Status != change.StatusApplying || change.CountItems(c.Items).Pending == 0 {
			t.Errorf("%s: %+v", c.Status, change.CountItems(c.Items))
		}
	})
}

// TestRegisterTooLate stops work that was begun a moment before the end: it sends nothing.
func TestRegisterTooLate(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	c := f.interrupted(f.renaming(0))
	if !f.runs.begin() {
		t.Fatal("the engine has ended")
	}
	f.Stop(time.Minute)
	f.sandbox.ResetCalls()
	f.execute(t.Context(), f.runs.register(c, startedHere), c)
	if c = f.stored(c.ID); c.Status != change.StatusStopped || len(f.writes()) > 0 {
		t.Errorf("%s, sent: %v", c.Status, f.writes())
	}
	if f.runs.begin() {
		t.Error("more begins")
	}
}

package tools

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestApprovalKilled has servers die between an approval and the end of its execution: the next one carries it out,
// once.
func TestApprovalKilled(t *testing.T) {
	t.Parallel()
	for name, begun := range map[string]bool{"taken, and not begun": false, "begun": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newApproval(t, anybodyApproves)
				defer a.Close(t.Context())
				defer a.store.Close()
				planner, end := a.server(t)
				id := planner.do("update_contact", object{"contact": planner.user(0).ID,
					"set": object{"name": "Approved Name"}}, asAnn)["change"].(string)
				end()
				a.mustApprove(t, id, "bob")
				dead := a.open(t)
				claimed, err := dead.ClaimInterrupted(t.Context())
				if err != nil || len(claimed) != 1 || claimed[0].ID != id {
					t.Fatalf("%v, %v", claimed, err)
				}
				if begun {
					if _, err := dead.Advance(t.Context(), id, change.Step{To: change.StatusApplying, At: time.Now()}); err != nil {
						t.Fatal(err)
					}
				}
				if err := dead.Close(); err != nil {
					t.Fatal(err)
				}
				other, end := a.server(t)
				defer end()
				time.Sleep(5 * time.Second)
				if a.name() == "Approved Name" {
					t.Error("carried out while it may be another's")
				}
				time.Sleep(15 * time.Second)
				told := other.do("get_change", object{"change": id}, asAnn)
				if told["status"] != "applied" || a.name() != "Approved Name" || len(a.writes()) != 1 {
					t.Errorf("%v; written: %v", told, a.writes())
				}
				if _, err := a.store.VerifyAudit(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestApprovalAtOnce has two people decide at once, one yes and one no, with a server at work: one of them counts, and
// what is written goes with it.
func TestApprovalAtOnce(t *testing.T) {
	t.Parallel()
	a := newApproval(t, anybodyApproves)
	t.Cleanup(func() { a.store.Close() })
	w, end := a.server(t)
	defer end()
	bob, cid := visitor("bob", policy.RoleApprover), visitor("cid", policy.RoleApprover)
	other := a.open(t)
	defer other.Close()
	p, err := New(Config{Client: a.client, Policy: a.current, Store: other})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		id := w.do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": change.NewID()}},
			asAnn)["change"].(string)
		shown, err := a.desk.Change(t.Context(), bob, id, RowQuery{})
		if err != nil {
			t.Fatal(err)
		}
		var yes, no error
		var deciding sync.WaitGroup
		deciding.Go(func() { yes = a.desk.Approve(t.Context(), bob, id, shown.Plan, "") })
		deciding.Go(func() { no = p.Console(other).Decline(t.Context(), cid, id, "no") })
		deciding.Wait()
		late := errors.Join(yes, no)
		now, err := a.store.Find(t.Context(), id)
		if (yes == nil) == (no == nil) || !errors.Is(late, change.ErrStatusChanged) || err != nil ||
			(now.Status == change.StatusDeclined) != (no == nil) {
			t.Errorf("yes: %v, no: %v, and it is %s, %v", yes, no, now.Status, err)
		}
		if now.ApprovalLevel() == policy.LevelApprover != (yes == nil) {
			t.Errorf("approved at level %s", now.ApprovalLevel())
		}
	}
}

package tools

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestConsoleDecides refuses who may not decide, and what cannot be decided: the change stays as it is.
func TestConsoleDecides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newApproval(t,
			"confirm: {approve_within: 1m}\nrules:\n  - {name: leads, then: confirm, by: approver, approvers: [leads]}\n")
		defer a.Close(t.Context())
		defer a.store.Close()
		server, end := a.server(t)
		defer end()
		plan := func() string {
			t.Helper()
			return server.do("update_contact", object{"contact": server.user(0).ID, "set": object{"name": "New Name"}},
				asAnn)["change"].(string)
		}
		id, lead := plan(), visitor("bob", policy.RoleApprover, "leads")
		shown, err := a.desk.Change(t.Context(), lead, id, RowQuery{})
		if err != nil || shown.Barred != nil || len(shown.Lacking) != 1 || shown.Code != change.ShortCode(id) {
			t.Fatalf("%+v, %v", shown, err)
		}
		local := &Visitor{Principal: "local", Method: change.SignedInLocally, Roles: []string{policy.RoleApprover, "leads"}}
		for name, test := range map[string]struct {
			visitor *Visitor
			plan    string
			want    error
		}{
			"the role is missing":     {visitor("bob", "leads"), shown.Plan, change.ErrNotApprover},
			"the other is":            {visitor("bob", policy.RoleApprover), shown.Plan, change.ErrNotApprover},
			"who asked":               {visitor("ann", policy.RoleApprover, "leads"), shown.Plan, change.ErrSamePerson},
			"the code of a terminal":  {local, shown.Plan, change.ErrSamePerson},
			"another plan":            {lead, strings.Repeat("0", 64), change.ErrPlanMoved},
			"no plan, as a form lost": {lead, "", change.ErrPlanMoved},
		} {
			if err := a.desk.Approve(t.Context(), test.visitor, id, test.plan, ""); !errors.Is(err, test.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, test := range map[string]struct {
			visitor *Visitor
			reason  string
			want    error
		}{
			"no role":   {visitor("bob", RoleOperator), "no", ErrNotAllowed},
			"no reason": {lead, " \u200b\n", ErrNoReason},
		} {
			if err := a.desk.Decline(t.Context(), test.visitor, id, test.reason); !errors.Is(err, test.want) {
				t.Errorf("declined with %s: %v", name, err)
			}
		}
		if err := a.desk.Approve(t.Context(), lead, change.NewID(), shown.Plan, ""); !errors.Is(err, change.ErrNotFound) {
			t.Errorf("a change that is not there: %v", err)
		}
		a.findsStale(t, id)
		if err := a.desk.Approve(t.Context(), lead, id, shown.Plan, ""); !errors.Is(err, change.ErrPlanStale) {
			t.Errorf("a stale one: %v", err)
		}
		time.Sleep(time.Minute)
		late := plan()
		if shown, err := a.desk.Change(t.Context(), lead, id, RowQuery{}); err != nil ||
			shown.Status != change.StatusExpired ||
			!errors.Is(shown.Barred, change.ErrStatusChanged) {
			t.Errorf("after its time: %+v, %v", shown, err)
		}
		time.Sleep(time.Minute)
		if err := a.desk.Decline(t.Context(), lead, late, "no"); !errors.Is(err, change.ErrOverdue) {
			t.Errorf("declined after its time: %v", err)
		}
		if err := a.desk.Approve(t.Context(), lead, late, shown.Plan, ""); !errors.Is(err, change.ErrOverdue) {
			t.Errorf("approved after its time: %v", err)
		}
		if now, err := a.store.Find(t.Context(), late); err != nil || now.Status != change.StatusExpired {
			t.Errorf("after that: %s, %v", now.Status, err)
		}
		if writes := a.writes(); len(writes) > 0 {
			t.Errorf("written: %v", writes)
		}
		if _, err := a.store.VerifyAudit(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// findsStale has somebody ask for a check of a change, and a server find that it moved.
func (a *approval) findsStale(t *testing.T, id string) {
	t.Helper()
	requests := a.store.Shared().Requests
	if _, err := requests.Ask(t.Context(), change.Request{Change: id, Kind: change.RequestCheck}); err != nil {
		t.Fatal(err)
	}
	taken, err := requests.Take(t.Context(), time.Minute, 1, change.RequestCheck)
	if err != nil || len(taken) != 1 {
		t.Fatalf("%v, %v", taken, err)
	}
	if err := requests.Answer(t.Context(), taken[0], change.Answer{Stale: true, Moved: []int{0}}); err != nil {
		t.Fatal(err)
	}
}

// TestConsoleDecidesLocked has another process hold the file while somebody clicks: nothing is decided, and the next
// click counts.
func TestConsoleDecidesLocked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rules := approvalPolicy(t, "confirm: {self_approval: true}\n"+anybodyApproves)
		w, store := filed(t, stateFile(t), sandbox.Options{}, time.Minute,
			func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
				c.Approvers, c.Policy = true, policy.Always(rules)
			})
		defer store.Close()
		defer w.Close(t.Context())
		w.Resume()
		id := w.do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "New Name"}})["change"].(string)
		here := &Visitor{Principal: "local", Method: change.SignedInLocally, Roles: []string{policy.RoleApprover}}
		desk := w.Console(store.Store)
		shown, err := desk.Change(t.Context(), here, id, RowQuery{})
		if err != nil || shown.Barred != nil {
			t.Fatalf("%+v, %v", shown, err)
		}
		store.lock()
		ctx, enough := context.WithTimeout(t.Context(), 10*time.Second)
		defer enough()
		if err := desk.Approve(ctx, here, id, shown.Plan, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while the file is held: %v", err)
		}
		if shown, err = desk.Change(t.Context(), here, id, RowQuery{}); err != nil || len(shown.Approvals) > 0 {
			t.Errorf("after that: %+v, %v", shown, err)
		}
		time.Sleep(time.Minute)
		if err := desk.Approve(t.Context(), here, id, shown.Plan, ""); err != nil {
			t.Error(err)
		}
		time.Sleep(3 * time.Second)
		told := w.do("get_change", object{"change": id})
		if told["status"] != "applied" || told["note"] != "approved by somebody at the console's machine" {
			t.Errorf("%v", told)
		}
	})
}

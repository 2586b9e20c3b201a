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
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/toolerr"
)

// approvalPolicy asks for approvers of everything, as adjusted.
func approvalPolicy(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("team.yaml", []byte(text), PolicyVocabulary())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// anybodyApproves is a policy by which any approver may let a change through.
const anybodyApproves = "rules:\n  - {name: careful, then: confirm, by: approver, why: everything is looked at}\n"

// approval is servers that share a file, and a policy that may change.
type approval struct {
	*world
	path   string
	policy *policy.Policy
	store  *sqlite.Store // of who sits at the console
	desk   *Console
}

func newApproval(t *testing.T, text string) *approval {
	t.Helper()
	a := &approval{policy: approvalPolicy(t, text), path: stateFile(t)}
	a.world = newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		c.Policy = func() *policy.Policy { return a.policy }
	})
	a.store = a.open(t)
	p, err := New(Config{Client: a.client, Policy: a.current, Store: a.store})
	if err != nil {
		t.Fatal(err)
	}
	a.desk = p.Console(a.store)
	return a
}

func (a *approval) open(t *testing.T) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(a.path)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// server starts a server on the file, until end.
func (a *approval) server(t *testing.T) (w *world, end func()) {
	t.Helper()
	store := a.open(t)
	p, err := New(Config{Client: a.client, Policy: a.current, Store: store, Approvers: true,
		ConsoleURL: "https://mcp.example.com/console/"})
	if err != nil {
		t.Fatal(err)
	}
	p.Resume()
	return &world{p, t, a.sandbox}, func() {
		p.Close(context.Background())
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}

// rename is the change of one contact that waits.
func (a *approval) rename(w *world) (id string) {
	w.t.Helper()
	result := w.do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "Approved Name"}})
	if result["status"] != "awaiting" || result["level"] != "approver" {
		w.t.Fatalf("%v", result)
	}
	return result["change"].(string)
}

// visitor is somebody at the console.
func visitor(who string, roles ...string) *Visitor {
	return &Visitor{Principal: "https://id#" + who, Method: change.SignedInByProvider, Roles: roles,
		Person: policy.Person{ID: "https://id#" + who, Name: strings.ToUpper(who), Email: who + "@x.example"}}
}

// approve has somebody at the console look at a change and approve it, and returns the error.
func (a *approval) approve(t *testing.T, id, who string, roles ...string) error {
	t.Helper()
	v := visitor(who, append(roles, policy.RoleApprover)...)
	shown, err := a.desk.Change(t.Context(), v, id, RowQuery{})
	if err != nil {
		t.Fatal(err)
	}
	err = a.desk.Approve(t.Context(), v, id, shown.Plan, "as agreed")
	if !errors.Is(err, shown.Barred) {
		t.Errorf("barred by %v, and approving: %v", shown.Barred, err)
	}
	return err
}

// asAnn makes a call as Ann of an identity provider.
func asAnn(c *Call) {
	c.Principal, c.Person = "https://id#ann", policy.Person{ID: "https://id#ann", Email: "ann@x.example"}
}

// name is the contact's, in Intercom.
func (a *approval) name() string { return a.user(0).Name }

// TestApproval has an agent plan, a person approve, and another server carry it out.
func TestApproval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newApproval(t, anybodyApproves)
		defer a.Close(t.Context())
		defer a.store.Close()
		planner, end := a.server(t)
		args := object{"contact": planner.user(0).ID, "set": object{"name": "Approved Name"}}
		planned := planner.do("update_contact", args, asAnn)
		id := planned["change"].(string)
		link := "https://mcp.example.com/console/changes/" + id
		for name, told := range map[string]object{
			"planned": planned, "planned by an agent of a user": planner.do("confirm_change", object{"change": id}, asAnn,
				func(c *Call) { c.CanAsk = true }),
			"confirmed": planner.do("confirm_change", object{"change": id}, asAnn),
			"read":      planner.do("get_change", object{"change": id}, asAnn),
		} {
			note := told["note"].(string)
			if told["status"] != "awaiting" || told["level"] != "approver" || told["code"] != change.ShortCode(id) ||
				told["link"] != link || told["ask_again_seconds"] != 30.0 || told["say"] != nil || told["expires_at"] !=
				time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339) || !strings.Contains(note, link) ||
				!strings.Contains(note, change.ShortCode(id)) {
				t.Errorf("%s: %v", name, told)
			}
		}
		end()
		if err := a.approve(t, id, "ann"); !errors.Is(err, change.ErrSamePerson) {
			t.Errorf("who asked approves it: %v", err)
		}
		if err := a.approve(t, id, "bob"); err != nil {
			t.Fatal(err)
		}
		other, end := a.server(t)
		defer end()
		if told := other.do("get_change", object{"change": id}, asAnn); told["status"] != "approved" ||
			told["ask_again_seconds"] != 5.0 || !strings.Contains(told["note"].(string), "within seconds") {
			t.Errorf("approved: %v", told)
		}
		if told := other.do("confirm_change", object{"change": id}, asAnn); told["status"] != "applied" {
			t.Errorf("confirmed by the agent, once it is approved: %v", told)
		}
		told := other.do("get_change", object{"change": id}, asAnn)
		if told["status"] != "applied" || a.name() != "Approved Name" || !strings.HasPrefix(told["approved"].(string),
			"approver ") || !strings.Contains(told["note"].(string), `approved by BOB <bob@x.example> ("as agreed")`) {
			t.Errorf("%v; the contact is %s", told, a.name())
		}
		if _, err := a.store.VerifyAudit(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestApprovalIsNoTool has a caller whose token says approver try every tool on a change that waits: it still waits.
func TestApprovalIsNoTool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newApproval(t, anybodyApproves)
		defer a.Close(t.Context())
		defer a.store.Close()
		w, end := a.server(t)
		defer end()
		id := a.rename(w)
		for _, tool := range w.Tools() {
			if tool.Name == "cancel_change" {
				continue
			}
			for _, call := range []func(*Call){having(policy.RoleApprover, "operator"), func(c *Call) {
				c.Roles, c.CanAsk, c.ByHand, c.Operator = []string{policy.RoleApprover}, true, "call", true
			}, answering(id, "", Accept)} {
				encoded := encoded(t, object{"change": id})
				made := Call{Tool: tool.Name, Args: encoded, Principal: "local"}
				call(&made)
				_, _ = w.Call(t.Context(), made) // whatever it says
			}
		}
		time.Sleep(3 * time.Second)
		if told := w.do("get_change", object{"change": id}); told["status"] != "awaiting" || a.name() == "Approved Name" {
			t.Errorf("%v", told)
		}
	})
}

// TestApprovalOutcomes has what happens between a plan and its execution decide what becomes of it.
func TestApprovalOutcomes(t *testing.T) {
	t.Parallel()
	const twoLeads = `rules:
  - {name: two, then: confirm, by: approver, approvers: [leads], needed: 2}
`
	for name, test := range map[string]struct {
		policy  string
		between func(t *testing.T, a *approval, id string) // from the plan on; no server is there
		status  string
		note    string
	}{
		"nobody approves": {anybodyApproves, func(*testing.T, *approval, string) { time.Sleep(24 * time.Hour) }, "expired",
			""},
		"no server for too long": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob")
			time.Sleep(time.Hour)
		}, "expired", "approved by BOB"},
		"just in time": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob")
			time.Sleep(time.Hour - 10*time.Second)
		}, "applied", "approved by BOB"},
		"declined": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			if err := a.desk.Decline(t.Context(), visitor("bob", policy.RoleApprover), id, " not\nnow "); err != nil {
				t.Fatal(err)
			}
			if err := a.approve(t, id, "cid"); !errors.Is(err, change.ErrStatusChanged) {
				t.Errorf("approved after that: %v", err)
			}
		}, "declined", `declined by BOB <bob@x.example>: "not now"`},
		"the policy denies it by then": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob")
			a.policy = approvalPolicy(t, "rules:\n  - {name: no, then: deny, why: not today}\n")
		}, "cancelled", "not today"},
		"the policy asks for more by then": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob", "leads")
			a.policy = approvalPolicy(t, twoLeads)
		}, "cancelled", "more approvals, by rule two"},
		"one of two": {twoLeads, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob", "leads")
		}, "awaiting", "1 approver of leads"},
		"two of two": {twoLeads, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob", "leads")
			a.mustApprove(t, id, "cid", "leads")
		}, "applied", "approved by BOB <bob@x.example> (\"as agreed\") and CID"},
		"self approval, taken back": {"confirm: {self_approval: true}\n" + anybodyApproves,
			func(t *testing.T, a *approval, id string) {
				a.mustApprove(t, id, "ann")
				a.policy = approvalPolicy(t, anybodyApproves)
			}, "cancelled", "nobody approve what they asked for"},
		"self approval": {"confirm: {self_approval: true}\n" + anybodyApproves,
			func(t *testing.T, a *approval, id string) { a.mustApprove(t, id, "ann") }, "applied", "approved by ANN"},
		"the contact moved": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob")
			moved := intercom.ContactWrite{Name: intercom.Value("Moved")}
			if _, err := a.client.Contacts.Update(t.Context(), a.user(0).ID, moved); err != nil {
				t.Fatal(err)
			}
		}, "stale", "has another name now"},
		"the access is withdrawn by then": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob")
			a.withdraw(t, "https://id#ann")
		}, "cancelled", "the access was withdrawn"},
		"the access is withdrawn before": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			a.withdraw(t, "https://id#ann")
			if err := a.approve(t, id, "bob"); !errors.Is(err, change.ErrStatusChanged) {
				t.Errorf("approved after that: %v", err)
			}
		}, "cancelled", "the access was withdrawn"},
		"the access of another is withdrawn": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob")
			a.withdraw(t, "https://id#bob")
		}, "applied", ""},
		"cancelled by who asked": {anybodyApproves, func(t *testing.T, a *approval, id string) {
			a.mustApprove(t, id, "bob")
			_, err := a.store.Advance(t.Context(), id, change.Step{To: change.StatusCancelled, At: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
		}, "cancelled", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newApproval(t, test.policy)
				defer a.Close(t.Context())
				defer a.store.Close()
				planner, end := a.server(t)
				id := planner.do("update_contact", object{"contact": planner.user(0).ID,
					"set": object{"name": "Approved Name"}}, asAnn)["change"].(string)
				end()
				test.between(t, a, id)
				w, end := a.server(t)
				defer end()
				time.Sleep(3 * time.Second)
				told := w.do("get_change", object{"change": id}, asAnn)
				note, _ := told["note"].(string)
				if told["status"] != test.status || !strings.Contains(note, test.note) {
					t.Errorf("%v: %s", told["status"], note)
				}
				if written := a.name() == "Approved Name"; written != (test.status == "applied") {
					t.Errorf("the contact is %s", a.name())
				}
				if _, err := a.store.VerifyAudit(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// withdraw has a server stop the changes of a principal whose access is withdrawn.
func (a *approval) withdraw(t *testing.T, principal string) {
	t.Helper()
	if err := a.desk.pipeline.StopPrincipal(t.Context(), principal, "the access was withdrawn"); err != nil {
		t.Fatal(err)
	}
}

// mustApprove has somebody approve who may.
func (a *approval) mustApprove(t *testing.T, id, who string, roles ...string) {
	t.Helper()
	if err := a.approve(t, id, who, roles...); err != nil {
		t.Fatal(err)
	}
}

// TestApprovalFrozen freezes writes between the approval and its execution: what was approved is carried out once the
// freeze is lifted.
func TestApprovalFrozen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newApproval(t, anybodyApproves)
		defer a.Close(t.Context())
		defer a.store.Close()
		w, end := a.server(t)
		defer end()
		id := w.do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "Approved Name"}},
			asAnn)["change"].(string)
		ops := change.Actor{By: "ops"}
		a.mustApprove(t, id, "bob") // and within the same second
		if err := a.store.Shared().Stops.Freeze(t.Context(), ops, "why"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if told := w.do("get_change", object{"change": id}, asAnn); told["status"] != "approved" {
			t.Errorf("while writes are frozen: %v", told)
		}
		if _, err := a.store.Shared().Stops.Unfreeze(t.Context(), ops); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if told := w.do("get_change", object{"change": id}, asAnn); told["status"] != "applied" {
			t.Errorf("once that is lifted: %v", told)
		}
	})
}

// TestApprovalWithoutConsole refuses what takes approvers where there is no console, or has the user stand in where the
// policy says so.
func TestApprovalWithoutConsole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]toolerr.Code{
		anybodyApproves: toolerr.ApprovalUnavailable,
		"confirm: {fallback: none}\n" + anybodyApproves: toolerr.ApprovalUnavailable,
		"confirm: {fallback: user}\n" + anybodyApproves: "",
	} {
		w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
			c.Policy = policy.Always(approvalPolicy(t, text))
		})
		args := object{"contact": w.user(0).ID, "set": object{"name": "X"}}
		if want == "" {
			w.asked("update_contact", args, Accept)
			continue
		}
		w.refused(want, "update_contact", args, func(c *Call) { c.CanAsk = true })
	}
}

package tools

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// reloadable is a policy that may change while it is in force.
type reloadable struct{ atomic.Pointer[policy.Policy] }

func (r *reloadable) option(_ *sandbox.Options, _ *intercom.Config, c *Config) {
	r.Store(c.Policy())
	c.Policy = r.Load
}

// become puts another version of the policy in force.
func (r *reloadable) become(set func(*policy.Policy)) {
	p := *r.Load()
	set(&p)
	p.Revision = "another revision"
	r.Store(&p)
}

// TestStricterPolicy confirms a change that waits when the policy has become
// stricter since: it is the one in force that counts.
func TestStricterPolicy(t *testing.T) {
	t.Parallel()
	always := func(then policy.Verdict, by policy.Level) func(*policy.Policy) {
		return func(p *policy.Policy) {
			p.Rules = append(p.Rules[:len(p.Rules):len(p.Rules)], policy.Rule{Name: "new", Then: then, By: by})
		}
	}
	for name, test := range map[string]struct {
		stricter     func(*policy.Policy)
		agent, asked toolerr.Code // of a confirmation by an agent alone, and of one put to the user; empty: applied
	}{
		"as it was": {func(*policy.Policy) {}, "", ""},
		"nobody stands in": {func(p *policy.Policy) { p.Confirm.Fallback = policy.LevelNone },
			toolerr.ApprovalUnavailable, ""},
		"forbidden": {always(policy.Deny, policy.LevelNone), toolerr.PolicyDenied, toolerr.PolicyDenied},
		"by an approver": {func(p *policy.Policy) {
			always(policy.Confirm,
				policy.LevelApprover)(p)
			p.Confirm.Fallback = 0
		}, toolerr.ApprovalUnavailable, toolerr.ApprovalUnavailable},
		"only reading": {func(p *policy.Policy) { p.Mode = policy.ModeRead }, toolerr.PolicyDenied,
			toolerr.PolicyDenied},
		"fewer at a time": {func(p *policy.Policy) { p.Limits.BulkContacts = 10 }, toolerr.PolicyDenied,
			toolerr.PolicyDenied},
		"fewer in ten minutes": {func(p *policy.Policy) { p.Limits.ContactsPer10m = 10 }, toolerr.PolicyDenied, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var inForce reloadable
				w, store := auditedWorld(t, inForce.option)
				args := rename(w.people(0, 12), "Renamed")
				planned := w.do("bulk_update_contacts", args)["change"]
				open := w.question("bulk_update_contacts", rename(w.people(20, 12), "Renamed"))
				inForce.become(test.stricter)
				check := func(what string, want toolerr.Code, result Result) {
					t.Helper()
					if want == "" && result.Err != nil || want != "" && (result.Err == nil || result.Err.Code != want) {
						t.Errorf("%s: %s %v, want %q", what, result.JSON, result.Err, want)
					}
				}
				check("by the agent", test.agent, w.try("confirm_change", object{"change": planned}))
				// What was asked before is answered after.
				check("by the user", test.asked, w.try("bulk_update_contacts", rename(w.people(20, 12), "Renamed"),
					answering(open.Change, open.Binding, Accept)))
				if test.agent != "" && test.asked == "" {
					w.asked("confirm_change", object{"change": planned}, Accept)
				}
				if test.agent != "" && test.asked != "" && len(w.writes()) > 0 {
					t.Errorf("written: %v", w.writes())
				}
				approved := 0
				for e, err := range store.Events(t.Context(), change.EventQuery{}) {
					if err != nil {
						t.Fatal(err)
					}
					if e.Kind == change.KindApproved {
						if approved++; e.Facts["revision"] != "another revision" {
							t.Errorf("the yes is on record without the policy it was given under: %v", e.Facts)
						}
					}
				}
				if (approved > 0) != (test.asked == "") {
					t.Errorf("%d approvals are on record", approved)
				}
			})
		})
	}
}

// TestNothingToConfirm asks nobody about a change that changes nothing, whatever the
// policy says.
func TestNothingToConfirm(t *testing.T) {
	w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		p := *c.Policy()
		p.Rules = []policy.Rule{{Name: "all", Then: policy.Confirm, By: policy.LevelUser}}
		p.Confirm.Fallback = policy.LevelNone
		c.Policy = policy.Always(&p)
	})
	ann := w.user(0)
	if receipt := w.do("update_contact",
		object{"contact": ann.ID, "set": object{"name": ann.Name}}); receipt["status"] != "applied" ||
		receipt["unchanged"] != 1.0 {
		t.Errorf("receipt: %v", receipt)
	}
	w.refused(toolerr.ApprovalUnavailable, "update_contact", object{"contact": ann.ID, "set": object{"name": "Ann Other"}})
}

// TestMaskedLater masks what a change shows that was planned before: it is shown
// by no tool any more, to nobody.
func TestMaskedLater(t *testing.T) {
	var inForce reloadable
	w := newWorld(t, inMode(policy.ModeFull), inForce.option, withSandbox(func(o *sandbox.Options) { o.NoPreview = true }))
	people := w.people(0, 12)
	ann, named := w.user(0), w.lead()
	handles := []any{
		w.do("bulk_update_contacts",
			object{"contacts": people, "set": object{"phone": "+15550100123", "name": "Secret Name"}})["change"],
		w.do("update_contact", object{"contact": ann.ID, "set": object{"language_override": "fr"}})["change"],
		w.question("delete_contacts", object{"contacts": []string{ann.ID, named.ID}}).Change,
	}
	lead, user := w.twins()
	handles = append(handles, w.question("merge_contacts", object{"contact": lead, "into": user}).Change)
	starred := w.do("create_contact", object{"set": object{"role": "lead", "name": "Ada*** Lovelace"}})
	handles = append(handles, starred["change"])
	for _, id := range []any{w.user(30).ID, starred["created"]} { // stale before it was masked
		moved := w.do("update_contact", object{"contact": id, "set": object{"phone": "+15550100124"}})["change"]
		if _, err := w.client.Contacts.Update(t.Context(), id.(string),
			intercom.ContactWrite{Phone: intercom.Value("+15550100125")}); err != nil {
			t.Fatal(err)
		}
		w.refused(toolerr.ChangeStale, "confirm_change", object{"change": moved})
		handles = append(handles, moved)
	}
	inForce.become(func(p *policy.Policy) { p.Masked = []string{"email", "name", "phone"} })
	var shown strings.Builder
	collect := func(result Result) {
		shown.Write(result.JSON)
		if result.Ask != nil {
			shown.WriteString(result.Ask.Message)
		}
		if result.Err != nil {
			shown.WriteString(result.Err.Error())
		}
		shown.WriteString("\n")
	}
	collect(w.try("list_changes", object{}))
	for _, handle := range handles {
		collect(w.try("get_change", object{"change": handle}))
		collect(w.try("confirm_change", object{"change": handle}, canAsk))
		collect(w.try("undo_change", object{"change": handle}))
	}
	for secret := range w.secrets() {
		if strings.Contains(shown.String(), secret) {
			t.Errorf("%q is shown", secret)
		}
	}
	for _, secret := range []string{"Secret Name", "Lovelace", "5550100123"} {
		if strings.Contains(shown.String(), secret) {
			t.Errorf("%q is shown", secret)
		}
	}
	if t.Failed() {
		t.Log(shown.String())
	}
}

package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/toolerr"
)

// refusals are the codes of the calls that the audit trail tells were refused.
func refusals(t *testing.T, store *sqlite.Store) []string {
	t.Helper()
	var codes []string
	for e, err := range store.Events(t.Context(), change.EventQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == change.KindRefused {
			codes = append(codes, e.Facts["code"])
		}
	}
	return codes
}

// auditedWorld is a world whose changes are in a file.
func auditedWorld(t *testing.T, options ...worldOption) (*world, *sqlite.Store) {
	t.Helper()
	store, err := sqlite.Open(stateFile(t))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, append(options, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = store })...)
	t.Cleanup(func() {
		w.Close(context.Background())
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, store
}

// TestAuditRefusals records that a call was refused where no change came of it.
func TestAuditRefusals(t *testing.T) {
	w, store := auditedWorld(t)
	w.refused(toolerr.NotFound, "update_contact", object{"contact": "nobody@example.com", "set": object{"name": "Ann"}})
	waiting := w.waiting(20)
	w.do("cancel_change", object{"change": waiting})
	w.refused(toolerr.ChangeUsed, "confirm_change", object{"change": waiting})
	for _, tool := range []string{"update_contact", "get_contact", "no_such_tool"} { // of which the first writes
		w.Refused(t.Context(), Call{Tool: tool, Principal: "ann"}, "mode")
	}
	if got := refusals(t, store); !slices.Equal(got, []string{string(toolerr.NotFound), string(toolerr.ChangeUsed),
		string(toolerr.PolicyDenied)}) {
		t.Errorf("refused: %v", got)
	}
}

// TestAuditActors records who approved, declined or cancelled a change, at which level and by which method.
func TestAuditActors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := auditedWorld(t, withSandbox(func(o *sandbox.Options) { o.BulkDelay = 10 * time.Second }))
		set := func(phone string) object {
			return object{"contact": w.people(int(phone[len(phone)-1]-'0'), 1)[0], "set": object{"phone": phone}}
		}
		protected := func(action Action, via string, phone string) {
			ask := w.question("update_contact", set(phone))
			answer := &Answer{Change: ask.Change, Binding: ask.Binding, Action: action, Via: via}
			w.do("update_contact", set(phone), func(c *Call) { c.CanAsk, c.Answer = true, answer })
		}
		operator := func(c *Call) { c.Principal, c.Operator = "ops", true }
		atTerminal := func(c *Call) { c.ByHand = "terminal" }
		protected(Accept, "", "+15005550001")
		protected(Accept, "--yes", "+15005550002")
		w.do("confirm_change", object{"change": w.waiting(20)})
		protected(Decline, "", "+15005550003")
		protected(Decline, "terminal", "+15005550004")
		w.do("cancel_change", object{"change": w.do("update_contact", set("+15005550005"))["change"]})
		w.do("cancel_change", object{"change": w.do("update_contact", set("+15005550006"))["change"]}, operator)
		w.do("cancel_change", object{"change": w.do("update_contact", set("+15005550007"))["change"]}, atTerminal)
		for i, by := range []func(*Call){func(*Call) {}, atTerminal, operator} {
			renaming := rename(w.people(20, 20), fmt.Sprint("Renamed ", i))
			ask := w.question("bulk_update_contacts", renaming)
			go w.try("bulk_update_contacts", renaming, answering(ask.Change, ask.Binding, Accept))
			time.Sleep(2 * time.Second)
			w.do("cancel_change", object{"change": ask.Change}, by)
		}

		var got []string
		for e, err := range store.Events(t.Context(), change.EventQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			switch e.Kind {
			case change.KindApproved, change.Kind(change.StatusDeclined), change.Kind(change.StatusCancelled),
				change.KindStopRequested:
				got = append(got, fmt.Sprintf("%s: %s, %s, %s", e.Kind, e.Facts["by"], e.Facts["level"], e.Facts["method"]))
			}
		}
		want := []string{
			"approved: local, user, elicitation", "approved: local, user, --yes", "approved: local, agent, confirm_change",
			"declined: local, user, elicitation", "declined: local, user, terminal",
			"cancelled: local, agent, cancel_change", "cancelled: ops, user, operator", "cancelled: local, user, terminal",
			"approved: local, user, elicitation", "stop requested: local, agent, cancel_change",
			"approved: local, user, elicitation", "stop requested: local, user, terminal",
			"approved: local, user, elicitation", "stop requested: ops, user, operator",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if _, err := store.VerifyAudit(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestAuditNoRefusal records no refusal where a change came of the call: what
// became of it is on the record already.
func TestAuditNoRefusal(t *testing.T) {
	t.Parallel()
	t.Run("cut off while applying", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, store := auditedWorld(t, withSandbox(func(o *sandbox.Options) { o.BulkDelay = 10 * time.Second }))
			ask := w.question(stormKind.tool, stormKind.args(w))
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			call := Call{Tool: stormKind.tool, Args: encoded(t, stormKind.args(w)), Principal: "local"}
			answering(ask.Change, ask.Binding, Accept)(&call)
			result, err := w.Call(ctx, call)
			if err != nil || result.Err == nil || result.Err.Code != toolerr.OutcomeUnknown ||
				result.Err.Data["change"] != ask.Change {
				t.Errorf("answered %s %v %v", result.JSON, result.Err, err)
			}
			if got := refusals(t, store); len(got) > 0 {
				t.Errorf("refused: %v", got)
			}
		})
	})
	t.Run("stale", func(t *testing.T) {
		w, store := auditedWorld(t)
		contact := w.people(0, 1)[0]
		set := func(name string) object {
			return object{"contact": contact, "set": object{"email": name + "@example.com"}}
		}
		ask := w.question("update_contact", set("first"))
		w.asked("update_contact", set("second"), Accept)
		w.refused(toolerr.ChangeStale, "update_contact", set("first"), answering(ask.Change, ask.Binding, Accept))
		if got := refusals(t, store); len(got) > 0 {
			t.Errorf("refused: %v", got)
		}
	})
	t.Run("allowed, and too late to begin", func(t *testing.T) {
		w, store := auditedWorld(t)
		contact := w.people(0, 1)[0]
		w.Stop(time.Minute)
		w.refused(toolerr.Busy, "update_contact", object{"contact": contact, "set": object{"name": "Ann"}})
		if got := refusals(t, store); len(got) > 0 {
			t.Errorf("refused: %v", got)
		}
	})
}

// silentStore answers no Append.
type silentStore struct{ change.Store }

func (silentStore) Append(ctx context.Context, _ ...change.Event) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestAuditOfCutOff records the refusal of a call that is cut off: its answer does
// not wait for a store that is busy.
func TestAuditOfCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = silentStore{c.Store} })
		for cutOff, most := range map[bool]time.Duration{true: refusalAtEnd, false: refusalWithin} {
			ctx, cancel := context.WithCancel(t.Context())
			if cutOff {
				cancel()
			}
			began := time.Now()
			result, err := w.Call(ctx,
				Call{Tool: "update_contact",
					Args: encoded(t, object{"contact": "nobody@example.com", "set": object{"name": "Ann"}}), Principal: "local"})
			if err != nil || result.Err == nil || time.Since(began) > most {
				t.Errorf("cut off %v: %v, %v after %v", cutOff, result.Err, err, time.Since(began))
			}
			cancel()
		}
	})
}

// TestAuditValues has the trail tell values where the policy asks, as far as agents
// may see them, and none where it does not.
func TestAuditValues(t *testing.T) {
	t.Parallel()
	for _, values := range []bool{false, true} {
		t.Run(fmt.Sprint(values), func(t *testing.T) {
			p := *policy.Default(policy.ModeWrite)
			p.Audit.Values, p.Masked = values, []string{"phone"}
			w, store := auditedWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Policy = policy.Always(&p) })
			ann := w.user(0)
			w.agreed("update_contact", object{"contact": ann.ID, "set": object{"name": "Ann Other", "phone": "+15005550006",
				"add_tags": []string{"Webinar 2026"}}})
			w.do("add_note", object{"contact": ann.ID, "body": "Called back."})
			var trail strings.Builder
			for e, err := range store.Events(t.Context(), change.EventQuery{}) {
				if err != nil {
					t.Fatal(err)
				}
				trail.WriteString(e.Facts["values"])
			}
			for _, want := range []string{`"name":{"from":"` + ann.Name + `","to":"Ann Other"}`, `"to":"+***"`,
				`"add_tags":["Webinar 2026"]`, `"note":"\u003cp\u003eCalled back.`} {
				if strings.Contains(trail.String(), want) != values {
					t.Errorf("%s:\n%s", want, trail.String())
				}
			}
			if strings.Contains(trail.String(), "+15005550006") || strings.Contains(trail.String(), ann.Phone) {
				t.Errorf("it tells a phone:\n%s", trail.String())
			}
			if _, err := store.VerifyAudit(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

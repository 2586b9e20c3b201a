package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// people returns the ids of n plain users, from the i-th on.
func (w *world) people(i, n int) []string {
	var ids []string
	w.sandbox.ContactsWhere(func(c *sandbox.Contact) bool {
		if !c.Archived && !c.Blocked && c.MergedInto == "" && c.Role == "user" {
			ids = append(ids, c.ID)
		}
		return false
	})
	return ids[i : i+n]
}

// rename are the arguments of bulk_update_contacts that name contacts.
func rename(ids []string, name string) object {
	return object{"contacts": ids, "set": object{"name": name}}
}

// waiting plans a change of twelve contacts, from the i-th on, and returns its
// handle. The agent may confirm it.
func (w *world) waiting(i int) string {
	w.t.Helper()
	answer := w.do("bulk_update_contacts", rename(w.people(i, 12), "Renamed"))
	if answer["status"] != "awaiting" {
		w.t.Fatalf("not waiting: %v", answer)
	}
	return answer["change"].(string)
}

// question plans a change that the user is asked about.
func (w *world) question(tool string, args any, adjust ...func(*Call)) *Ask {
	w.t.Helper()
	result := w.try(tool, args, append(adjust, canAsk)...)
	if result.Ask == nil {
		w.t.Fatalf("%s asks nothing: %s %v", tool, result.JSON, result.Err)
	}
	return result.Ask
}

func canAsk(c *Call) { c.CanAsk = true }

func as(principal string) func(*Call) { return func(c *Call) { c.Principal = principal } }

func answering(change, binding string, action Action) func(*Call) {
	return func(c *Call) { c.CanAsk, c.Answer = true, &Answer{Change: change, Binding: binding, Action: action} }
}

// status reads where a change stands.
func (w *world) status(handle string) string {
	w.t.Helper()
	return w.do("get_change", object{"change": handle})["status"].(string)
}

// idle fails where something was written.
func (w *world) idle() {
	w.t.Helper()
	if written := w.writes(); len(written) > 0 {
		w.t.Errorf("written: %v", written)
	}
}

// TestAnswers answers questions with what answers others.
func TestAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		first, second := rename(w.people(0, 12), "First"), rename(w.people(12, 12), "Second")
		one, two := w.question("bulk_update_contacts", first), w.question("bulk_update_contacts", second)
		again := w.question("confirm_change", object{"change": one.Change})
		other := w.question("confirm_change", object{"change": two.Change})
		for name, wrong := range map[string]struct {
			tool            string
			args            object
			change, binding string
		}{
			"another call's answer":        {"bulk_update_contacts", first, two.Change, two.Binding},
			"this change, another binding": {"bulk_update_contacts", first, one.Change, two.Binding},
			"another change, this binding": {"bulk_update_contacts", first, two.Change, one.Binding},
			"no binding":                   {"bulk_update_contacts", first, one.Change, ""},
			"another tool": {"tag_contacts", object{"contacts": first["contacts"], "tag": "VIP"}, one.Change,
				one.Binding},
			"another confirmation's answer":    {"confirm_change", object{"change": one.Change}, two.Change, other.Binding},
			"another change, its confirmation": {"confirm_change", object{"change": one.Change}, two.Change, again.Binding},
		} {
			for _, action := range []Action{Accept, Decline, Cancel} {
				result := w.try(wrong.tool, wrong.args, answering(wrong.change, wrong.binding, action))
				if result.Err == nil || result.Err.Code != toolerr.ChangeMismatch {
					t.Errorf("%s, %s: %s %v", name, action, result.JSON, result.Err)
				}
			}
		}
		for name, adjust := range map[string]func(*Call){
			"another principal": func(c *Call) { answering(one.Change, one.Binding, Accept)(c); as("mallory")(c) },
			"no such change":    answering("chg_00000000000000000000000000", one.Binding, Accept),
		} {
			call := Call{Tool: "bulk_update_contacts", Args: encoded(t, first), Principal: "local"}
			adjust(&call)
			if result, err := w.Call(context.Background(), call); !errors.Is(err, ErrBadAnswer) {
				t.Errorf("%s: %v %v", name, result, err)
			}
		}
		w.do("bulk_update_contacts", first, answering(one.Change, one.Binding, "yes"))
		w.idle()
		accept := answering(one.Change, one.Binding, Accept)
		receipt := w.do("bulk_update_contacts", first, accept)
		written := len(w.writes())
		if repeated := w.do("bulk_update_contacts", first, accept); !cmp.Equal(receipt, repeated) ||
			len(w.writes()) != written {
			t.Error("a repeated answer is no receipt:", cmp.Diff(receipt, repeated), w.writes()[written:])
		}
		if receipt["changed"] != 12.0 || w.status(two.Change) != "awaiting" {
			t.Error(receipt, w.status(two.Change))
		}
	})
}

// TestConfirmEnded confirms changes that cannot be confirmed any more.
func TestConfirmEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		cancelled, foreign, expired := w.waiting(0), w.waiting(12), w.waiting(24)
		w.do("cancel_change", object{"change": cancelled})
		w.refused(toolerr.ChangeUsed, "confirm_change", object{"change": cancelled})
		w.refused(toolerr.ChangeUsed, "cancel_change", object{"change": cancelled})

		w.refused(toolerr.NotFound, "confirm_change", object{"change": foreign}, as("mallory"))
		w.refused(toolerr.NotFound, "cancel_change", object{"change": foreign}, as("mallory"))
		w.refused(toolerr.NotFound, "get_change", object{"change": foreign}, as("mallory"))
		if rows := w.do("list_changes", object{}, as("mallory"))["rows"].([]any); len(rows) > 0 {
			t.Error("mallory sees", rows)
		}

		asked := rename(w.people(36, 12), "Asked")
		question := w.question("bulk_update_contacts", asked)
		w.refused(toolerr.ApprovalUnavailable, "confirm_change", object{"change": question.Change})
		time.Sleep(15*time.Minute - time.Second)
		if got := w.status(expired); got != "awaiting" {
			t.Errorf("%s before its time was over", got)
		}
		time.Sleep(2 * time.Second)
		for status, want := range map[string]int{"awaiting": 0, "expired": 3} {
			rows := w.do("list_changes", object{"status": status})["rows"].([]any)
			if len(rows) != want || want > 0 && rows[0].([]any)[3] != status {
				t.Errorf("%s after their time was over: %v", status, rows)
			}
		}
		w.refused(toolerr.ChangeExpired, "confirm_change", object{"change": expired})
		w.refused(toolerr.ChangeExpired, "confirm_change", object{"change": question.Change}, canAsk)
		w.refused(toolerr.ChangeExpired, "bulk_update_contacts", asked, answering(question.Change, question.Binding, Accept))
		if got := w.status(foreign); got != "expired" {
			t.Errorf("%s after its time was over", got)
		}
		w.refused(toolerr.ChangeUsed, "cancel_change", object{"change": foreign})
		w.idle()
	})
}

// TestConfirmOnce confirms one change fifty times at once.
func TestConfirmOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency = 50 * time.Millisecond }))
		handle := w.waiting(0)
		receipts := make([]string, 50)
		var confirming sync.WaitGroup
		for i := range receipts {
			confirming.Go(func() { receipts[i] = string(w.try("confirm_change", object{"change": handle}).JSON) })
		}
		confirming.Wait()
		later := string(w.try("confirm_change", object{"change": handle}).JSON)
		if !strings.Contains(later, `"changed":12`) {
			t.Errorf("the receipt: %s", later)
		}
		for i, receipt := range receipts {
			if receipt != later {
				t.Errorf("confirmation %d got %s, later %s", i, receipt, later)
			}
		}
		if written := w.writes(); len(written) != 1 {
			t.Errorf("written: %v", written)
		}
	})
}

// TestCancelApplying cancels a change while it is applied: what was written
// stays and is told, nothing more is sent.
func TestCancelApplying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency, o.NoPreview = 200*time.Millisecond, true }))
		ids := w.people(0, 150)
		handle := w.do("bulk_update_contacts", rename(ids, "Renamed"))["change"].(string)
		var confirmed Result
		var confirming sync.WaitGroup
		confirming.Go(func() { confirmed = w.try("confirm_change", object{"change": handle}) })
		time.Sleep(5 * time.Second)
		receipt := w.do("cancel_change", object{"change": handle})
		sent := len(w.sandbox.Calls())
		confirming.Wait()
		renamed := 0
		for _, id := range ids {
			if c, _ := w.sandbox.Contact(id); c.Name == "Renamed" {
				renamed++
			}
		}
		if renamed == 0 || renamed == len(ids) {
			t.Fatalf("%d contacts renamed: the change was not cancelled on its way", renamed)
		}
		if receipt["status"] != "stopped" || receipt["changed"] != float64(renamed) ||
			receipt["not_sent"] != float64(len(ids)-renamed) {
			t.Errorf("%d of %d contacts are renamed, the receipt says %v", renamed, len(ids), receipt)
		}
		if w.status(handle) != "stopped" || confirmed.Err != nil || !strings.Contains(string(confirmed.JSON), "stopped") {
			t.Error(w.status(handle), string(confirmed.JSON), confirmed.Err)
		}
		if more := w.sandbox.Calls()[sent:]; slices.ContainsFunc(more,
			func(c sandbox.Call) bool { return c.Method == "PUT" }) {
			t.Error("sent after the cancellation:", more)
		}
	})
}

// TestCallerGone ends a call, in two ways, while its change is applied.
func TestCallerGone(t *testing.T) {
	for name, gone := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(300*time.Millisecond, cancel)
			return ctx, cancel
		},
		"out of time": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 300*time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency = 50 * time.Millisecond }))
				handle := w.waiting(0)
				ctx, cancel := gone(context.Background())
				defer cancel()
				result, err := w.Call(ctx, Call{Tool: "confirm_change", Args: encoded(t, object{"change": handle}),
					Principal: "local"})
				if err != nil || result.Err == nil || result.Err.Code != toolerr.OutcomeUnknown {
					t.Fatalf("%s %v %v", result.JSON, result.Err, err)
				}
				if got := w.status(handle); got != "applying" {
					t.Errorf("the change is %s", got)
				}
				time.Sleep(time.Minute)
				if receipt := w.do("confirm_change", object{"change": handle}); receipt["status"] != "applied" ||
					len(w.writes()) != 1 {
					t.Error(receipt, w.writes())
				}
			})
		})
	}
}

// TestDeclineSticks asks again for what was declined.
func TestDeclineSticks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		args := rename(w.people(0, 12), "Declined")
		twins := []*Ask{w.question("bulk_update_contacts", args), w.question("bulk_update_contacts", args),
			w.question("bulk_update_contacts", args)}
		answer := w.do("bulk_update_contacts", args, answering(twins[0].Change, twins[0].Binding, Decline))
		if answer["status"] != "declined" {
			t.Error(answer)
		}
		for _, twin := range twins {
			w.refused(toolerr.PolicyDenied, "bulk_update_contacts", args, answering(twin.Change, twin.Binding, Accept))
		}
		reordered := []byte(fmt.Sprintf(`{ "set": {"name" : "Declined"}, "contacts": %s }`, encoded(t, args["contacts"])))
		time.Sleep(29 * time.Minute)
		for _, adjust := range []func(*Call){func(*Call) {}, canAsk, func(c *Call) { c.Args = reordered }} {
			w.refused(toolerr.PolicyDenied, "bulk_update_contacts", args, adjust)
		}
		w.question("bulk_update_contacts", rename(w.people(12, 12), "Declined"))
		if result := w.try("bulk_update_contacts", args, canAsk, as("ann")); result.Ask == nil {
			t.Error("one principal's no holds for another:", result.Err)
		}
		time.Sleep(2 * time.Minute)
		w.question("bulk_update_contacts", args)
		w.idle()
	})
}

// TestStale changes the targets between plan and confirmation.
func TestStale(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	name := func(text string) intercom.ContactWrite { return intercom.ContactWrite{Name: intercom.Value(text)} }
	for what, edit := range map[string]func(w *world, id string) error{
		"the field is another": func(w *world, id string) error {
			_, err := w.client.Contacts.Update(ctx, id, name("Meddled"))
			return err
		},
		"the contact is archived": func(w *world, id string) error { return w.client.Contacts.Archive(ctx, id) },
		"the contact is deleted":  func(w *world, id string) error { return w.client.Contacts.Delete(ctx, id) },
	} {
		for _, n := range []int{1, 40} {
			t.Run(fmt.Sprintf("%s, %d contacts", what, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					ids := w.people(0, n)
					set := object{"name": "Renamed", "phone": "+15550100"}
					handle := w.do("bulk_update_contacts", object{"contacts": ids, "set": set})["change"].(string)
					if err := edit(w, ids[n/2]); err != nil {
						t.Fatal(err)
					}
					before := w.sandbox.Snapshot()
					w.refused(toolerr.ChangeStale, "confirm_change", object{"change": handle})
					w.refused(toolerr.ChangeStale, "confirm_change", object{"change": handle})
					if !bytes.Equal(before, w.sandbox.Snapshot()) || w.status(handle) != "stale" {
						t.Errorf("a stale change was applied: %s", w.status(handle))
					}
				})
			})
		}
	}
}

// TestStaleMerged merges the target into another contact between plan and
// confirmation: the contact that it became is not written to instead.
func TestStaleMerged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		contacts := w.sandbox.Contacts()
		lead := contacts[slices.IndexFunc(contacts, func(c sandbox.Contact) bool {
			return c.Role == "lead" &&
				c.MergedInto == ""
		})]
		handle := w.do("update_contact", object{"contact": lead.ID, "set": object{"phone": "+15550100"}})["change"].(string)
		if _, err := w.client.Contacts.Merge(context.Background(), intercom.Merge{From: lead.ID, Into: w.people(0, 1)[0],
			SkipDuplicateCheck: true}); err != nil {
			t.Fatal(err)
		}
		before := w.sandbox.Snapshot()
		w.refused(toolerr.ChangeStale, "confirm_change", object{"change": handle})
		if !bytes.Equal(before, w.sandbox.Snapshot()) {
			t.Error("a stale change was applied")
		}
	})
}

// TestListedFields tells changes of one tool apart by the fields that they touch.
func TestListedFields(t *testing.T) {
	w := newWorld(t)
	ids := w.people(0, 3)
	for _, set := range []object{{"name": "Renamed"},
		{"custom_attributes": object{"seats": 4711}, "add_tags": []string{"VIP"}}} {
		w.agreed("bulk_update_contacts", object{"contacts": ids, "set": set})
	}
	w.agreed("update_contact", object{"contact": ids[0], "set": object{"phone": "+32470000000"}})
	w.agreed("bulk_update_contacts", object{"contacts": ids, "set": object{"phone": "+32470000000"}})
	w.agreed("archive_contacts", object{"contacts": ids})
	var what []string
	for _, row := range w.do("list_changes", object{})["rows"].([]any) {
		what = append(what, row.([]any)[2].(string))
	}
	c, _ := w.sandbox.Contact(ids[0])
	want := []string{"archive 3 contacts", "update 3 contacts (phone)", "update " + c.Email + " (phone)",
		"update 3 contacts (e.g. seats, tags)",
		"update 3 contacts (e.g. name)"}
	if diff := cmp.Diff(want, what); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

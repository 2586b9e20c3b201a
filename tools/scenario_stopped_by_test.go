package tools

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// slowly has Intercom take its time, and offer no bulk jobs: a change of many contacts runs for a while.
func slowly(o *sandbox.Options, _ *intercom.Config, _ *Config) {
	o.Latency, o.NoPreview = 200*time.Millisecond, true
}

// runningOf begins a change of 200 contacts for a principal, and returns it two seconds later.
func (w *world) runningOf(principal string) (handle string, ended func() object) {
	w.t.Helper()
	as := func(c *Call) { c.Principal = principal }
	handle = w.do("bulk_update_contacts", rename(w.people(0, 200), "Renamed"), as)["change"].(string)
	answer := make(chan object, 1)
	go func() { answer <- w.do("confirm_change", object{"change": handle}, as) }()
	time.Sleep(2 * time.Second)
	return handle, func() object { return <-answer }
}

// checkStopped holds a stopped change of [world.runningOf] against the sandbox: its counts, and that nothing is sent
// any more; and has it undone.
func (w *world) checkStopped(principal string, receipt object, why string) {
	w.t.Helper()
	as := func(c *Call) { c.Principal = principal }
	renamed := func() (n float64) {
		for _, id := range w.people(0, 200) {
			if c, _ := w.sandbox.Contact(id); c.Name == "Renamed" {
				n++
			}
		}
		return n
	}
	n := renamed()
	if n == 0 || n == 200 || receipt["status"] != "stopped" || receipt["changed"] != n || receipt["not_sent"] != 200-n {
		w.t.Fatalf("%v are renamed: %v", n, receipt)
	}
	if note, _ := receipt["note"].(string); !strings.Contains(note, why) {
		w.t.Errorf("the receipt does not say %q: %q", why, note)
	}
	w.sandbox.ResetCalls()
	time.Sleep(time.Minute)
	if sent := w.writes(); len(sent) > 0 {
		w.t.Errorf("sent after the stop: %v", sent)
	}
	undo := w.do("undo_change", object{"change": receipt["change"]}, as)
	if undo["status"] == "awaiting" {
		undo = w.do("confirm_change", object{"change": undo["change"]}, as)
	}
	if undo["changed"] != n || renamed() != 0 {
		w.t.Errorf("%v are renamed after the undo: %v", renamed(), undo)
	}
}

// TestOperatorStops stops a change of another principal, in another process, by whoever acts as an operator; nobody
// else can see it.
func TestOperatorStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, slowly)
		both := w.processes(2)
		defer both[0].Close(t.Context())
		defer both[1].Close(t.Context())
		handle, ended := both[0].runningOf("ann")
		both[1].refused("not_found", "cancel_change", object{"change": handle})
		stopped := both[1].do("cancel_change", object{"change": handle}, func(c *Call) { c.Operator = true })
		both[0].checkStopped("ann", ended(), "an operator stopped it")
		if stopped["status"] != "stopped" {
			t.Errorf("the operator is told %v", stopped)
		}
	})
}

// TestOperatorStopsWhatWaits takes back a change of another principal that waits for its confirmation.
func TestOperatorStopsWhatWaits(t *testing.T) {
	w := newWorld(t)
	as := func(c *Call) { c.Principal = "ann" }
	handle := w.do("bulk_update_contacts", rename(w.people(0, 20), "Renamed"), as)["change"]
	if stopped := w.do("cancel_change", object{"change": handle},
		func(c *Call) { c.Operator = true }); stopped["status"] != "cancelled" {
		t.Error(stopped)
	}
	w.refused("change_used", "confirm_change", object{"change": handle}, as)
}

// TestWithdrawnAccessStops stops the changes of a principal whose access is gone, and of nobody else.
func TestWithdrawnAccessStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, slowly)
		_, ended := w.runningOf("ann")
		if err := w.StopPrincipal(t.Context(), "ben", "gone"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if list, _ := w.store.List(t.Context(), "ann", change.Query{Status: change.StatusApplying,
			Limit: 1}); len(list) != 1 {
			t.Fatal("it does not run any more")
		}
		if err := w.StopPrincipal(t.Context(), "ann", "the access of its principal was withdrawn"); err != nil {
			t.Fatal(err)
		}
		w.checkStopped("ann", ended(), "the access of its principal was withdrawn")
		w.Close(t.Context())
	})
}

// TestPolicyStops stops a change that the policy read meanwhile denies, while it runs.
func TestPolicyStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inForce reloadable
		w := newWorld(t, slowly, inForce.option)
		_, ended := w.runningOf("ann")
		denying, err := policy.Parse("deny.yaml",
			[]byte("rules:\n  - name: nothing\n    effects: [write]\n    when: contacts > 50\n    then: deny\n    why: too "+
				"many contacts\n"), PolicyVocabulary())
		if err != nil {
			t.Fatal(err)
		}
		before := inForce.Load()
		inForce.Store(denying)
		receipt := ended()
		inForce.Store(before)
		w.checkStopped("ann", receipt, "the policy in force forbids it now")
		w.Close(t.Context())
	})
}

// TestResumeDenied resumes a change that the policy denies by now: what was sent is read back, and nothing more is
// sent.
func TestResumeDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		denying, err := policy.Parse("deny.yaml", []byte("rules:\n  - name: nothing\n    effects: [write]\n    then: deny\n"),
			PolicyVocabulary())
		if err != nil {
			t.Fatal(err)
		}
		w, store := auditedWorld(t, func(_ *sandbox.Options, _ *intercom.Config,
			c *Config) {
			c.Policy = policy.Always(denying)
		})
		var items []change.Item
		for i := range 20 {
			items = append(items, renaming(w.user(i)))
		}
		c := leave(t, store.Path(), true, items...)
		for i := range 5 {
			if _, err := w.client.Contacts.Update(t.Context(), items[i].TargetID,
				intercom.ContactWrite{Name: intercom.Value("Renamed")}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(10 * time.Second)
		w.sandbox.ResetCalls()
		after := w.resumed(c.ID)
		n := change.CountItems(after.Items)
		if sent := w.writes(); len(sent) > 0 || n.Changed != 5 || n.Changed+n.NotSent+n.Unknown != 20 ||
			after.Status != change.StatusStopped && n.NotSent > 0 {
			t.Errorf("%s, %+v, sent %v", after.Status, n, sent)
		}
	})
}

// TestStopAfter ends a run that mostly fails: the rest is not sent, and undo works on what was.
func TestStopAfter(t *testing.T) {
	t.Parallel()
	for name, noBulk := range map[string]bool{"one by one": true, "in bulk jobs": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.NoPreview, o.Contacts = noBulk, 1_500 }))
				ids := w.people(0, 350)
				for _, id := range ids[:150] {
					w.sandbox.FailContact(id, "parameter_invalid", "no")
				}
				where := object{"where": []object{{"field": "role", "operator": "=", "value": "user"}},
					"set": object{"name": "Renamed"}}
				receipt := w.asked("bulk_update_contacts", where, Accept)
				for receipt["status"] == "applying" {
					time.Sleep(time.Second)
					receipt = w.do("get_change", object{"change": receipt["change"]})
				}
				failed, _ := receipt["failed"].(float64)
				if receipt["status"] != "stopped" || receipt["not_sent"] == nil || failed < 2 || failed > 160 {
					t.Errorf("receipt: %v", receipt)
				}
				if note, _ := receipt["note"].(string); !strings.Contains(note, "too much failed") {
					t.Errorf("the receipt does not say why: %q", note)
				}
				w.Close(t.Context())
			})
		})
	}
}

package tools

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestPreviewAsked has writes wait that no rule asks a confirmation for, and those that one does at the level of the
// rule, without asking yet.
func TestPreviewAsked(t *testing.T) {
	w := newWorld(t)
	ann, ben := w.user(0).ID, w.user(1).ID
	canAsk := func(c *Call) { c.CanAsk = true }
	for tool, args := range map[string]object{
		"update_contact":       {"contact": ann, "set": object{"name": "Ann"}},
		"bulk_update_contacts": {"contacts": []string{ann, ben}, "set": object{"name": "Bob"}},
		"tag_contacts":         {"contacts": []string{ann, ben}, "tag": "Champion"},
	} {
		args["preview"] = true
		for _, who := range []func(*Call){func(*Call) {}, canAsk} {
			waits := w.do(tool, args, who)
			if waits["status"] != "awaiting" || !strings.Contains(fmt.Sprint(waits["preview"]), " contact") ||
				waits["say"] == nil {
				t.Errorf("%s: %v", tool, waits)
			}
		}
		if writes := w.writes(); len(writes) > 0 {
			t.Fatal(tool, writes)
		}
	}
	waits := w.do("update_contact", object{"contact": ann, "set": object{"name": "Ann"}, "preview": true}, canAsk)
	if got := w.do("confirm_change", object{"change": waits["change"]}, canAsk); got["status"] != "applied" {
		t.Error(got)
	}
	nothing := w.do("update_contact", object{"contact": ann, "set": object{"name": "Ann"}, "preview": true})
	if nothing["status"] != "applied" || nothing["unchanged"] != 1.0 {
		t.Error(nothing)
	}

	waits = w.do("update_contact", object{"contact": ann, "set": object{"phone": "+353 1 555 0111"}, "preview": true},
		canAsk)
	if waits["status"] != "awaiting" {
		t.Error(waits)
	}
	if asks := w.try("confirm_change", object{"change": waits["change"]}, canAsk); asks.Ask == nil {
		t.Errorf("what a rule wants the user's yes for is confirmed by the agent: %s %v", asks.JSON, asks.Err)
	}
}

// TestPreviewKeepsNothingOutOfTheWindow counts what an agent confirmed of its own accord like what went through
// unasked.
func TestPreviewKeepsNothingOutOfTheWindow(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		waits := w.do("bulk_update_contacts",
			object{"contacts": w.people(i*8, 8), "set": object{"name": "Ann"}, "preview": true})
		w.do("confirm_change", object{"change": waits["change"]})
	}
	asked := w.try("bulk_update_contacts", object{"contacts": w.people(24, 8), "set": object{"name": "Ann"}},
		func(c *Call) { c.CanAsk = true })
	if asked.Ask == nil || !strings.Contains(asked.Ask.Message, "within 10 minutes") {
		t.Errorf("%s %v", asked.JSON, asked.Err)
	}
}

// TestConfirmingAtOnceKeepsTheWindow confirms many changes at the same time that an agent had wait: no more go through
// unasked than one after the other, and the user is asked for the others.
func TestConfirmingAtOnceKeepsTheWindow(t *testing.T) {
	for name, test := range map[string]struct{ changes, contacts, unasked int }{
		"one contact each": {40, 1, 25}, "bulks of five": {8, 5, 5},
	} {
		w := newWorld(t, anyNumber)
		handles := make([]any, test.changes)
		for i := range handles {
			handles[i] = w.do("bulk_update_contacts", object{"contacts": w.people(i*test.contacts, test.contacts),
				"set": object{"name": "Ann"}, "preview": true})["change"]
		}
		var applied, asked atomic.Int64
		var confirming sync.WaitGroup
		for _, handle := range handles {
			confirming.Go(func() {
				switch got := w.try("confirm_change", object{"change": handle}, canAsk); {
				case got.Ask != nil:
					asked.Add(1)
				case got.Err != nil:
					t.Error(got.Err)
				default:
					applied.Add(1)
				}
			})
		}
		confirming.Wait()
		if int(applied.Load()) != test.unasked || int(asked.Load()) != test.changes-test.unasked {
			t.Errorf("%s: %d applied, %d asked", name, applied.Load(), asked.Load())
		}
	}
}

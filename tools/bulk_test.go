package tools

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// pages is how many pages of size hold n.
func pages(n, size int) int { return (n + size - 1) / size }

// trial lists the contacts that the condition plan = trial finds.
func trial(sb *sandbox.Sandbox) []sandbox.Contact {
	var list []sandbox.Contact
	for _, c := range sb.Contacts() {
		if c.CustomAttributes["plan"] == "trial" && !c.Archived && c.MergedInto == "" {
			list = append(list, c)
		}
	}
	return list
}

var moveTrials = object{
	"where": []object{{"field": "custom_attributes.plan", "operator": "=", "value": "trial"}},
	"set":   object{"custom_attributes": object{"plan": "pro"}, "add_tags": []string{"VIP"}},
}

// TestBulkUpdate updates more than 250 contacts of which Intercom silently
// drops one: that one is reported, all others are changed, the receipt agrees
// with Intercom's state, and no request is wasted.
func TestBulkUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		targets := trial(w.sandbox)
		n := len(targets)
		if n < 250 {
			t.Fatalf("the workspace has %d contacts on plan trial, want at least 250", n)
		}
		victim := targets[n/2]
		w.sandbox.FailContact(victim.ID, "parameter_invalid", "Phone number is on the do-not-touch list")
		w.sandbox.ResetCalls()
		receipt := w.asked("bulk_update_contacts", moveTrials, Accept)

		if receipt["status"] != "partial" || receipt["changed"] != float64(n-1) || receipt["failed"] != float64(1) ||
			receipt["unknown"] != nil {
			t.Errorf("receipt: %v", receipt)
		}
		problems := fmt.Sprint(receipt["problems"])
		if !strings.Contains(problems, victim.Email) || !strings.Contains(problems, "do-not-touch list") {
			t.Errorf("problems do not name the contact and Intercom's reason: %s", problems)
		}
		w.checkMoved(targets, victim.ID)
		least := 2 + // the names: tags, attributes
			pages(n, 150) + // the plan
			pages(n, 150) + // has anything moved since?
			2*(1+pages(n-20, 100)) + // each job, the first of 20: submit, look once
			2 + pages(n-120, 150) + // read back, the first two jobs by themselves
			3 // the one that failed: read, ask for the reason, read back
		if calls := len(w.sandbox.Calls()); calls*10 > least*11 {
			t.Errorf("%d requests, the least possible is %d: %v", calls, least, routes(w.sandbox))
		}
	})
}

// checkMoved holds Intercom's state against what moveTrials should have done.
func (w *world) checkMoved(targets []sandbox.Contact, except string) {
	w.t.Helper()
	vip := ""
	for _, tag := range w.sandbox.Tags() {
		if tag.Name == "VIP" {
			vip = tag.ID
		}
	}
	for _, before := range targets {
		now, _ := w.sandbox.Contact(before.ID)
		moved := now.CustomAttributes["plan"] == "pro" && strings.Contains(" "+strings.Join(now.TagIDs, " ")+" ", " "+vip+" ")
		if moved == (before.ID == except) {
			w.t.Errorf("%s: moved is %t: plan %v, tags %v", before.ID, moved, now.CustomAttributes["plan"], now.TagIDs)
		}
	}
}

func routes(sb *sandbox.Sandbox) map[string]int {
	count := make(map[string]int)
	for _, call := range sb.Calls() {
		count[fmt.Sprintf("%s %d", call.Route, call.Status)]++
	}
	return count
}

// TestBulkUpdateUnderFaults updates many contacts under faults: every
// outcome must be what Intercom's state says.
func TestBulkUpdateUnderFaults(t *testing.T) {
	t.Parallel()
	faulty := map[string]func(*sandbox.Options, func(sandbox.Fault)){
		"every third answer 429": func(_ *sandbox.Options,
			add func(sandbox.Fault)) {
			add(sandbox.Fault{Every: 3, RateLimited: true})
		},
		"search lags by 10 s": func(o *sandbox.Options, _ func(sandbox.Fault)) { o.SearchLag = 10 * time.Second },
		"no bulk jobs":        func(o *sandbox.Options, _ func(sandbox.Fault)) { o.NoPreview = true },
		"slow jobs":           func(o *sandbox.Options, _ func(sandbox.Fault)) { o.BulkDelay = 90 * time.Second },
		"one bulk answer cut short": func(_ *sandbox.Options, add func(sandbox.Fault)) {
			add(sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", After: 1, Times: 1, Truncate: true})
		},
		"one bulk answer lost after": func(_ *sandbox.Options, add func(sandbox.Fault)) {
			add(sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", Times: 1, ResetAfter: true})
		},
		"one bulk request lost": func(_ *sandbox.Options, add func(sandbox.Fault)) {
			add(sandbox.Fault{Method: "PUT", Path: "/contacts/bulk", Times: 1, Reset: true})
		},
		"one job not to be seen": func(_ *sandbox.Options, add func(sandbox.Fault)) {
			add(sandbox.Fault{Method: "GET", Path: "/contacts/bulk/*", Times: 8, Status: 500})
		},
		"a small rate limit": func(o *sandbox.Options, _ func(sandbox.Fault)) { o.RateLimit = 60 },
	}
	for name, conditions := range faulty {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var faults []sandbox.Fault
				w := newWorld(t,
					withSandbox(func(o *sandbox.Options) { conditions(o, func(f sandbox.Fault) { faults = append(faults, f) }) }))
				targets := trial(w.sandbox)
				for _, fault := range faults {
					w.sandbox.AddFault(fault)
				}
				receipt := w.asked("bulk_update_contacts", moveTrials, Accept)
				for receipt["status"] == "applying" {
					time.Sleep(time.Second)
					receipt = w.do("get_change", object{"change": receipt["change"]})
				}
				if receipt["status"] != "applied" || receipt["changed"] != float64(len(targets)) {
					t.Errorf("receipt: %v %v", receipt, routes(w.sandbox))
				}
				w.checkMoved(targets, "")
				if limited := w.sandbox.RateLimited(); limited > 0 {
					t.Errorf("%d requests exceeded the rate limit", limited)
				}
			})
		})
	}
}

// TestBulkWays plans in each of the three ways, and without anything to do.
func TestBulkWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		targets := trial(w.sandbox)
		a, b := targets[0], targets[1]
		receipt := w.do("bulk_update_contacts", object{"contacts": []string{a.ID, b.ID, a.ID},
			"set": object{"name": "Same Name"}})
		if receipt["changed"] != float64(2) || !strings.Contains(fmt.Sprint(receipt["note"]),
			"1 contact named more than once") {
			t.Errorf("contacts: %v", receipt)
		}
		receipt = w.do("bulk_update_contacts", object{"updates": []object{
			{"contact": a.ID, "set": object{"name": "Same Name"}},
			{"contact": b.ID, "set": object{"name": "Other Name"}},
		}})
		if receipt["changed"] != float64(1) || receipt["unchanged"] != float64(1) {
			t.Errorf("updates: %v", receipt)
		}
		if now, _ := w.sandbox.Contact(b.ID); now.Name != "Other Name" {
			t.Errorf("name is %q", now.Name)
		}
		w.sandbox.ResetCalls()
		receipt = w.do("bulk_update_contacts", object{"contacts": []string{a.ID}, "set": object{"name": "Same Name"}})
		if receipt["status"] != "applied" || receipt["unchanged"] != float64(1) || len(w.writes()) != 0 {
			t.Errorf("nothing to do: %v %v", receipt, w.writes())
		}
		w.refused(toolerr.NotFound, "bulk_update_contacts",
			object{"where": []object{{"field": "email", "operator": "=", "value": "nobody@nowhere.example"}},
				"set": object{"name": "X"}})
	})
}

// TestProgress reports a long change in order, while it lasts, and not after.
func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.BulkDelay = 2 * time.Second }))
		var seen []Progress
		over := false
		listen := func(c *Call) {
			c.CanAsk = true
			c.Progress = func(p Progress) {
				if over {
					t.Error("progress after the answer")
				}
				seen = append(seen, p)
			}
		}
		ask := w.try("bulk_update_contacts", moveTrials, listen).Ask
		w.do("bulk_update_contacts", moveTrials, listen,
			func(c *Call) { c.Answer = &Answer{Change: ask.Change, Binding: ask.Binding, Action: Accept} })
		over = true
		time.Sleep(time.Minute)
		if len(seen) == 0 {
			t.Fatal("no progress")
		}
		for i := 1; i < len(seen); i++ {
			planned := seen[i].Done == 0 && seen[i].Looked > seen[i-1].Looked
			if !planned && (seen[i].Done <= seen[i-1].Done || seen[i].Total != 300) {
				t.Errorf("progress %v after %v", seen[i], seen[i-1])
			}
		}
	})
}

// TestBulkStopAfter ends runs that fail more often than the call allows, which is less than the policy does: what is
// not sent by then never is, and undo puts back what was written.
func TestBulkStopAfter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set      object
		underWay int // of which the preview tells
		atMost   int // that are sent
	}{
		"one by one": {object{"phone": ""}, 8, 40},
		"in jobs":    {object{"custom_attributes": object{"plan": "pro"}}, 500, 104},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// Requests that take no time at all would leave it to the scheduler which of them are answered first.
				w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Latency = 2000, 20*time.Millisecond }))
				targets := trial(w.sandbox)
				for _, c := range targets {
					w.direct("PUT", "/contacts/"+c.ID, `{"phone":"+353 1 555 0100"}`)
				}
				first := w.do("search_contacts", object{"where": moveTrials["where"], "limit": 5})["rows"].([]any)
				for _, row := range first[1:] {
					w.sandbox.FailContact(row.([]any)[0].(string), "parameter_invalid", "Phone number is on the do-not-touch list")
				}
				args := object{"where": moveTrials["where"], "set": test.set, "stop_after": 4}
				if ask := w.question("bulk_update_contacts", args); !strings.Contains(ask.Message,
					fmt.Sprintf("After 4 failures nothing more is sent; up to %d may be under way by then.", test.underWay)) {
					t.Errorf("the preview does not say when it stops: %s", ask.Message)
				}
				receipt := w.asked("bulk_update_contacts", args, Accept)
				for receipt["status"] == "applying" {
					time.Sleep(time.Minute)
					receipt = w.do("get_change", object{"change": receipt["change"]})
				}
				notSent, _ := receipt["not_sent"].(float64)
				if receipt["status"] != "stopped" || receipt["failed"] != float64(4) || len(targets)-int(notSent) > test.atMost {
					t.Errorf("of %d contacts: %v", len(targets), receipt)
				}
				if receipt["changed"] == nil {
					return
				}
				if undone := w.asked("undo_change", object{"change": receipt["change"]},
					Accept); undone["changed"] != receipt["changed"] {
					t.Errorf("of %v is undone: %v", receipt["changed"], undone)
				}
			})
		})
	}
}

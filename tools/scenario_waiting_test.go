package tools

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// onEachStore runs a test in a world on each of the stores.
func onEachStore(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("memory", func(t *testing.T) { synctest.Test(t, func(t *testing.T) { test(t, newWorld(t)) }) })
	t.Run("sqlite", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, _ := auditedWorld(t)
			test(t, w)
		})
	})
}

// TestWaitingChanges has one caller plan more and more that nobody confirms: 20 changes wait, or 20 MB, whatever others
// plan.
func TestWaitingChanges(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, w *world) {
		people := w.people(0, 11)
		plan := func(n int) object { return rename(people, fmt.Sprint("Name ", n)) }
		for n := range 20 {
			w.do("bulk_update_contacts", plan(n))
		}
		err := w.refused(toolerr.PolicyDenied, "bulk_update_contacts", plan(20))
		if err.Data["rule"] != "waiting_changes" || !strings.Contains(err.Error(), "cancel_change") {
			t.Errorf("refused: %v, %v", err, err.Data)
		}
		w.do("bulk_update_contacts", plan(20), as("another"))
		first := w.do("list_changes", object{"status": "awaiting", "limit": 1})["rows"].([]any)[0].([]any)[0].(string)
		w.do("cancel_change", object{"change": first})
		w.do("bulk_update_contacts", plan(21))
		w.refused(toolerr.PolicyDenied, "bulk_update_contacts", plan(22))
		time.Sleep(16 * time.Minute) // they are overdue
		w.do("bulk_update_contacts", plan(23))
	})
}

// TestWaitingSize bounds what waits by its size.
func TestWaitingSize(t *testing.T) {
	t.Parallel()
	limits := policy.Default(policy.ModeWrite).Limits
	for level, w := range map[policy.Level]policy.Waiting{policy.LevelAgent: {Changes: 3, Bytes: 20_000_000},
		policy.LevelUser: {Bytes: 25_123_456}} {
		if limit, _ := limits.RefusesToWait(level, w); limit != "waiting_megabytes" {
			t.Errorf("%+v: %q", w, limit)
		}
	}
	if limit, _ := limits.RefusesToWait(policy.LevelAgent, policy.Waiting{Changes: 19, Bytes: 19_999_999,
		Unanswered: 10}); limit != "" {
		t.Errorf("refused by %s", limit)
	}
}

// TestQuestionsBounded has an agent word a write in a hundred ways, each of which the user declines, or leaves: they
// see ten forms, and ten more ten minutes later.
func TestQuestionsBounded(t *testing.T) {
	t.Parallel()
	for _, action := range []Action{Decline, Cancel} {
		onEachStore(t, func(t *testing.T, w *world) {
			people := w.people(0, 100)
			forms := func() (n int) {
				for i := range people {
					args := object{"contact": people[i], "set": object{"phone": fmt.Sprintf("+3538612345%02d", i)}}
					result := w.try("update_contact", args, canAsk)
					if result.Ask == nil {
						if result.Err == nil || result.Err.Data["rule"] != "unanswered_per_10m" {
							t.Fatalf("%s: %v", result.JSON, result.Err)
						}
						continue
					}
					w.do("update_contact", args, answering(result.Ask.Change, result.Ask.Binding, action))
					n++
				}
				return n
			}
			if n := forms(); n != 10 {
				t.Errorf("%d forms", n)
			}
			if another := w.try("update_contact", object{"contact": people[0], "set": object{"phone": "+353861999999"}},
				canAsk, as("another")); another.Ask == nil {
				t.Errorf("another's user is not asked: %v", another.Err)
			}
			time.Sleep(16 * time.Minute)
			people = people[50:]
			if n := forms(); n != 10 {
				t.Errorf("%d forms after a while", n)
			}
		})
	}
}

// TestAskedAgain has an agent ask about one change again and again.
func TestAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := w.question("update_contact", object{"contact": w.people(0, 1)[0], "set": object{"phone": "+353861234567"}})
	for range mostAsked {
		w.question("confirm_change", object{"change": ask.Change})
	}
	err := w.refused(toolerr.PolicyDenied, "confirm_change", object{"change": ask.Change}, canAsk)
	if err.Data["rule"] != "unanswered_per_10m" {
		t.Errorf("refused: %v, %v", err, err.Data)
	}
}

// TestQuestionsOfPreviews has an agent preview changes that no rule asks for, fill the window, and confirm them all:
// the user sees ten forms, whether one after another or at once, and goes on to be asked where they say yes.
func TestQuestionsOfPreviews(t *testing.T) {
	t.Parallel()
	for _, action := range []Action{Decline, Cancel, Accept} {
		onEachStore(t, func(t *testing.T, w *world) {
			var plans []string
			for i := range 12 {
				plan := w.do("update_contact", object{"contact": w.user(i).ID, "set": object{"name": "P"}, "preview": true})
				plans = append(plans, plan["change"].(string))
			}
			for i := range 25 {
				w.do("update_contact", object{"contact": w.user(20 + i).ID, "set": object{"name": "P"}})
			}
			forms := 0
			for range mostAsked {
				for _, id := range plans {
					result := w.try("confirm_change", object{"change": id}, canAsk)
					if result.Ask == nil {
						continue
					}
					forms++
					w.try("confirm_change", object{"change": id}, answering(id, result.Ask.Binding, action))
				}
			}
			if want := map[Action]int{Decline: 10, Cancel: 10, Accept: 12}[action]; forms != want {
				t.Errorf("%s: %d forms, want %d", action, forms, want)
			}
		})
	}
}

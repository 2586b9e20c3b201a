package tools

import (
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// TestEstimatePace holds the estimate of time against what then happens, however long an answer takes, whatever is done
// and to how many: it is within a factor of 1.5. Whatever takes less than 1.5 seconds is told as one.
func TestEstimatePace(t *testing.T) {
	t.Parallel()
	for _, latency := range []time.Duration{5, 30, 100, 300} {
		for _, n := range []int{1, 3, 30, 200, 1_000, 10_000} {
			if n > estimatedMost || testing.Short() && n > 200 {
				continue
			}
			for what, carryOut := range estimatedWork {
				if n > 200 && (what == "archive" || what == "tag" || latency == 30) ||
					n > 1_000 && (what != "import" || latency != 100) {
					continue // more than the tool takes, or than the test has time for
				}
				t.Run(fmt.Sprintf("%s %d at %d ms", what, n, latency), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, underPolicy(t, "mode: full\nrules:\n  - {name: all, then: confirm, by: user}\n"),
							withSandbox(func(o *sandbox.Options) {
								o.Contacts, o.Latency = max(n+n/4, 300), latency*time.Millisecond
							}))
						carryOut(w, n)
					})
				})
			}
		}
	}
}

// estimatedWork is what changes n contacts, each by other steps of the engine.
var estimatedWork = map[string]func(w *world, n int){
	"update": func(w *world, n int) {
		w.paceHolds("bulk_update_contacts", w.whom(n, object{"set": object{"name": "B"}}))
	},
	"tag":     func(w *world, n int) { w.paceHolds("tag_contacts", w.whom(n, object{"tag": "VIP"})) },
	"archive": func(w *world, n int) { w.paceHolds("archive_contacts", w.whom(n, object{})) },
	"undo": func(w *world, n int) {
		done := w.paceHolds("bulk_update_contacts", w.whom(n, object{"set": object{"name": "B"}}))
		w.paceHolds("undo_change", object{"change": done})
	},
	"import": func(w *world, n int) { w.importHolds("id", w.people(0, n)) },
	"import of new ones": func(w *world, n int) {
		emails := make([]string, n)
		for i := range emails {
			emails[i] = fmt.Sprintf("new%d@example.com", i)
		}
		w.importHolds("email", emails)
	},
}

// whom adds n contacts to the arguments of a tool.
func (w *world) whom(n int, args object) object {
	if args["contacts"] = w.people(0, n); n > 200 {
		delete(args, "contacts")
		args["where"] = []object{{"field": "role", "operator": "=", "value": "user"}}
	}
	return args
}

// paceHolds makes a call that asks, answers it some time later, and compares the time that it told. It returns the
// handle of the change.
func (w *world) paceHolds(tool string, args object) string {
	w.t.Helper()
	ask := w.question(tool, args)
	time.Sleep(15 * time.Second) // a person reads it
	began := time.Now()
	w.ended(w.do(tool, args, answering(ask.Change, ask.Binding, Accept)))
	w.toldRight(ask.Message, time.Since(began))
	return ask.Change
}

// importHolds imports rows, with a yes beforehand.
func (w *world) importHolds(match string, keys []string) {
	w.t.Helper()
	in := Import{Titles: []string{match, "name"}, Match: match, CreateMissing: match != "id"}
	for i, key := range keys {
		in.Rows = append(in.Rows, ImportRow{Line: i + 2, Cells: []string{key, "Imported"}})
	}
	planned, err := w.PlanImport(w.t.Context(), Call{Principal: "local", CanAsk: true, Agrees: true, ByHand: "import"}, in)
	if err != nil {
		w.t.Fatal(err)
	}
	result, err := planned.Run(w.t.Context(), nil)
	if err != nil || result.Ask == nil {
		w.t.Fatalf("it asks nothing: %v, %v", result.Err, err)
	}
	began, ask := time.Now(), result.Ask
	yes := &Answer{Change: ask.Change, Binding: ask.Binding, Action: Accept}
	if result, err = planned.Run(w.t.Context(), yes); err != nil || result.Err != nil {
		w.t.Fatal(err, result.Err)
	}
	w.toldRight(ask.Message, time.Since(began))
}

// toldRight compares the time that a preview told with what it took.
func (w *world) toldRight(preview string, took time.Duration) {
	w.t.Helper()
	found := estimated.FindStringSubmatch(preview)
	if found == nil {
		w.t.Fatalf("no estimate: %s", preview)
	}
	told, err := strconv.ParseFloat(found[2], 64)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("%s: %v", found[0], took)
	if real := max(took.Seconds(), 1); max(told, real)/min(told, real) > 1.5 {
		w.t.Errorf("told %s, and it took %v", found[0], took)
	}
}

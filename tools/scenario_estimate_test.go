package tools

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// estimated finds the estimate of a preview.
var estimated = regexp.MustCompile(`About (\d+) requests? to Intercom, (\d+) seconds?\.`)

// TestEstimate holds the estimate of a preview against what then happens, by the requests that the workspace gets and
// by its clock, where an answer takes as long as Intercom's do: both are within a factor of 1.5, or two requests and
// one second.
func TestEstimate(t *testing.T) {
	t.Parallel()
	set := object{"set": object{"name": "B"}}
	linked := object{"set": object{"name": "B", "add_tags": []string{"VIP", "Enterprise"}}}
	tagged := object{"tag": "VIP"}
	for _, test := range []struct {
		tool  string
		args  object
		n     int
		limit int // of requests in 10 seconds; 0: Intercom's
	}{
		{"update_contact", set, 1, 0}, {"bulk_update_contacts", set, 10, 0}, {"bulk_update_contacts", set, 11, 0},
		{"bulk_update_contacts", set, 60, 0}, {"bulk_update_contacts", set, 150, 0}, {"bulk_update_contacts", set, 450, 0},
		{"bulk_update_contacts", set, 1_450, 0}, {"bulk_update_contacts", linked, 5, 0},
		{"bulk_update_contacts", linked, 90, 0}, {"tag_contacts", tagged, 5, 0}, {"tag_contacts", tagged, 90, 0},
		{"archive_contacts", object{}, 2, 0}, {"archive_contacts", object{}, 40, 0}, {"archive_contacts", object{}, 200, 0},
		{"bulk_update_contacts", set, 9_900, 0}, {"archive_contacts", object{}, 90, 167},
		{"bulk_update_contacts", set, 450, 167},
	} {
		if testing.Short() && test.n > 450 {
			continue
		}
		t.Run(fmt.Sprintf("%s %d, %d", test.tool, test.n, test.limit), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, underPolicy(t, "mode: full\nrules:\n  - {name: all, then: confirm, by: user}\n"),
					withSandbox(func(o *sandbox.Options) {
						o.Contacts, o.Latency, o.RateLimit = max(test.n, 260), 170*time.Millisecond, test.limit
					}))
				args := object{}
				for name, value := range test.args {
					args[name] = value
				}
				switch ids := w.people(0, min(test.n, 200)); {
				case test.n == 1:
					args["contact"] = ids[0]
				case test.n <= 200:
					args["contacts"] = ids
				default:
					args["where"] = []object{{"field": "created_at", "operator": ">", "value": "2000-01-01"}}
				}
				w.estimateHolds(test.tool, args)
			})
		})
	}
}

// estimateHolds makes a call that asks, and compares what its preview estimates with what it then takes.
func (w *world) estimateHolds(tool string, args object) {
	w.t.Helper()
	ask := w.question(tool, args)
	found := estimated.FindStringSubmatch(ask.Message)
	if found == nil {
		w.t.Fatalf("no estimate: %s", ask.Message)
	}
	time.Sleep(15 * time.Second) // a person reads it
	before, began := len(w.sandbox.Calls()), time.Now()
	w.ended(w.do(tool, args, answering(ask.Change, ask.Binding, Accept)))
	took, requests := time.Since(began).Seconds(), float64(len(w.sandbox.Calls())-before)
	for i, real := range []float64{requests, took} {
		told, err := strconv.ParseFloat(found[1+i], 64)
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Logf("%s: %.1f", found[1+i], real)
		if ratio := max(told, real) / min(told, real); ratio > 1.5 && math.Abs(told-real) > float64(2-i) {
			w.t.Errorf("told %s, and it took %.0f requests and %.1f seconds", found[0], requests, took)
		}
	}
}

package tools

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// slowWorld is a workspace that takes so long for each request.
func slowWorld(t *testing.T, latency time.Duration, options ...worldOption) *world {
	slow := func(o *sandbox.Options) { o.Latency = latency }
	return newWorld(t, append(options, unstopped, withSandbox(slow))...)
}

// within fails where do takes longer than a call may.
func within(t *testing.T, what string, do func()) {
	t.Helper()
	start := time.Now()
	do()
	if took := time.Since(start); took > callTime {
		t.Errorf("%s took %v", what, took)
	}
}

// TestTimeOfReads has reads of a slow Intercom answer in time with what they have, and go on where they stopped.
func TestTimeOfReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		companies := func(o *sandbox.Options) { o.Companies = 300 }
		w := slowWorld(t, 8*time.Second, withSandbox(companies))
		args := object{"query": "ar", "limit": 50}
		found, cut := make(map[string]int), 0
		for {
			var page object
			within(t, "find_companies", func() { page = w.do("find_companies", args) })
			for _, row := range page["rows"].([]any) {
				found[row.([]any)[0].(string)]++
			}
			note, _ := page["note"].(string)
			if strings.Contains(note, "no time") {
				cut++
			}
			next, more := page["next_cursor"]
			if !more {
				break
			}
			args["cursor"] = next
		}
		delete(args, "cursor")
		all := newWorld(t, withSandbox(companies)).do("find_companies", args)["rows"].([]any)
		if len(all) != len(found) || slices.Max(slices.Collect(maps.Values(found))) != 1 || cut == 0 {
			t.Errorf("found %d of %d in %d parts, each so often: %v", len(found), len(all), cut+1, found)
		}
		within(t, "count_by", func() {
			counted := w.do("search_contacts", object{"count_by": []string{"role"}})
			if note := counted["note"].(string); !strings.Contains(note, "no time for more") {
				t.Errorf("counts say %q", note)
			}
		})
		within(t, "get_contact", func() {
			one := w.do("get_contact", object{"contact": w.people(0, 1)[0], "include": []string{"notes", "segments"}})
			if note := one["note"].(string); !strings.Contains(note, "no time to read all of") || one["email"] == "" {
				t.Errorf("a contact: %v", one)
			}
		})
	})
}

// TestTimeOfWrites answers a write that could not be planned in time with busy, and one that was begun with where it
// stands.
func TestTimeOfWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := slowWorld(t, 9*time.Second)
		people := w.people(0, 4)
		within(t, "a plan", func() {
			w.refused(toolerr.Busy, "bulk_update_contacts", object{"contacts": people, "set": object{"name": "X"}})
		})
		if n := len(w.do("list_changes", object{})["rows"].([]any)); n != 0 {
			t.Errorf("%d changes on record", n)
		}
		w.idle()
		within(t, "one contact", func() {
			begun := w.do("bulk_update_contacts", object{"contacts": people[:1], "set": object{"name": "X"}})
			if begun["status"] != "applying" || !strings.Contains(begun["note"].(string), "still running") {
				t.Errorf("a change that takes long: %v", begun)
			}
			people = append(people, begun["change"].(string))
		})
		w.engine.Idle()
		if status := w.status(people[4]); status != "applied" {
			t.Errorf("in the end it is %s", status)
		}
		ctx, cancel := withTimeOf(context.Background(), Call{ByHand: "terminal"}, &Tool{})
		defer cancel()
		if _, bounded := ctx.Deadline(); bounded {
			t.Error("a call by hand is bounded")
		}
	})
}

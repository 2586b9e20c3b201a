package tools

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/toolerr"
)

// TestFreeze freezes writes while three servers on one file carry out bulk changes: all stop within two seconds, each
// receipt tells what Intercom shows, nothing begins until the freeze is lifted, and reading goes on.
func TestFreeze(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency, o.NoPreview = 200*time.Millisecond, true }))
		servers := w.processes(3)
		path := servers[0].Pipeline.store.(*sqlite.Store).Path()
		waiting := servers[0].do("update_contact", object{"contact": w.user(0).ID, "set": object{"phone": "+15005550006"}})
		answers, ended := make([]Result, len(servers)), make([]time.Time, len(servers))
		other := w.people(300, 1)[0]
		people := make([][]string, len(servers))
		var confirming sync.WaitGroup
		for i, server := range servers {
			defer server.Close(t.Context()) // within the bubble
			people[i] = w.people(100*i, 100)
			handle := server.do("bulk_update_contacts", rename(people[i], "Renamed"))["change"]
			confirming.Go(func() {
				answers[i] = server.try("confirm_change", object{"change": handle})
				ended[i] = time.Now()
			})
		}
		begun := func(list []string) bool {
			return slices.ContainsFunc(list, func(id string) bool {
				c, _ := w.sandbox.Contact(id)
				return c.Name == "Renamed"
			})
		}
		time.Sleep(1100 * time.Millisecond) // between two answers, so that no request leaves at the same instant
		for range 100 {
			if !slices.ContainsFunc(people, func(list []string) bool { return !begun(list) }) {
				break
			}
			time.Sleep(200 * time.Millisecond) // a server may wait for another at the store
		}
		operator, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer operator.Close()
		began := time.Now()
		if err := operator.Shared().Stops.Freeze(t.Context(), change.Actor{By: "Ann", Level: policy.LevelUser},
			"wrong names"); err != nil {
			t.Fatal(err)
		}
		confirming.Wait()
		for i := range servers {
			var counts object
			if err := json.Unmarshal(answers[i].JSON, &counts); err != nil || answers[i].Err != nil {
				t.Fatal(answers[i].Err, err)
			}
			renamed := 0
			for _, id := range people[i] {
				if c, _ := w.sandbox.Contact(id); c.Name == "Renamed" {
					renamed++
				}
			}
			if counts["status"] != "stopped" || counts["changed"] != float64(renamed) || renamed == 0 ||
				counts["not_sent"] != float64(100-renamed) || !strings.Contains(string(answers[i].JSON), "wrong names") {
				t.Errorf("server %d, %d of 100 renamed: %s", i, renamed, answers[i].JSON)
			}
			if took := ended[i].Sub(began); took > 2*time.Second {
				t.Errorf("server %d stopped after %v", i, took)
			}
		}
		write := object{"contact": other, "set": object{"name": "Ann"}}
		for _, call := range []func() *toolerr.Error{
			func() *toolerr.Error { return servers[1].refused(toolerr.PolicyDenied, "update_contact", write) },
			func() *toolerr.Error {
				return servers[2].refused(toolerr.PolicyDenied, "confirm_change", object{"change": waiting["change"]})
			},
		} {
			if err := call(); !strings.HasPrefix(err.Message, "Writes are frozen by Ann: wrong names") ||
				err.Data["rule"] != "freeze" {
				t.Errorf("refused: %v", err)
			}
		}
		servers[1].do("get_contact", object{"contact": other})
		if lifted, err := operator.Shared().Stops.Unfreeze(t.Context(), change.Actor{By: "Ann"}); !lifted || err != nil {
			t.Errorf("%t, %v", lifted, err)
		}
		servers[1].do("update_contact", write)
		if _, err := operator.VerifyAudit(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

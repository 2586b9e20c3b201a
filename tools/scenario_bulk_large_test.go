package tools

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom/sandbox"
)

// TestBulkLarge updates ten thousand contacts under a tight rate limit: in
// hardly more requests than it takes, none of them beyond the limit, while
// others read on; and takes it all back.
func TestBulkLarge(t *testing.T) {
	t.Parallel()
	large := large
	if testing.Short() {
		large = 1_000
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.RateLimit = large, 167 }))
		before := w.sandbox.Snapshot()
		everyone := object{
			"where": []object{{"field": "created_at", "operator": ">", "value": "2000-01-01"}},
			"set":   object{"custom_attributes": object{"plan": "enterprise"}},
		}
		pending := 0
		for _, c := range w.sandbox.Contacts() {
			if !c.Archived && !c.Blocked && c.MergedInto == "" && c.CustomAttributes["plan"] != "enterprise" {
				pending++
			}
		}
		waits := w.readMeanwhile()
		receipt := w.ended(w.asked("bulk_update_contacts", everyone, Accept))
		if longest := <-waits; longest > time.Second {
			t.Errorf("a read waited %v meanwhile", longest)
		}
		if receipt["status"] != "applied" || receipt["changed"] != float64(pending) {
			t.Errorf("receipt: %v", receipt)
		}
		least := 1 + 2*pages(large, 150) + 2*pages(pending, 100) + pages(pending, 150)
		calls := len(w.sandbox.Calls()) - requestsOfReads
		t.Logf("%d requests for %d contacts, the least possible is %d", calls, pending, least)
		if calls*10 > least*11 {
			t.Errorf("%d requests, the least possible is %d: %v", calls, least, routes(w.sandbox))
		}
		if limited := w.sandbox.RateLimited(); limited > 0 {
			t.Errorf("%d requests exceeded the rate limit", limited)
		}
		w.ended(w.asked("undo_change", object{"change": receipt["change"]}, Accept))
		if string(before) != string(w.sandbox.Snapshot()) {
			t.Errorf("after undoing (-before +now):\n%.1000s", cmp.Diff(string(before), string(w.sandbox.Snapshot())))
		}
	})
}

// ended waits for a change to end.
func (w *world) ended(receipt object) object {
	w.t.Helper()
	for receipt["status"] == "applying" {
		time.Sleep(time.Second)
		receipt = w.do("get_change", object{"change": receipt["change"]})
	}
	return receipt
}

const (
	readsMeanwhile  = 60
	requestsOfReads = 1 + 2*readsMeanwhile // the tags once; the contact and its companies
)

// readMeanwhile reads a contact every other second for two minutes, and then
// tells the longest that a read took.
func (w *world) readMeanwhile() <-chan time.Duration {
	longest := make(chan time.Duration, 1)
	id := w.sandbox.Contacts()[0].ID
	go func() {
		var most time.Duration
		for range readsMeanwhile {
			started := time.Now()
			args, _ := json.Marshal(object{"contact": id})
			if result, err := w.Call(context.Background(),
				Call{Tool: "get_contact", Args: args, Principal: "reader"}); err != nil ||
				result.Err != nil {
				w.t.Errorf("a read meanwhile: %v %v", err, result.Err)
			}
			most = max(most, time.Since(started))
			time.Sleep(2 * time.Second)
		}
		longest <- most
	}()
	return longest
}

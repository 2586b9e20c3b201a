package tools

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/internal/engine"
)

// observer keeps the requests that a client makes.
type observer struct {
	mu       sync.Mutex
	requests []string
	total    int
}

// observe keeps the requests of interactive priority, and those that are made for no change.
func (o *observer) observe(ctx context.Context, x intercom.Exchange) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.total++
	if x.Priority != intercom.PriorityBulk || engine.ChangeOf(ctx) == "" {
		o.requests = append(o.requests, fmt.Sprintf("%s %s, priority %d, of %q", x.Method, x.Route, x.Priority,
			engine.ChangeOf(ctx)))
	}
}

// background holds that do makes at least so many requests, all of them as background work of a change.
func (o *observer) background(t *testing.T, what string, least int, do func()) {
	t.Helper()
	o.mu.Lock()
	o.requests, o.total = nil, 0
	o.mu.Unlock()
	do()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.requests) > 0 || o.total < least {
		t.Errorf("%s: of %d requests these are not background work: %d, such as %q",
			what, o.total, len(o.requests), o.requests[:min(3, len(o.requests))])
	}
}

// tagging is a workspace whose 40 first people have eleven tags each, so that reading those takes requests of its own.
func tagging(t *testing.T) (*world, *sqlite.Store, *observer) {
	t.Helper()
	var o observer
	w, store := auditedWorld(t, func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Observe = o.observe })
	tags := w.sandbox.Tags()
	for _, id := range w.people(0, 40) {
		for _, tag := range tags[1:12] {
			w.direct("POST", "/contacts/"+id+"/tags", fmt.Sprintf(`{"id":%q}`, tag.ID))
		}
		if c, _ := w.sandbox.Contact(id); w.hasTag(c, "VIP") {
			w.direct("DELETE", "/contacts/"+id+"/tags/"+tags[0].ID, "")
		}
	}
	return w, store, &o
}

// TestBackgroundPriority makes every request of a bulk change and of its undo as background work, so that nobody who
// waits for an answer waits for it.
func TestBackgroundPriority(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _, o := tagging(t)
		args := object{"contacts": w.people(0, 40), "set": object{"add_tags": []string{"VIP"}, "name": "X"}}
		ask := w.question("bulk_update_contacts", args)
		var receipt object
		o.background(t, "a bulk change", 80, func() {
			receipt = w.do("bulk_update_contacts", args, answering(ask.Change, ask.Binding, Accept))
		})
		if receipt["changed"] != 40.0 {
			t.Errorf("receipt: %v", receipt)
		}
		args = object{"change": receipt["change"]}
		ask = w.question("undo_change", args)
		o.background(t, "its undo", 80, func() {
			receipt = w.do("undo_change", args, answering(ask.Change, ask.Binding, Accept))
		})
		if receipt["changed"] != 40.0 {
			t.Errorf("receipt: %v", receipt)
		}
	})
}

// TestBackgroundPriorityOfResuming resumes changes of many contacts and of one, which nobody waits for any more.
func TestBackgroundPriorityOfResuming(t *testing.T) {
	t.Parallel()
	for _, n := range []int{40, 1} {
		synctest.Test(t, func(t *testing.T) {
			w, store, o := tagging(t)
			var items []change.Item
			for _, id := range w.people(0, n) {
				c, _ := w.sandbox.Contact(id)
				item := renaming(c)
				item.Patch.AddTags = []change.Ref{{ID: w.sandbox.Tags()[0].ID, Name: "VIP"}}
				items = append(items, item)
			}
			c := leave(t, store.Path(), true, items...)
			time.Sleep(10 * time.Second)
			o.background(t, fmt.Sprint("resuming ", n), 2*n, func() {
				if after := w.resumed(c.ID); after.Status != change.StatusApplied {
					t.Errorf("it is %s", after.Status)
				}
			})
		})
	}
}

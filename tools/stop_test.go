package tools

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestStopAndGoOn stops a pipeline while a change is in Intercom's hands for a
// minute, all of it or the first jobs. The call that waits is answered at once,
// the pipeline ends within its patience, and the next one on the same file ends
// the change without sending anything twice.
func TestStopAndGoOn(t *testing.T) {
	for name, contacts := range map[string]int{"all sent": 300, "some sent": 900} {
		t.Run(name, func(t *testing.T) { stopAndGoOn(t, contacts) })
	}
}

func stopAndGoOn(t *testing.T, contacts int) {
	synctest.Test(t, func(t *testing.T) {
		const patience = 5 * time.Second
		path := filepath.Join(t.TempDir(), "state.db")
		first, err := change.OpenSQLite(path)
		if err != nil {
			t.Fatal(err)
		}
		slow := withSandbox(func(o *sandbox.Options) { o.Contacts, o.BulkDelay = contacts, time.Minute })
		w := newWorld(t, slow, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = first })
		w.Resume()
		ask := w.question(stormKind.tool, stormKind.args(w))
		answer := make(chan object, 1)
		go func() { answer <- w.do(stormKind.tool, stormKind.args(w), answering(ask.Change, ask.Binding, Accept)) }()
		time.Sleep(2 * time.Second)
		stopped := time.Now()
		w.Stop(patience)
		got := <-answer
		if waited := time.Since(stopped); waited > lastWait {
			t.Errorf("answered %v after the stop, want at most %v", waited, lastWait)
		}
		if note, _ := got["note"].(string); got["status"] != "applying" || !strings.Contains(note, "the server is stopping") {
			t.Errorf("answered %v", got)
		}
		w.Close(context.Background())
		if waited := time.Since(stopped); waited > patience {
			t.Errorf("closed %v after the stop, want at most %v", waited, patience)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)

		second, err := change.OpenSQLite(path)
		if err != nil {
			t.Fatal(err)
		}
		defer second.Close() // it is idle by then
		next, err := New(Config{Client: w.client, Policy: w.current, Store: second})
		if err != nil {
			t.Fatal(err)
		}
		next.resumeInterrupted(t.Context())
		next.Close(t.Context())
		c, err := second.Get(t.Context(), "local", ask.Change)
		if err != nil {
			t.Fatal(err)
		}
		if counts := change.CountItems(c.Items); c.Status != change.StatusApplied || counts.Changed+counts.Unchanged != len(c.Items) {
			t.Errorf("the change is %s: %+v", c.Status, counts)
		}
		if sent := routes(w.sandbox)["PUT /contacts/bulk 202"]; sent != pages(len(c.Items), 100) {
			t.Errorf("%d bulk jobs for %d contacts", sent, len(c.Items))
		}
	})
}

// A pipeline that stops begins nothing any more: a write that needs no
// confirmation is over, a confirmed one waits for another time.
func TestStopBeforeTheStart(t *testing.T) {
	w := newWorld(t)
	contact := w.people(0, 1)[0]
	waiting := w.waiting(20)
	w.Stop(time.Minute)
	w.refused(Busy, "update_contact", object{"contact": contact, "set": object{"name": "Ann"}})
	latest := w.do("list_changes", object{})
	if rows := fmt.Sprint(latest["rows"]); !strings.Contains(rows, string(change.StatusCancelled)) {
		t.Errorf("changes: %s", rows)
	}
	w.refused(Busy, "confirm_change", object{"change": waiting})
	if status := w.status(waiting); status != string(change.StatusAwaiting) {
		t.Errorf("the waiting change is %s", status)
	}
	w.idle()
}

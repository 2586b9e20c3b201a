package tools

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/toolerr"
)

// TestPauseAndGoOn pauses a pipeline while a change is in Intercom's hands for a
// while, all of it or the first jobs. The call that waits is answered at once,
// the pipeline ends within its patience, and the next one on the same file ends
// the change without sending anything twice.
func TestPauseAndGoOn(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]sandbox.Options{
		"all sent":           {Contacts: 300, BulkDelay: time.Minute},
		"some sent":          {Contacts: 900, BulkDelay: time.Minute},
		"some sent and done": {Contacts: 900, BulkDelay: 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) { pauseAndGoOn(t, o) })
	}
}

func pauseAndGoOn(t *testing.T, o sandbox.Options) {
	synctest.Test(t, func(t *testing.T) {
		path := stateFile(t)
		w, handle := pausedAtWork(t, path, o)
		time.Sleep(2 * time.Minute)
		store, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close() // it is idle by then
		for _, next := range []struct {
			mode policy.Mode
			want change.Status
		}{{policy.ModeRead, change.StatusApplying}, {policy.ModeWrite, change.StatusApplied}} {
			inForce := *policy.Default(next.mode)
			inForce.Limits.StopAfter = policy.StopAfter{}
			p, err := New(Config{Client: w.client, Policy: policy.Always(&inForce), Store: store})
			if err != nil {
				t.Fatal(err)
			}
			p.Resume()
			time.Sleep(5 * time.Minute)
			p.Close(t.Context())
			c, err := store.Get(t.Context(), "local", handle)
			if err != nil {
				t.Fatal(err)
			}
			if c.Status != next.want {
				t.Errorf("in mode %s the change came to be %s: %+v", next.mode, c.Status, change.CountItems(c.Items))
			}
			if sent := routes(w.sandbox)["PUT /contacts/bulk 202"]; c.Status == change.StatusApplied &&
				sent != pages(len(c.Items), 100) {
				t.Errorf("%d bulk jobs for %d contacts", sent, len(c.Items))
			}
		}
	})
}

// pausedAtWork pauses a pipeline while it applies a change, and returns the
// change's handle.
func pausedAtWork(t *testing.T, path string, dials sandbox.Options) (*world, string) {
	const patience = 5 * time.Second
	store, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	slow := withSandbox(func(o *sandbox.Options) { *o = dials })
	w := newWorld(t, slow, unstopped, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = store })
	ask := w.question(stormKind.tool, stormKind.args(w))
	answer := make(chan object, 1)
	go func() { answer <- w.do(stormKind.tool, stormKind.args(w), answering(ask.Change, ask.Binding, Accept)) }()
	time.Sleep(2 * time.Second)
	paused := time.Now()
	w.Pause(patience)
	got := <-answer
	if waited := time.Since(paused); waited > engine.WaitAtEnd {
		t.Errorf("answered %v after the pause, want at most %v", waited, engine.WaitAtEnd)
	}
	if note, _ := got["note"].(string); got["status"] != "applying" || !strings.Contains(note, "the server is stopping") {
		t.Errorf("answered %v", got)
	}
	w.Close(context.Background())
	if waited := time.Since(paused); waited > patience {
		t.Errorf("closed %v after the pause, want at most %v", waited, patience)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return w, ask.Change
}

// A pipeline that stops begins nothing any more: a write that needs no
// confirmation is over, a confirmed one waits for another time.
func TestStopBeforeTheStart(t *testing.T) {
	w := newWorld(t)
	contact := w.people(0, 1)[0]
	waiting := w.waiting(20)
	w.Stop(time.Minute)
	w.refused(toolerr.Busy, "update_contact", object{"contact": contact, "set": object{"name": "Ann"}})
	latest := w.do("list_changes", object{})
	if rows := fmt.Sprint(latest["rows"]); !strings.Contains(rows, string(change.StatusCancelled)) {
		t.Errorf("changes: %s", rows)
	}
	w.refused(toolerr.Busy, "confirm_change", object{"change": waiting})
	if status := w.status(waiting); status != string(change.StatusAwaiting) {
		t.Errorf("the waiting change is %s", status)
	}
	w.idle()
}

// A pipeline that stops for good finishes what is in Intercom's hands, and says
// of the rest that it was not sent.
func TestStopFinishesWhatWasSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unstopped, withSandbox(func(o *sandbox.Options) { o.Contacts, o.BulkDelay = 900, 10*time.Second }))
		ask := w.question(stormKind.tool, stormKind.args(w))
		go func() {
			time.Sleep(2 * time.Second)
			w.Stop(time.Minute)
		}()
		w.do(stormKind.tool, stormKind.args(w), answering(ask.Change, ask.Binding, Accept))
		w.Close(context.Background())
		c, err := w.store.Get(t.Context(), "local", ask.Change)
		if err != nil {
			t.Fatal(err)
		}
		sent := engine.JobsAtOnce * engine.BulkChunk
		if counts := change.CountItems(c.Items); c.Status != change.StatusStopped || counts.Changed != sent ||
			counts.NotSent != len(c.Items)-sent-counts.Unchanged {
			t.Errorf("the change is %s: %+v", c.Status, counts)
		}
		for _, item := range c.Items {
			if item.Outcome == change.NotSent && item.Failure.Reason != "not sent: the server was stopped" {
				t.Fatalf("%s failed: %s", item.TargetID, item.Failure.Reason)
			}
		}
	})
}

// TestStopWhileSlow stops a pipeline for good while Intercom takes its time, and
// lets the next one go on with the change: what was not begun is written by nobody.
func TestStopWhileSlow(t *testing.T) {
	t.Parallel()
	mixed := func(w *world) object {
		var updates []object
		for i, id := range w.people(0, 30) {
			set := object{"name": "Renamed"}
			if i >= 20 {
				set = object{"phone": ""} // no bulk job can clear it
			}
			updates = append(updates, object{"contact": id, "set": set})
		}
		return object{"updates": updates}
	}
	for name, test := range map[string]struct {
		dials sandbox.Options
		tool  string
		args  func(w *world) object
		most  int // contacts that were begun
	}{
		"one by one": {sandbox.Options{Latency: 3 * time.Second}, "archive_contacts",
			func(w *world) object { return object{"contacts": w.people(0, 60)} }, 2 * engine.SingleWorkers},
		"without bulk jobs": {sandbox.Options{Latency: 3 * time.Second, NoPreview: true}, "bulk_update_contacts",
			func(w *world) object { return rename(w.people(0, 60), "Renamed") }, 2 * engine.SingleWorkers},
		"after the bulk jobs": {sandbox.Options{BulkDelay: time.Minute}, "bulk_update_contacts", mixed, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { stopWhileSlow(t, test.dials, test.tool, test.args, test.most) })
		})
	}
}

func stopWhileSlow(t *testing.T, dials sandbox.Options, tool string, args func(w *world) object, most int) {
	path := stateFile(t)
	w, store := filed(t, path, dials, 0)
	ask := w.question(tool, args(w))
	answered := make(chan Result, 1)
	go func() { answered <- w.try(tool, args(w), answering(ask.Change, ask.Binding, Accept)) }()
	for len(w.writes()) == 0 {
		time.Sleep(100 * time.Millisecond)
	}
	w.Stop(time.Second)
	<-answered
	w.Close(context.Background())
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	w.sandbox.ResetCalls()
	c := w.wentOn(path, ask.Change)
	if n := change.CountItems(c.Items); !c.Status.Ended() || n.Changed+n.Unknown > most || n.Pending > 0 {
		t.Errorf("the change is %s: %+v", c.Status, n)
	}
	if sent := w.writes(); len(sent) > 0 {
		t.Errorf("the next one sent %v", sent)
	}
	for _, item := range c.Items {
		if item.Outcome == change.Failed && (!strings.HasPrefix(item.Failure.Reason, "not sent: ") ||
			!strings.Contains(item.Failure.Reason, "server")) {
			t.Errorf("%s failed: %s", item.TargetID, item.Failure.Reason)
		}
	}
}

// A pipeline that stops for good says at once what it did not send, however long
// Intercom works on what was sent; the next one reads that back, and sends nothing.
func TestStopSendsNothingLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := stateFile(t)
		w, store := filed(t, path, sandbox.Options{Contacts: 900, BulkDelay: time.Minute}, 0, unstopped)
		ask := w.question(stormKind.tool, stormKind.args(w))
		go func() {
			time.Sleep(2 * time.Second)
			w.Stop(time.Second)
		}()
		w.do(stormKind.tool, stormKind.args(w), answering(ask.Change, ask.Binding, Accept))
		w.Close(context.Background())
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		c := w.wentOn(path, ask.Change)
		sent := engine.JobsAtOnce * engine.BulkChunk
		if counts := change.CountItems(c.Items); c.Status != change.StatusStopped || counts.Changed != sent ||
			counts.NotSent != len(c.Items)-sent-counts.Unchanged {
			t.Errorf("the change is %s: %+v", c.Status, counts)
		}
		if jobs := routes(w.sandbox)["PUT /contacts/bulk 202"]; jobs != engine.JobsAtOnce {
			t.Errorf("%d bulk jobs", jobs)
		}
		recorded := 0
		again, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close() // it only reads
		for e, err := range again.Events(t.Context(), change.EventQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind == change.KindRecorded {
				recorded++
			}
		}
		if recorded > 8 {
			t.Errorf("outcomes were recorded in %d steps", recorded)
		}
	})
}

package tools

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// processes makes pipelines that share w's Intercom and one file of changes, as
// several servers of a desktop do.
func (w *world) processes(n int) []*world {
	w.t.Helper()
	path := stateFile(w.t)
	var all []*world
	for range n {
		store, err := sqlite.Open(path)
		if err != nil {
			w.t.Fatal(err)
		}
		p, err := New(Config{Client: w.client, Policy: w.current, Store: store, Approvers: w.approvers})
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() {
			p.Close(context.Background())
			if err := store.Close(); err != nil {
				w.t.Error(err)
			}
		})
		all = append(all, &world{p, w.t, w.sandbox})
	}
	return all
}

// TestSameWriteAtOnceByManyServers makes one and the same call in several processes
// at once, as clients do that lost their connection: it is written once, and each
// is answered with that.
func TestSameWriteAtOnceByManyServers(t *testing.T) {
	t.Parallel()
	for _, write := range []struct {
		tool string
		args func(w *world) object
	}{
		{"add_note", func(w *world) object { return object{"contact": w.user(0).ID, "body": "Called back."} }},
		{"create_contact", func(*world) object { return object{"set": object{"name": "Ann Twice", "role": "lead"}} }},
	} {
		t.Run(write.tool, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency = 20 * time.Millisecond }))
				args := write.args(w)
				changes := make(map[string]int)
				var mu sync.Mutex
				var calling sync.WaitGroup
				for _, process := range w.processes(3) {
					for range 5 {
						calling.Go(func() {
							result := process.try(write.tool, args)
							if result.Err != nil {
								t.Error(result.Err)
								return
							}
							var receipt render.ChangeResult
							if err := json.Unmarshal(result.JSON, &receipt); err != nil {
								t.Error(err)
							}
							if receipt.Status != "applied" || receipt.Created == "" {
								t.Errorf("receipt: %s", result.JSON)
							}
							mu.Lock()
							defer mu.Unlock()
							changes[receipt.Change]++
						})
					}
				}
				calling.Wait()
				if sent := w.writes(); len(sent) != 1 || len(changes) != 1 {
					t.Errorf("sent: %v; changes: %v", sent, changes)
				}
			})
		})
	}
}

// TestCancelByAnotherServer cancels a change that another process applies: it stops,
// and both are told the same of what was done.
func TestCancelByAnotherServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency, o.NoPreview = 200*time.Millisecond, true }))
		both := w.processes(2)
		defer both[0].Close(t.Context()) // within the bubble
		defer both[1].Close(t.Context())
		handle := both[0].do("bulk_update_contacts", rename(w.people(0, 200), "Renamed"))["change"]
		var confirmed Result
		var confirming sync.WaitGroup
		confirming.Go(func() { confirmed = both[0].try("confirm_change", object{"change": handle}) })
		time.Sleep(2 * time.Second)
		cancelled := both[1].do("cancel_change", object{"change": handle})
		confirming.Wait()
		var receipt object
		if err := json.Unmarshal(confirmed.JSON, &receipt); err != nil {
			t.Fatal(err, confirmed.Err)
		}
		if cancelled["status"] != "stopped" || cancelled["changed"] != receipt["changed"] ||
			cancelled["not_sent"] != receipt["not_sent"] {
			t.Errorf("cancelled: %v\nconfirmed: %v", cancelled, receipt)
		}
		renamed := 0
		for _, c := range w.sandbox.Contacts() {
			if c.Name == "Renamed" {
				renamed++
			}
		}
		if float64(renamed) != receipt["changed"] || renamed > 120 {
			t.Errorf("%d contacts were written, told %v", renamed, receipt["changed"])
		}
	})
}

// TestConfirmByAnotherServer confirms a change that another process applies already:
// both wait for its end, and are told the same.
func TestConfirmByAnotherServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency = 200 * time.Millisecond }))
		both := w.processes(2)
		defer both[0].Close(t.Context())
		defer both[1].Close(t.Context())
		handle := both[0].do("bulk_update_contacts", rename(w.people(0, 40), "Renamed"))["change"]
		results := make([]string, 2)
		var confirming sync.WaitGroup
		for i, process := range both {
			confirming.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				results[i] = string(process.try("confirm_change", object{"change": handle}).JSON)
			})
		}
		confirming.Wait()
		if results[0] == "" || results[0] != results[1] {
			t.Errorf("%s\n%s", results[0], results[1])
		}
	})
}

// TestUndoAtOnceByManyServers undoes a change in several processes at once: one puts it
// back, and each is answered with that.
func TestUndoAtOnceByManyServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency = 20 * time.Millisecond }))
		processes := w.processes(3)
		written := processes[0].do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "Ann Wrong"}})
		undone := make(map[any]int)
		var mu sync.Mutex
		var calling sync.WaitGroup
		for _, process := range processes {
			for range 3 {
				calling.Go(func() {
					result := process.try("undo_change", object{"change": written["change"]})
					mu.Lock()
					defer mu.Unlock()
					if result.Err != nil {
						undone[result.Err.Code]++ // it came when all was over
						return
					}
					var receipt render.ChangeResult
					if err := json.Unmarshal(result.JSON, &receipt); err != nil || receipt.Status != "applied" {
						t.Errorf("%s, %v", result.JSON, err)
					}
					undone[receipt.Change]++
				})
			}
		}
		calling.Wait()
		if delete(undone, toolerr.ChangeUsed); len(undone) != 1 {
			t.Errorf("undone by: %v", undone)
		}
		if name := w.user(0).Name; name == "Ann Wrong" {
			t.Errorf("it is called %s", name)
		}
	})
}

// TestUndoConfirmedTwice confirms at once, in two processes, two changes that put
// the same back: one does.
func TestUndoConfirmedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Latency = 20 * time.Millisecond }))
		processes := w.processes(2)
		written := processes[0].do("update_contact", object{"contact": w.user(0).ID, "set": object{"phone": "+15005550006"}})
		processes[0].do("confirm_change", object{"change": written["change"]})
		handles := make([]any, len(processes))
		for i, process := range processes {
			handles[i] = process.do("undo_change", object{"change": written["change"]})["change"]
		}
		results := make([]Result, len(processes))
		var calling sync.WaitGroup
		for i, process := range processes {
			calling.Go(func() { results[i] = process.try("confirm_change", object{"change": handles[i]}) })
		}
		calling.Wait()
		applied := 0
		for _, result := range results {
			switch {
			case result.Err == nil:
				applied++
			case result.Err.Code != toolerr.ChangeUsed && result.Err.Code != toolerr.ChangeStale:
				t.Error(result.Err)
			}
		}
		if applied != 1 || w.user(0).Phone == "+15005550006" {
			t.Errorf("%d were applied, its phone is %s", applied, w.user(0).Phone)
		}
	})
}

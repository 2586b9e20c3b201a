package tools

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// slowStore lets other calls go on between what it is asked and what comes of
// the answer.
type slowStore struct{ change.Store }

func (s slowStore) Recent(ctx context.Context, c change.Change, at time.Time) (change.Recent, error) {
	recent, err := s.Store.Recent(ctx, c, at)
	for range 100 {
		runtime.Gosched()
	}
	return recent, err
}

func onSlowStore(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = slowStore{c.Store} }

// TestUnconfirmedWritesAddUp makes many small calls at once: together they
// write no more without a confirmation than one after the other.
func TestUnconfirmedWritesAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onSlowStore)
		statuses := make([]string, 20)
		var calling sync.WaitGroup
		for i := range statuses {
			calling.Go(func() {
				statuses[i], _ = w.do("bulk_update_contacts", rename(w.people(5*i, 5), "Renamed"))["status"].(string)
			})
		}
		calling.Wait()
		count := make(map[string]int)
		for _, status := range statuses {
			count[status]++
		}
		if count["applied"] != 5 || count["awaiting"] != 15 {
			t.Errorf("of 20 calls of 5 contacts each, 5 may pass unconfirmed: %v", count)
		}
		renamed := 0
		for _, c := range w.sandbox.Contacts() {
			if c.Name == "Renamed" {
				renamed++
			}
		}
		if renamed != 25 {
			t.Errorf("%d contacts were written unconfirmed", renamed)
		}
	})
}

// TestAgentsConfirmationsAddUp plans more than an agent may confirm by itself
// within ten minutes, and confirms all of it at once.
func TestAgentsConfirmationsAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, onSlowStore, withSandbox(func(o *sandbox.Options) { o.Contacts = 900 }))
		handles, results := make([]string, 3), make([]Result, 3)
		for i := range handles {
			handles[i] = w.do("bulk_update_contacts", rename(w.people(200*i, 200), "Renamed"))["change"].(string)
		}
		var confirming sync.WaitGroup
		for i, handle := range handles {
			confirming.Go(func() { results[i] = w.try("confirm_change", object{"change": handle}) })
		}
		confirming.Wait()
		refused := ""
		for i, result := range results {
			if result.Err == nil {
				continue
			}
			if refused != "" || result.Err.Code != toolerr.PolicyDenied || result.Err.Data["rule"] != "contacts_per_10m" {
				t.Errorf("%s %v", result.Err.Code, result.Err)
			}
			refused = handles[i]
		}
		if refused == "" {
			t.Fatal("an agent has confirmed 600 contacts by itself, the limit is 500")
		}
		time.Sleep(11 * time.Minute)
		if receipt := w.do("confirm_change", object{"change": refused}); receipt["changed"] != 200.0 {
			t.Error(receipt)
		}
	})
}

// TestPastTheLimit calls what adds nothing to the contacts written, when there
// are so many that anything more would be asked about: it is recorded once.
func TestPastTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		first := w.do("bulk_update_contacts", rename(w.people(0, 3), "Renamed"))
		many := w.do("bulk_update_contacts", rename(w.people(20, 30), "Renamed"))
		w.do("confirm_change", object{"change": many["change"]})
		for _, receipt := range []object{
			w.do("bulk_update_contacts", rename(w.people(20, 2), "Renamed")), // they have that name
			w.do("undo_change", object{"change": first["change"]}),
		} {
			if receipt["status"] != "applied" {
				t.Errorf("receipt: %v", receipt)
			}
		}
		if rows := w.do("list_changes", object{})["rows"].([]any); len(rows) != 4 {
			t.Errorf("%d changes are on record, want 4: %v", len(rows), rows)
		}
	})
}

package tools

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestWait asks for a change that nobody works on at the moment, and for one that
// waits for Intercom: each says so.
func TestWait(t *testing.T) {
	t.Parallel()
	t.Run("the disk is full", func(t *testing.T) {
		store := &failingStore{Store: stuckStore{change.NewMemory(10),
			[]change.Status{change.StatusApplied, change.StatusUnknown}}}
		w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = store })
		receipt := w.do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "Renamed"}})
		for _, answer := range []object{receipt, w.do("get_change", object{"change": receipt["change"]})} {
			if note, _ := answer["note"].(string); answer["status"] != "applying" ||
				!strings.HasPrefix(note, "not at work here: another server applies it, or one takes it up within a minute") {
				t.Errorf("%v", answer)
			}
		}
	})
	t.Run("Intercom is down", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, store := auditedWorld(t)
			c := leave(t, store.Path(), true, renaming(w.user(0)))
			time.Sleep(10 * time.Second)
			up := w.sandbox.AddFault(sandbox.Fault{Path: "/contacts/*", Status: 503})
			w.Resume()
			time.Sleep(10 * time.Minute)
			answer := w.do("get_change", object{"change": c.ID})
			if note, _ := answer["note"].(string); answer["status"] != "applying" ||
				!strings.HasPrefix(note, "waits for Intercom, and then goes on: Intercom does not answer as it should") {
				t.Errorf("%v", answer)
			}
			up()
			time.Sleep(time.Minute)
			if answer := w.do("get_change", object{"change": c.ID}); answer["status"] != "applied" {
				t.Errorf("%v", answer)
			}
		})
	})
}

package tools

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/exports"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/toolerr"
)

// TestCutOld exports changes of all kinds with their trail when they are as old as the policy says, and cuts them off;
// while the folder is not there, it keeps them, and warns once.
func TestCutOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const year = 365 * 24 * time.Hour
		folder := filepath.Join(t.TempDir(), "exports")
		var log bytes.Buffer
		w, store := auditedWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
			p := *policy.Default(policy.ModeWrite)
			p.Retention.Records, p.Retention.Folder = year, folder
			c.Policy, c.Log = policy.Always(&p), slog.New(slog.NewTextHandler(&log, nil))
		})
		renamed := func(name string) any {
			return w.do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": name}})["change"]
		}
		old := renamed("Renamed Once")
		w.do("undo_change", object{"change": old})
		w.do("tag_contacts", object{"contacts": w.people(1, 8), "tag": "VIP"})
		w.refused(toolerr.NotFound, "update_contact", object{"contact": "nobody@example.com", "set": object{"name": "A"}})
		waiting := w.waiting(20)
		time.Sleep(year / 2)
		middle := renamed("Renamed Twice")
		before, err := store.VerifyAudit(t.Context())
		if err != nil {
			t.Fatal(err)
		}

		time.Sleep(year/2 + engine.PurgeEvery)
		for range 2 {
			w.resumer.PurgeOld(t.Context())
			again := w.resumer.CutOld(t.Context())
			if n := strings.Count(log.String(), "cutting off what is older"); again <= 0 || n != 1 {
				t.Errorf("again in %v, warned %d times", again, n)
			}
		}
		if found, err := store.VerifyAudit(t.Context()); err != nil || found.First != 1 {
			t.Errorf("%+v, %v", found, err)
		}
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		for w.resumer.CutOld(t.Context()) == 0 {
		}
		time.Sleep(engine.PurgeEvery) // in which what waited, and has expired now, rests
		w.Resume()
		time.Sleep(4 * engine.ResumeFirst)
		for _, gone := range []any{old, waiting} {
			w.refused(toolerr.NotFound, "get_change", object{"change": gone})
			w.refused(toolerr.NotFound, "undo_change", object{"change": gone})
		}
		if shown := string(w.try("get_change", object{"change": middle}).JSON); !strings.Contains(shown,
			`"status":"applied"`) {
			t.Error(shown)
		}
		renamed("Renamed Thrice")
		found, err := exports.Verify(t.Context(), store, folder, before.Head)
		if err != nil || found.First != 1 || found.Head.Seq <= before.Head.Seq {
			t.Errorf("%+v, %v", found, err)
		}
		var cuts, changes int
		for e, err := range store.Events(t.Context(), change.EventQuery{Kind: change.KindCut}) {
			cut, failed := e.Cut()
			if err != nil || failed != nil || cut.Exported.Folder != folder {
				t.Errorf("%+v, %v, %v", cut, failed, err)
			}
			cuts, changes = cuts+1, changes+cut.Changes
		}
		if cuts != 2 || changes != 4 || strings.Count(log.String(), "cut off and exported the oldest") != 2 {
			t.Errorf("%d cuts of %d changes: %s", cuts, changes, &log)
		}
	})
}

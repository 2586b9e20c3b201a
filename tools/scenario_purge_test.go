package tools

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/toolerr"
)

// TestPurgeOld keeps of a change, after some months, what became of it and not
// what was written. It cannot be undone then.
func TestPurgeOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := auditedWorld(t)
		ann := w.user(0)
		old := w.do("update_contact", object{"contact": ann.ID, "set": object{"name": "Renamed Once"}})["change"]
		shows := func(handle any) string {
			return string(w.try("get_change", object{"change": handle}).JSON)
		}
		time.Sleep(engine.KeepFor - engine.PurgeEvery)
		young := w.do("update_contact", object{"contact": ann.ID, "set": object{"name": "Renamed Twice"}})["change"]
		w.resumer.PurgeOld(t.Context())
		if now := shows(old); !strings.Contains(now, "Renamed Once") || strings.Contains(now, "no more") {
			t.Errorf("forgotten too early: %s", now)
		}
		time.Sleep(2 * engine.PurgeEvery)
		w.Resume()
		time.Sleep(2 * engine.ResumeFirst)
		now := shows(old)
		if strings.Contains(now, "Renamed Once") || strings.Contains(now, ann.Name) || strings.Contains(now, ann.Email) {
			t.Errorf("still known: %s", now)
		}
		for _, kept := range []string{`"changed":1`, `"status":"applied"`, ann.ID, "no more"} {
			if !strings.Contains(now, kept) {
				t.Errorf("without %s: %s", kept, now)
			}
		}
		w.refused(toolerr.ChangeUsed, "undo_change", object{"change": old})
		if undone := w.do("undo_change", object{"change": young}); undone["status"] != "applied" {
			t.Errorf("a younger change: %v", undone)
		}
	})
}

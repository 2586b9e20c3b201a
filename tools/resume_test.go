package tools

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestResumeMany resumes a change of two thousand contacts whose process died
// before it sent anything: by id are read no more of them than it may have
// sent besides, had it been at work.
func TestResumeMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state.db")
		dead, err := change.OpenSQLite(path)
		if err != nil {
			t.Fatal(err)
		}
		dead.Lease = time.Second
		store, err := change.OpenSQLite(path)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close() // it is idle by then
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts = 2000 }),
			func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = store })
		ask := w.try(stormKind.tool, stormKind.args(w), func(c *Call) { c.CanAsk = true }).Ask
		begun := change.Step{To: change.StatusApplying, At: time.Now(), Approval: &change.Approval{Level: policy.LevelUser, By: "local", At: time.Now()}}
		if _, err := dead.Advance(t.Context(), ask.Change, begun); err != nil {
			t.Fatal(err)
		}
		if err := dead.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * dead.Lease)
		w.sandbox.ResetCalls()
		w.resumeInterrupted(t.Context())
		if status := w.do("get_change", object{"change": ask.Change})["status"]; status != "applied" {
			t.Errorf("the change is %v", status)
		}
		if read := routes(w.sandbox)["GET /contacts/{id} 200"]; read > maySend {
			t.Errorf("%d contacts were read by id, want at most %d", read, maySend)
		}
	})
}

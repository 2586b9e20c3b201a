package main

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestStateOfOneWorkspace gives the file of one workspace's changes to a server
// with another one's token. Nothing is shown of them and nothing is written,
// wherever the two are reached.
func TestStateOfOneWorkspace(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.db")
	rename := []string{"update_contact", `{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`}
	call := func(w *sandbox.Sandbox, host string, args ...string) string {
		t.Helper()
		server := httptest.NewServer(w)
		defer server.Close()
		stdout, stderr := newTape(), newTape()
		args = append([]string{"call", "--token", "t", "--base-url", strings.Replace(server.URL, "127.0.0.1", host, 1), "--state", state}, args...)
		run(t.Context(), args, nil, stdout, stderr, environment())
		return stdout.String() + stderr.String()
	}
	ours := sandbox.New(sandbox.Options{WorkspaceID: "ours"})
	if out := call(ours, "127.0.0.1", rename...); !strings.Contains(out, `"awaiting"`) {
		t.Fatal(out)
	}
	theirs := sandbox.New(sandbox.Options{WorkspaceID: "theirs"})
	for _, args := range [][]string{rename, {"list_changes"}} {
		out := call(theirs, "127.0.0.1", args...)
		if !strings.Contains(out, "store_unavailable") || !strings.Contains(out, "of workspace ours, and the access token is of theirs") {
			t.Errorf("%v: %s", args, out)
		}
	}
	for _, r := range theirs.Calls() {
		if r.Method != "GET" {
			t.Errorf("sent: %s %s", r.Method, r.Path)
		}
	}
	if out := call(ours, "localhost", "list_changes"); !strings.Contains(out, "update_contact") {
		t.Errorf("under another name of its host: %s", out)
	}
}

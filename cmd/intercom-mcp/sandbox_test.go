package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestSandboxServer reaches the embedded Intercom as its greeting says.
func TestSandboxServer(t *testing.T) {
	t.Parallel()
	faults := filepath.Join(t.TempDir(), "faults.yaml")
	if err := os.WriteFile(faults, []byte("faults:\n  - {path: /tags, status: 503}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := launch(t, nil, environment(), "sandbox", "--addr", "127.0.0.1:0", "--contacts", "3", "--faults", faults)
	url := server.stdout.await(t, `listens on (http://\S+)`)
	server.stdout.await(t, `(--base-url `+regexp.QuoteMeta(url)+`)`)
	status, body := get(t, url+"/contacts?per_page=1")
	var list struct {
		TotalCount int `json:"total_count"`
	}
	if err := json.Unmarshal([]byte(body), &list); status != http.StatusOK || err != nil {
		t.Errorf("/contacts: %d %s (%v)", status, body, err)
	}
	if status, body := get(t, url+"/tags"); status != http.StatusServiceUnavailable {
		t.Errorf("/tags: %d %s", status, body)
	}
	server.stop()
	if code := <-server.code; code != exitOK {
		t.Errorf("exit code %d: %s", code, server.stderr)
	}
}

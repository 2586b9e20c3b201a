package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestStateInfoAndBackup sums up a state file, and copies it while a store has it open.
func TestStateInfoAndBackup(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 20}))
	defer server.Close()
	dir := t.TempDir()
	state, backup := filepath.Join(dir, "state.db"), filepath.Join(dir, "copy.db")
	policy := filepath.Join(dir, "policy.yaml")
	keep := []byte("retention: {values: 30d}\n")
	if err := os.WriteFile(policy, keep, 0o600); err != nil {
		t.Fatal(err)
	}
	say := func(want string, code int, args ...string) string {
		t.Helper()
		got, stdout, stderr := output(t, args...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Errorf("%s: exit code %d, want %d: %s%s", args, got, code, stdout, stderr)
		}
		return stdout
	}
	say("there is no audit trail yet", exitUsage, "state", "info", "--state", state)
	writeAs(t, "ann", server.URL, state, `{"contact":"external_id:u-10001","set":{"name":"Wrong"}}`)
	writeAs(t, "ann", server.URL, state, `{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`)
	say("2 of 2 records: 1 awaiting, 1 applied", exitOK, "state", "info", "--state", state)
	say("values 30 days (0 changes have lost theirs), records and trail for good", exitOK,
		"state", "info", "--state", state, "--policy", policy)
	var info stateInfo
	if err := json.Unmarshal([]byte(say("", exitOK, "state", "info", "--state", state, "--json")), &info); err != nil ||
		info.Waiting != 1 || info.Items != 2 || info.ValuesDays != 90 {
		t.Errorf("%+v: %v", info, err)
	}
	say("copied "+state, exitOK, "state", "backup", backup, "--state", state)
	if stat, err := os.Stat(backup); err != nil || stat.Mode().Perm()&0o077 != 0 {
		t.Errorf("the copy: %v, %v", stat.Mode(), err)
	}
	say("head: "+info.Head, exitOK, "audit", "verify", "--state", backup)
	say("is there already", exitFailed, "state", "backup", backup, "--state", state)
}

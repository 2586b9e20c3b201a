package main

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestFreezeCommands freezes writes and lifts that again, with no token and no Intercom.
func TestFreezeCommands(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 20}))
	defer server.Close()
	state := filepath.Join(t.TempDir(), "state.db")
	say := func(want string, code int, args ...string) {
		t.Helper()
		got, stdout, stderr := output(t, append(args, "--state", state)...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Errorf("%s: exit code %d, want %d: %s%s", args[0], got, code, stdout, stderr)
		}
	}
	write := []string{"call", "update_contact", `{"contact":"external_id:u-10001","set":{"name":"Ann"}}`, "--token", "t",
		"--base-url", server.URL}
	read := []string{"call", "get_contact", `{"contact":"external_id:u-10001"}`, "--token", "t", "--base-url", server.URL}
	say("there is no server that has written anything yet", exitUsage, "freeze", "wrong tags")
	say(`"status":"applied"`, exitOK, write...)
	say("the reason is empty", exitUsage, "freeze", " ")
	say("writes are frozen by ann: wrong tags", exitOK, "freeze", " wrong\ntags ", "--by", "ann")
	say("writes are frozen by ann: wrong tags (since ", exitFailed, "freeze", "again")
	say("Writes are frozen by ann: wrong tags. Nothing was changed; reading goes on.", exitFailed, write...)
	say(`"name":"Ann"`, exitOK, read...)
	say("BAD   state        writes are frozen by ann: wrong tags", exitFailed, "doctor", "--token", "t", "--base-url",
		server.URL)
	say(`reason="wrong tags"`, exitOK, "audit", "list")
	say("intact: ", exitOK, "audit", "verify")
	say("writes are allowed again", exitOK, "unfreeze", "--by", "ben")
	say("writes were not frozen", exitOK, "unfreeze")
	say(`"status":"applied"`, exitOK, "call", "update_contact",
		`{"contact":"external_id:u-10001","set":{"name":"Ben"}}`, "--token", "t", "--base-url", server.URL)
}

package main

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestStateErase erases a person by the state file alone, and tells what it did.
func TestStateErase(t *testing.T) {
	t.Parallel()
	sb := sandbox.New(sandbox.Options{Contacts: 20})
	server := httptest.NewServer(sb)
	defer server.Close()
	contact := sb.ContactsWhere(func(c *sandbox.Contact) bool { return c.ExternalID == "u-10001" })[0]
	state := filepath.Join(t.TempDir(), "state.db")
	say := func(want string, code int, args ...string) {
		t.Helper()
		got, stdout, stderr := output(t, append(args, "--state", state)...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Errorf("%s: exit code %d, want %d: %s%s", args, got, code, stdout, stderr)
		}
	}
	say("there are no changes yet", exitUsage, "state", "erase", contact.Email)
	writeAs(t, "ann", server.URL, state, `{"contact":"external_id:u-10001","set":{"name":"Wrong"}}`)
	waiting := writeAs(t, "ann", server.URL, state, `{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`)[0]
	say("has not ended: "+waiting+" is awaiting; let it end, or stop it", exitFailed, "state", "erase", contact.ID)
	say(`"status":"cancelled"`, exitOK, "changes", "stop", waiting)
	say(`nothing is kept of "nobody"`, exitFailed, "state", "erase", "nobody")
	say("erased "+contact.ID+" from 2 changes", exitOK, "state", "erase", contact.Email, "--by", "ann")
	say(", of which erasures replaced ", exitOK, "audit", "verify")
	say(`by="ann" contact="`+contact.ID+`"`, exitOK, "audit", "list", "--kind", "erased")
	say(`nothing is kept of "`+contact.Email, exitFailed, "state", "erase", contact.Email)
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools"
)

// TestChangesOfOthers has an operator list, show, stop and undo what somebody else did, who is gone. Only to undo takes
// an access token.
func TestChangesOfOthers(t *testing.T) {
	t.Parallel()
	sb := sandbox.New(sandbox.Options{Contacts: 40})
	server := httptest.NewServer(sb)
	defer server.Close()
	state := filepath.Join(t.TempDir(), "state.db")
	contact := sb.ContactsWhere(func(c *sandbox.Contact) bool { return c.ExternalID == "u-10001" })[0]
	handles := writeAs(t, "ann", server.URL, state,
		`{"contact":"external_id:u-10001","set":{"name":"Wrong"}}`,
		`{"contact":"external_id:u-10002","set":{"name":"Wrong, too"}}`,
		`{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`)
	approved := leaveApproved(t, "ann", state)
	say := func(code int, wants string, args ...string) {
		t.Helper()
		got, stdout, stderr := output(t, append(append([]string{"changes"}, args...), "--state", state)...)
		for want := range strings.SplitSeq(wants, "|") {
			if got != code || !strings.Contains(stdout+stderr, want) {
				t.Errorf("%s: exit code %d, want %d and %q: %s%s", args, got, code, want, stdout, stderr)
			}
		}
	}
	say(exitOK, "BY|"+handles[0]+"|awaiting|approved|Ann <ann@example.com>", "list")
	say(exitOK, handles[2]+"|awaiting", "list", "--principal", "ann@example.com", "--status", "awaiting")
	say(exitOK, "There are no such changes.", "list", "--principal", "bob")
	say(exitOK, `"rows":[]`, "list", "--json", "--principal", "bob")
	say(exitOK, `→ \"Wrong\"`, "show", handles[0])
	say(exitOK, `"by":"Ann`, "show", handles[0])
	say(exitFailed, "no such change", "show", "chg_00000000000000000000000000")
	say(exitUsage, "name the changes, or whose they are", "stop")
	say(exitUsage, "name the changes, or whose they are", "undo", handles[0], "--principal", "ann")
	say(exitOK, `"status":"cancelled"|Ben stopped it, as an operator`, "stop", "--principal", "ann", "--by", "Ben")
	say(exitOK, handles[2]+"|"+approved, "list", "--principal", "ann", "--status", "cancelled")
	say(exitOK, "there is nothing to do", "stop", "--principal", "ann")
	say(exitFailed, "cannot be cancelled", "stop", handles[0])
	say(exitOK, `"status":"applied"`, "undo", "--principal", "ann", "--by", "Ben", "--token", "t", "--base-url",
		server.URL)
	if now, _ := sb.Contact(contact.ID); now.Name != contact.Name {
		t.Errorf("it is called %q, and was %q", now.Name, contact.Name)
	}
	say(exitOK, "there is nothing to do", "undo", "--principal", "ann", "--token", "t", "--base-url", server.URL)
	say(exitOK, "undone", "list", "--principal", "ann")
	say(exitOK, "undo_change|Ben", "list", "--principal", "local")
	if _, stdout, _ := output(t, "audit", "list", "--kind", "cancelled", "--state", state); !strings.Contains(stdout,
		`by="Ben"`) {
		t.Errorf("the trail does not tell who: %s", stdout)
	}
}

// leaveApproved records a change of a principal that people have approved, and that no server has taken up.
func leaveApproved(t *testing.T, who, state string) (handle string) {
	t.Helper()
	store, err := sqlite.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	c := change.Change{ID: change.NewID(), Principal: who, Tool: "update_contact", Status: change.StatusApproved,
		CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour), Level: policy.LevelApprover,
		Approvals: []change.Approval{{Level: policy.LevelApprover, By: "ben"}},
		Items:     []change.Item{{TargetID: "1", Patch: change.Patch{Set: map[string]any{"name": "Approved"}}}}}
	if _, err := store.Create(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	return c.ID
}

// writeAs has a principal write, and returns the handles of the changes.
func writeAs(t *testing.T, who, url, state string, args ...string) (handles []string) {
	t.Helper()
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	store, err := sqlite.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	p, err := tools.New(tools.Config{Client: client, Store: store,
		Policy: policy.Always(policy.Default(policy.ModeWrite))})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	for _, text := range args {
		result, err := p.Call(t.Context(), tools.Call{Tool: "update_contact", Args: []byte(text), Principal: who,
			Person: policy.Person{Name: "Ann", Email: who + "@example.com"}})
		var answer struct{ Change string }
		if err != nil || result.Err != nil || json.Unmarshal(result.JSON, &answer) != nil {
			t.Fatal(err, result.Err)
		}
		handles = append(handles, answer.Change)
	}
	return handles
}

// TestUnreadableState has every command that reads a state say what it tried, of a file that is none, once and to whom
// it is: none of them records anything.
func TestUnreadableState(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(state, bytes.Repeat([]byte("not a database\n"), 500), 0o600); err != nil {
		t.Fatal(err)
	}
	const id = "chg_00000000000000000000000000"
	for tried, commands := range map[string][][]string{
		"listing changes": {{"changes", "list"}, {"changes", "stop", "--principal", "ann"},
			{"call", "--sandbox", "list_changes"}},
		"reading a change": {{"changes", "show", id}, {"changes", "stop", id}, {"changes", "undo", "--sandbox", id},
			{"export", "change", "--sandbox", id}, {"call", "--sandbox", "get_change", `{"change":"` + id + `"}`}},
		"reading the audit trail":   {{"audit", "list"}, {"export", "trail"}},
		"verifying the audit trail": {{"audit", "verify"}},
		"summing up the file":       {{"state", "info"}},
		"copying the changes":       {{"state", "backup", filepath.Join(t.TempDir(), "copy.db")}},
	} {
		for _, args := range commands {
			code, stdout, stderr := output(t, append(args, "--state", state)...)
			said := stderr[strings.LastIndex(strings.TrimSpace(stderr), "\n")+1:]
			if code != exitFailed || !strings.Contains(said, tried) || strings.Contains(said, "record changes") ||
				strings.Contains(said, "the operator") || strings.Count(stderr, tried) > 1 {
				t.Errorf("%s: exit code %d: %s%s", args, code, stdout, stderr)
			}
		}
	}
}

package main

import (
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// TestStateInDatabase has commands of several processes share a schema.
func TestStateInDatabase(t *testing.T) {
	t.Parallel()
	state := postgrestest.Schema(t)
	workspace := httptest.NewServer(sandbox.New(sandbox.Options{}))
	t.Cleanup(workspace.Close)
	say := func(want string, args ...string) string {
		t.Helper()
		code, stdout, stderr := output(t, append(args, "--state", state)...)
		if !strings.Contains(stdout+stderr, want) {
			t.Fatalf("%s: exit code %d: %s%s, want %s", args, code, stdout, stderr, want)
		}
		return stdout
	}
	online := []string{"--token", "t", "--base-url", workspace.URL}
	call := func(tool, args string, more ...string) string {
		t.Helper()
		return say(`"status":`, append(append([]string{"call", tool, args}, online...), more...)...)
	}
	say("there are no changes", "audit", "list")
	say("no changes in", "freeze", "why")
	say("which the first server makes", append([]string{"doctor"}, online...)...)
	var answer struct{ Change string }
	planned := call("update_contact", `{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`)
	if err := json.Unmarshal([]byte(planned), &answer); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := call("confirm_change", `{"change":"`+answer.Change+`"}`); !strings.Contains(got, `"applied"`) {
			t.Errorf("confirmed: %s", got)
		}
	}
	say("last change", append([]string{"doctor"}, online...)...)
	say(answer.Change, "changes", "list")
	say(answer.Change, "changes", "show", answer.Change)
	say("intact: ", "audit", "verify")
	say("planned", "audit", "list", "--kind", "planned")
	say(answer.Change, "export", "trail", "--format", "jsonl")
	say("writes are frozen by", "freeze", "wrong tags", "--by", "ops")
	say("frozen", append([]string{"call", "update_contact", `{"contact":"external_id:u-10001","set":{"name":"x"}}`},
		online...)...)
	say("writes are allowed again", "unfreeze")
	say("no server has noticed", "state", "accept-loss")
	var contact struct{ ID string }
	if err := json.Unmarshal([]byte(say(`"id":`, append([]string{"call", "get_contact",
		`{"contact":"external_id:u-10001"}`}, online...)...)), &contact); err != nil {
		t.Fatal(err)
	}
	say("erased", "state", "erase", contact.ID)
	say("intact: ", "audit", "verify")
	say("keeps the changes of workspace", "call", "get_change", `{"change":"`+answer.Change+`"}`, "--token", "t",
		"--base-url", ofAnotherWorkspace(t))
	say("needs a state file", "call", "get_contact", `{"contact":"external_id:u-10001"}`, "--sandbox")
}

// ofAnotherWorkspace is the URL of a sandbox that is another workspace than the one by default.
func ofAnotherWorkspace(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(sandbox.New(sandbox.Options{WorkspaceID: "theirs"}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestStateURLIsSecret prints no password, whatever is wrong.
func TestStateURLIsSecret(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"postgres://u:geheim@127.0.0.1:1/d", "postgres://u:geheim@h:x/d",
		"postgres://127.0.0.1:1/d?user=u&password=geheim", "postgres://u:ge%zzheim@127.0.0.1:1/d"} {
		for _, args := range [][]string{{"changes", "list"}, {"audit", "verify"}, {"doctor", "--sandbox"}, {"freeze", "x"},
			{"call", "get_change", `{"change":"x"}`, "--token", "t", "--base-url", "http://127.0.0.1:1"}} {
			code, stdout, stderr := output(t, append(args, "--state", state)...)
			if code == exitOK || strings.Contains(stdout+stderr, "heim") {
				t.Errorf("%s --state %s: exit code %d: %s%s", args, state, code, stdout, stderr)
			}
		}
	}
}

// TestStateMigrate moves a file into a schema: what waits is confirmed there, what is there is as it was, and the file
// takes no writes any more.
func TestStateMigrate(t *testing.T) {
	t.Parallel()
	to, from := postgrestest.Schema(t), filepath.Join(t.TempDir(), "state.db")
	workspace := httptest.NewServer(sandbox.New(sandbox.Options{}))
	t.Cleanup(workspace.Close)
	say := func(state, want string, args ...string) string {
		t.Helper()
		if args[0] == "call" {
			args = append(args, "--token", "t", "--base-url", workspace.URL)
		}
		code, stdout, stderr := output(t, append(args, "--state", state)...)
		if !strings.Contains(stdout+stderr, want) {
			t.Fatalf("%s: exit code %d: %s%s, want %s", args, code, stdout, stderr, want)
		}
		return stdout
	}
	plan := func(contact string) string {
		t.Helper()
		var answer struct{ Change string }
		told := say(from, `"awaiting"`, "call", "update_contact",
			`{"contact":"external_id:`+contact+`","set":{"phone":"+15005550006"}}`)
		if err := json.Unmarshal([]byte(told), &answer); err != nil {
			t.Fatal(err)
		}
		return answer.Change
	}
	confirm := func(id string) []string { return []string{"call", "confirm_change", `{"change":"` + id + `"}`} }
	applied, waiting := plan("u-10001"), plan("u-10002")
	say(from, `"applied"`, confirm(applied)...)
	say(from, "reached", "state", "migrate", "--to", "postgres://u:secret@127.0.0.1:1/d")
	say(from, "names no database", "state", "migrate", "--to", "elsewhere.db")
	moved := say(from, "intact at both ends", "state", "migrate", "--to", to)
	say(from, "rites are frozen by", confirm(waiting)...)
	say(from, "there are changes or events already", "state", "migrate", "--to", to)
	say(to, "intact: ", "audit", "verify")
	head := strings.TrimSpace(moved[strings.Index(moved, "head: ")+6:])
	say(to, "intact: ", "audit", "verify", "--head", strings.Fields(head)[0])
	say(to, `"applied"`, confirm(waiting)...)
	say(to, `"status":"applied"`, "call", "undo_change", `{"change":"`+applied+`"}`, "--yes")
	say(to, "intact: ", "audit", "verify")
}

package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestConfirmedByAnotherProcess confirms a change that an earlier process planned.
func TestConfirmedByAnotherProcess(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.db")
	call := func(want int, args ...string) (status, change string) {
		t.Helper()
		code, stdout, stderr := output(t, append([]string{"call", "--sandbox", "--state", state}, args...)...)
		if code != want {
			t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
		}
		var answer struct{ Change, Status string }
		if err := json.Unmarshal([]byte(stdout), &answer); err != nil {
			t.Fatal(err)
		}
		return answer.Status, answer.Change
	}
	status, id := call(exitFailed, "update_contact", `{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`)
	if status != "awaiting" {
		t.Fatalf("planned: %s", status)
	}
	for range 2 { // the second answers with the same receipt
		if status, again := call(exitOK, "confirm_change", `{"change":"`+id+`"}`); status != "applied" || again != id {
			t.Errorf("confirmed: %s %s", status, again)
		}
	}
	say := func(want string, args ...string) {
		t.Helper()
		if _, stdout, stderr := output(t, append(args, "--sandbox", "--state", state)...); !strings.Contains(stdout, want) {
			t.Errorf("%s: %s%s", args, stdout, stderr)
		}
	}
	contact := `{"contact":"external_id:u-10001"}`
	say("+15005550006", "call", "get_contact", contact)
	say(`"created":`, "call", "create_contact", `{"set":{"role":"lead","name":"Kept","email":"kept@example.com"}}`)
	say("kept@example.com", "call", "search_contacts",
		`{"where":[{"field":"email","operator":"=","value":"kept@example.com"}]}`)
	say(`"status":"applied"`, "call", "undo_change", `{"change":"`+id+`"}`, "--yes")
	if _, stdout, _ := output(t, "call", "get_contact", contact, "--sandbox", "--state", state); strings.Contains(stdout,
		"+15005550006") {
		t.Errorf("after the undo: %s", stdout)
	}
	for name, text := range map[string]string{"half a line": `{"at":"2026-`, "no request": `{"at":"2026-11-01T00:00:00Z"}
{"at":"2026-11-01T00:00:00Z","method":"a b"}`} {
		if err := os.WriteFile(state+".sandbox", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, stderr := output(t, "call", "get_contact", contact, "--sandbox", "--state", state); code != exitFailed ||
			!strings.Contains(stderr, "remove it to begin with a fresh workspace") {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
		}
	}
}

// TestStateOfOneWorkspace opens the state file of one workspace with another's token: nothing is shown and nothing is
// written, by whatever host the two are reached.
func TestStateOfOneWorkspace(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.db")
	rename := []string{"update_contact", `{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`}
	call := func(w *sandbox.Sandbox, host string, args ...string) string {
		t.Helper()
		server := httptest.NewServer(w)
		defer server.Close()
		url := strings.Replace(server.URL, "127.0.0.1", host, 1)
		args = append([]string{"call", "--token", "t", "--base-url", url, "--state", state}, args...)
		_, stdout, stderr := output(t, args...)
		return stdout + stderr
	}
	ours := sandbox.New(sandbox.Options{WorkspaceID: "ours"})
	if out := call(ours, "127.0.0.1", rename...); !strings.Contains(out, `"awaiting"`) {
		t.Fatal(out)
	}
	theirs := sandbox.New(sandbox.Options{WorkspaceID: "theirs"})
	for _, args := range [][]string{rename, {"list_changes"}} {
		out := call(theirs, "127.0.0.1", args...)
		const why = "of workspace ours, and the access token is of theirs"
		if !strings.Contains(out, "store_unavailable") || !strings.Contains(out, why) {
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

// TestStatePath gives each token and endpoint a file of its own, named by no token.
func TestStatePath(t *testing.T) {
	h := &host{env: environment("HOME", "/home/ann", "XDG_STATE_HOME", "/state", "LocalAppData", `C:\state`)}
	seen := make(map[string]bool)
	for _, flags := range []endpointFlags{{Region: "us"}, {Region: "eu"}, {Region: "us", BaseURL: "http://localhost:1"}} {
		for _, token := range []string{"secret", "other"} {
			config, err := flags.config(token)
			if err != nil {
				t.Fatal(err)
			}
			path, err := stateFlags{}.path(h, config)
			if err != nil || !filepath.IsAbs(path) || seen[path] {
				t.Errorf("%s (%v)", path, err)
			}
			seen[path] = true
			if given, err := (stateFlags{State: "x"}).path(h, config); err != nil || given != "x" {
				t.Errorf("%s (%v)", given, err)
			}
		}
	}
	config, err := endpointFlags{Region: "us"}.config("secret")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (stateFlags{}).path(&host{env: environment("HOME", "not/absolute")}, config); err == nil {
		t.Error("a place for state without a home")
	}
}

// TestStateInAnOpenFolder refuses to make the state file where anybody could replace it.
func TestStateInAnOpenFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no modes there")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state.db")
	for _, args := range [][]string{{"call", "list_tags"}, {"doctor"}} {
		code, stdout, stderr := output(t, append(args, "--sandbox", "--state", state)...)
		if code == exitOK || !strings.Contains(stdout+stderr, "chmod o-w "+dir) {
			t.Errorf("%v: exit code %d: %s%s", args, code, stdout, stderr)
		}
	}
	if _, err := os.Stat(state); err == nil {
		t.Error("the file is made")
	}
}

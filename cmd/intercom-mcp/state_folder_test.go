package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// folderTest calls tools where nobody names a state file.
type folderTest struct {
	t   *testing.T
	env func(string) (string, bool)
	dir string
	url string
}

func newFolderTest(t *testing.T) *folderTest {
	t.Helper()
	home := t.TempDir()
	env := environment("HOME", home, "XDG_STATE_HOME", filepath.Join(home, "state"), "LocalAppData", home)
	dir, ok := (&host{env: env}).stateDir()
	if !ok {
		t.Fatal("no directory for state")
	}
	return &folderTest{t: t, env: env, dir: dir}
}

// serve has a workspace be reached by any token.
func (f *folderTest) serve(workspace *sandbox.Sandbox) {
	server := httptest.NewServer(workspace)
	f.t.Cleanup(server.Close)
	f.url = server.URL
}

// say runs a command with a token, whose output must have a text in it.
func (f *folderTest) say(token, want string, args ...string) string {
	f.t.Helper()
	out, log := newTape(), newTape()
	run(f.t.Context(), append(args, "--token", token, "--base-url", f.url), nil, out, log, f.env)
	if !strings.Contains(out.String()+log.String(), want) {
		f.t.Errorf("%s: %s%s", args, out, log)
	}
	return out.String()
}

// files lists the state files.
func (f *folderTest) files() []string {
	f.t.Helper()
	files, err := filepath.Glob(filepath.Join(f.dir, "*.db"))
	if err != nil {
		f.t.Fatal(err)
	}
	return files
}

const renamed = `{"contact":"external_id:u-10001","set":{"name":"Wrong"}}`

// TestTokenRotated goes on with the history of a workspace under another token: by a server and by what looks at the
// state alone.
func TestTokenRotated(t *testing.T) {
	t.Parallel()
	f := newFolderTest(t)
	f.serve(sandbox.New(sandbox.Options{Contacts: 20}))
	id := changeIn(t, f.say("first", `"applied"`, "call", "update_contact", renamed))
	f.say("second", id, "call", "list_changes")
	f.say("second", `"status":"applied"`, "call", "undo_change", `{"change":"`+id+`"}`, "--yes")
	f.say("second", "undone", "changes", "list")
	f.say("first", "undone", "changes", "list")
	if files := f.files(); len(files) != 1 {
		t.Errorf("%d state files: %v", len(files), files)
	}
}

// TestStateNamedAfterToken goes on with a file of before, which is named after a token, under that token and under the
// next.
func TestStateNamedAfterToken(t *testing.T) {
	t.Parallel()
	f := newFolderTest(t)
	f.serve(sandbox.New(sandbox.Options{Contacts: 20}))
	config, err := endpointFlags{Region: "us", BaseURL: f.url}.config("first")
	if err != nil {
		t.Fatal(err)
	}
	old := stateFolder{f.dir, config}.ofToken()
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	id := changeIn(t, f.say("first", `"applied"`, "call", "update_contact", renamed, "--state", old))
	f.say("first", id, "call", "list_changes")
	f.say("first", `"applied"`, "call", "update_contact", strings.Replace(renamed, "Wrong", "Right", 1))
	f.say("second", id, "call", "list_changes")
	if files := f.files(); len(files) != 1 || files[0] != old {
		t.Errorf("state files: %v, want %s", files, old)
	}
}

// TestStateOfAnotherWorkspace keeps the history of another workspace apart, whatever its token.
func TestStateOfAnotherWorkspace(t *testing.T) {
	t.Parallel()
	f := newFolderTest(t)
	f.serve(sandbox.New(sandbox.Options{Contacts: 20, WorkspaceID: "ours"}))
	id := changeIn(t, f.say("first", `"applied"`, "call", "update_contact", renamed))
	f.serve(sandbox.New(sandbox.Options{Contacts: 20, WorkspaceID: "theirs"}))
	if list := f.say("second", "", "call", "list_changes"); strings.Contains(list, id) {
		t.Errorf("shown to another workspace: %s", list)
	}
	f.url = "http://127.0.0.1:1" // where nobody is
	f.say("third", "upstream_unavailable", "call", "list_changes")
}

// changeIn reads the handle in an answer.
func changeIn(t *testing.T, answer string) string {
	t.Helper()
	_, rest, _ := strings.Cut(answer, `"change":"`)
	id, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("no change: %s", answer)
	}
	return id
}

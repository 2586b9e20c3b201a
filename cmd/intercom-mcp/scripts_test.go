package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// examples are the scripts from which a reader learns the tools.
const examples = "../../testdata/scripts"

// apiVersions are those that every example is tried on.
var apiVersions = []string{"2.10", "2.14", "2.15", "2.16", "Preview"}

// Every example goes as it says, on each version of Intercom's API.
func TestExamples(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(examples, "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, version := range apiVersions {
		for _, path := range paths {
			t.Run(version+"/"+filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				stdout, stderr := newTape(), newTape()
				arguments := []string{"script", "--api-version", version, path}
				if code := run(t.Context(), arguments, nil, stdout, stderr, environment()); code != exitOK {
					t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
				}
			})
		}
	}
}

// Every tool has an example of its usual use, of an error, and of an undo where
// there is one: a note stays, and the tools about changes undo by themselves.
func TestExampleOfEachTool(t *testing.T) {
	for _, tool := range tools.Catalogue() {
		example, err := os.ReadFile(filepath.Join(examples, tool.Name+".yaml"))
		if err != nil {
			t.Errorf("%s: %v", tool.Name, err)
			continue
		}
		shows := []string{"call: " + tool.Name + "\n", "expect:", "expect_error:"}
		if tool.Effect == policy.Write && tool.Set != "changes" && tool.Name != "add_note" {
			shows = append(shows, "call: undo_change\n")
		}
		for _, text := range shows {
			if !bytes.Contains(example, []byte(text)) {
				t.Errorf("the example of %s lacks %q", tool.Name, text)
			}
		}
	}
}

// With a token on the command line a script runs in that token's workspace,
// and says so.
func TestScriptInRealWorkspace(t *testing.T) {
	workspace := sandbox.New(sandbox.Options{Contacts: 3})
	server := httptest.NewServer(workspace)
	defer server.Close()
	script := filepath.Join(t.TempDir(), "tags.yaml")
	if err := os.WriteFile(script, []byte("steps:\n- call: list_tags\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr := newTape(), newTape()
	code := run(t.Context(), []string{"script", "--token", "real", "--base-url", server.URL, script}, nil, stdout, stderr, environment())
	if code != exitOK || !strings.Contains(stderr.String(), "real workspace") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	if len(workspace.Calls()) == 0 {
		t.Error("the workspace was not asked")
	}
}

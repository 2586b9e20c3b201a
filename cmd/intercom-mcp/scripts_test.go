package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools"
)

// examples are the scripts from which a reader learns the tools.
const examples = "../../testdata/scripts"

// Every example goes as it says.
func TestExamples(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(examples, "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			stdout, stderr := newTape(), newTape()
			if code := run(t.Context(), []string{"script", path}, nil, stdout, stderr, environment()); code != exitOK {
				t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

// Every tool has an example.
func TestExampleOfEachTool(t *testing.T) {
	for _, tool := range tools.Catalogue() {
		if _, err := os.Stat(filepath.Join(examples, tool.Name+".yaml")); err != nil {
			t.Errorf("%s: %v", tool.Name, err)
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

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

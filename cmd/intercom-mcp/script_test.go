package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools"
	"intercom-mcp/tools/toolstest"
)

// examples are the scripts from which a reader learns the tools.
const examples = "../../testdata/scripts"

// apiVersions are those that every example is tried on.
var apiVersions = []string{"2.10", "2.14", "2.15", "2.16", "2.17", "Preview"}

// TestREADMENamesVersions holds that the README says which versions are tested, and which one is the default.
func TestREADMENamesVersions(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	last := len(apiVersions) - 1
	want := fmt.Sprintf("Intercom's API version, %s; tested are %s and %s", intercom.DefaultVersion,
		strings.Join(apiVersions[:last], ", "), apiVersions[last])
	if !bytes.Contains(readme, []byte(want)) {
		t.Errorf("the README lacks %q", want)
	}
}

// TestExamples runs every example on each version of Intercom's API; a short run on one of them, in turn.
func TestExamples(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(examples, "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for i, version := range apiVersions {
		for n, path := range paths {
			if testing.Short() && n%len(apiVersions) != i {
				continue
			}
			t.Run(version+"/"+filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				code, stdout, stderr := outputAtOnce(t, "script", "--api-version", version, path)
				if code != exitOK {
					t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
				}
			})
		}
	}
}

// TestExamplesEscaped runs every example where Intercom gives texts escaped.
func TestExamplesEscaped(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("every example once more")
	}
	dir := t.TempDir()
	for _, part := range []string{"scripts", "policies"} {
		if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join("../../testdata", part))); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := filepath.Glob(filepath.Join(dir, "scripts", "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range paths {
		example, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		escaped := strings.Replace(strings.Replace(string(example), "\nsandbox: {", "\nsandbox: {escape: true, ", 1),
			"\nsandbox:\n",
			"\nsandbox:\n  escape: true\n", 1)
		if escaped == string(example) {
			escaped += "\nsandbox: {escape: true}\n"
		}
		if err := os.WriteFile(path, []byte(escaped), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			if code, stdout, stderr := outputAtOnce(t, "script", path); code != exitOK {
				t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

// TestExampleOfEachTool demands an example of each tool's usual use, of an error, and of an undo where there is one: a
// note stays, and the tools about changes undo by themselves. Of what only reads the usual calls are the example: they
// say what the answer shows.
func TestExampleOfEachTool(t *testing.T) {
	shown := make(map[string]bool)
	for _, usual := range toolstest.UsualCalls() {
		shown[usual.Tool] = shown[usual.Tool] || len(usual.Shows) > 0
	}
	for _, tool := range tools.Catalogue() {
		example, err := os.ReadFile(filepath.Join(examples, tool.Name+".yaml"))
		if errors.Is(err, fs.ErrNotExist) && tool.Effect == policy.Read {
			if !shown[tool.Name] {
				t.Errorf("%s has no script, and none of its usual calls says what the answer shows", tool.Name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tool.Name, err)
			continue
		}
		shows := []string{"call: " + tool.Name + "\n", "expect:", "expect_error:"}
		if tool.Effect == policy.Write && tool.Set.Name != "changes" && tool.Name != "add_note" {
			shows = append(shows, "call: undo_change\n")
		}
		for _, text := range shows {
			if !bytes.Contains(example, []byte(text)) {
				t.Errorf("the example of %s lacks %q", tool.Name, text)
			}
		}
	}
}

// TestScriptInRealWorkspace runs a script in the workspace of a token on the command line, and says so.
func TestScriptInRealWorkspace(t *testing.T) {
	workspace := sandbox.New(sandbox.Options{Contacts: 3})
	server := httptest.NewServer(workspace)
	defer server.Close()
	script := filepath.Join(t.TempDir(), "tags.yaml")
	if err := os.WriteFile(script, []byte("steps:\n- call: list_tags\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := output(t, "script", "--token", "real", "--base-url", server.URL, script)
	if code != exitOK || !strings.Contains(stderr, "real workspace") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	if len(workspace.Calls()) == 0 {
		t.Error("the workspace was not asked")
	}
}

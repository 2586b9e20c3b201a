package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRenameModule names a copy of the module after a repository, and resolves its imports.
func TestRenameModule(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	for _, program := range []string{"make", "perl", "git"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("needs " + program)
		}
	}
	t.Parallel()
	listed := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	listed.Dir = "../.."
	files, err := listed.Output()
	if err != nil {
		t.Skipf("needs a checkout: %v", err)
	}
	root := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(files), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const named = "github.com/example/intercom-mcp"
	renaming := exec.CommandContext(t.Context(), "make", "-C", root, "module", "MODULE="+named) // which resolves imports
	renaming.Env = append(os.Environ(), "MAKEFLAGS=", "GOPROXY=off")
	if out, err := renaming.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, want := range map[string]string{
		"go.mod":                    `(?m)^module ` + named + `$`,
		"cmd/intercom-mcp/state.go": `(?m)^\t"` + named + `/policy/change/sqlite"$`,
	} {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !regexp.MustCompile(want).Match(content) {
			t.Errorf("%s: %v, want %s in\n%s", name, err, want, content)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"testing"

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

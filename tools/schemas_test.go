package tools

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/schemas/generate"
)

var update = flag.Bool("update", false, "rewrite the committed schemas")

// TestSchemas holds the committed schemas against the Go structs. After a
// change of a struct, run it with -update and review the diff: it is what
// clients will see.
func TestSchemas(t *testing.T) {
	const dir = "../schemas"
	comments, err := generate.LoadComments(".", "internal/search", "internal/render")
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]bool)
	for _, tool := range Catalogue() {
		for kind, generated := range map[string]func() ([]byte, error){
			"input":  func() ([]byte, error) { return generate.Schema(tool.Run.Input, true, comments) },
			"output": func() ([]byte, error) { return generate.Schema(tool.Run.Output, false, comments) },
		} {
			name := tool.Name + "." + kind + ".json"
			want[name] = true
			schema, err := generated()
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			check(t, filepath.Join(dir, name), schema)
		}
		brief, err := generate.Brief(tool.Run.Input, comments)
		if err != nil || (brief != nil) != (len(tool.BriefWith) > 0) {
			t.Errorf("%s: a short form is there: %v, it refers to %v: %v", tool.Name, brief != nil, tool.BriefWith, err)
		}
		if brief != nil {
			want[tool.Name+".brief.json"] = true
			check(t, filepath.Join(dir, tool.Name+".brief.json"), brief)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if want[filepath.Base(file)] {
			continue
		}
		if !*update {
			t.Errorf("%s belongs to no tool", file)
		} else if err := os.Remove(file); err != nil {
			t.Error(err)
		}
	}
}

// check compares one committed file, or writes it.
func check(t *testing.T, path string, schema []byte) {
	t.Helper()
	pretty := indent(t, schema)
	if *update {
		if err := os.WriteFile(path, pretty, 0o644); err != nil {
			t.Error(err)
		}
		return
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("%v; run go test ./tools -run Schemas -update", err)
		return
	}
	if diff := cmp.Diff(string(committed), string(pretty)); diff != "" {
		t.Errorf("%s differs from the Go struct (-committed +struct); run go test ./tools -run Schemas -update:\n%s", path,
			diff)
	}
}

// TestCatalogue holds what every tool has to be like, so that a new one is
// checked without being named.
func TestCatalogue(t *testing.T) {
	seen := make(map[string]bool)
	for _, tool := range Catalogue() {
		if seen[tool.Name] {
			t.Errorf("%s is there twice", tool.Name)
		}
		seen[tool.Name] = true
		if len(tool.Name) > 32 || strings.ToLower(tool.Name) != tool.Name || !strings.Contains(tool.Name, "_") {
			t.Errorf("%s: a name is verb_noun, at most 32 characters", tool.Name)
		}
		if tool.Title == "" || tool.Set.Name == "" || tool.Set.Doc == "" || tool.Doc == "" || len(tool.Doc) > 400 {
			t.Errorf("%s: title, set and a doc of at most 400 bytes are needed", tool.Name)
		}
		if !slices.Contains([]string{"read", "write", "destroy"}, string(tool.Effect)) {
			t.Errorf("%s: effect %q", tool.Name, tool.Effect)
		}
		if tool.Run.run == nil || tool.Run.Input == nil || tool.Run.Output == nil {
			t.Errorf("%s: no runner", tool.Name)
		}
	}
}

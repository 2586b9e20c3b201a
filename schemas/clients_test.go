package schemas

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
)

// Gemini refuses all tools of a server for one object that names no property. Every object of an input names one.
func TestObjectsOfInputsNameProperties(t *testing.T) {
	names, err := fs.Glob(embedded.files, "*"+inputFile(""))
	if err != nil || len(names) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(embedded.files, name)
		if err != nil {
			t.Fatal(err)
		}
		var root any
		if err := json.Unmarshal(raw, &root); err != nil {
			t.Fatal(err)
		}
		var visit func(v any, path string)
		visit = func(v any, path string) {
			schema, _ := v.(map[string]any)
			properties, _ := schema["properties"].(map[string]any)
			if schema["type"] == "object" && len(properties) == 0 {
				t.Errorf("%s: %s names no property", strings.TrimSuffix(name, inputFile("")), named(path))
			}
			for property, v := range properties {
				visit(v, join(path, property))
			}
			if items, ok := schema["items"]; ok {
				visit(items, path+"[]")
			}
		}
		visit(root, "")
	}
}

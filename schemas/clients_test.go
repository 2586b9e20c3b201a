package schemas

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
)

// Gemini refuses all tools of a server for one object that names no property, and OpenAI's converters close an object
// that does not say that it is open. Every object of an input names a property and says which it is.
func TestObjectsOfInputs(t *testing.T) {
	names, err := fs.Glob(embedded.files, "*"+inputFile(""))
	if err != nil || len(names) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	brief, err := fs.Glob(embedded.files, "*.brief.json")
	if err != nil || len(brief) == 0 {
		t.Fatalf("no short forms: %v", err)
	}
	names = append(names, brief...)
	for _, name := range names {
		raw, err := fs.ReadFile(embedded.files, name)
		if err != nil {
			t.Fatal(err)
		}
		var root any
		if err := json.Unmarshal(raw, &root); err != nil {
			t.Fatal(err)
		}
		tool := strings.TrimSuffix(name, inputFile(""))
		var visit func(v any, path string)
		visit = func(v any, path string) {
			schema, _ := v.(map[string]any)
			properties, _ := schema["properties"].(map[string]any)
			if schema["type"] == "object" && len(properties) == 0 {
				t.Errorf("%s: %s names no property", tool, named(path))
			}
			if _, told := schema["additionalProperties"].(bool); schema["type"] == "object" && !told {
				t.Errorf("%s: %s does not say whether it takes others", tool, named(path))
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

package generate

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/invopop/jsonschema"
)

// maxDepth is how many properties of an input may lie within each other: models
// lose their way in deeper arguments, and some APIs refuse them.
const maxDepth = 3

// checkPortable lists what a schema uses beyond the common keywords, or lacks.
func checkPortable(schema *jsonschema.Schema, input bool) error {
	raw, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	var root any
	if err := json.Unmarshal(raw, &root); err != nil {
		return err
	}
	check := portableCheck{input: input}
	check.schema(root, "", 0)
	return errors.Join(check.errs...)
}

type portableCheck struct {
	input bool
	errs  []error
}

func (c *portableCheck) fail(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%q: "+format, append([]any{path}, args...)...))
}

// schema checks a schema inside depth properties.
func (c *portableCheck) schema(v any, path string, depth int) {
	schema, ok := v.(map[string]any)
	if !ok { // true: any value
		return
	}
	for _, name := range slices.Sorted(maps.Keys(schema)) {
		if !slices.ContainsFunc(keywords, func(k keyword) bool { return k.name == name }) {
			c.fail(path, "%s is not understood by all clients", name)
		}
	}
	if items, ok := schema["items"]; ok {
		c.schema(items, path+"[]", depth)
	}
	if values, ok := schema["additionalProperties"]; ok {
		c.schema(values, path+".*", depth)
	}
	properties, _ := schema["properties"].(map[string]any)
	if c.input && len(properties) > 0 && depth == maxDepth {
		c.fail(path, "more than %d levels of properties", maxDepth)
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property, _ := properties[name].(map[string]any)
		if description, _ := property["description"].(string); c.input && description == "" {
			c.fail(join(path, name), "has no description: the field lacks a comment")
		}
		c.schema(properties[name], join(path, name), depth+1)
	}
}

package generate

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/invopop/jsonschema"
)

// essentials drops the properties of an output, and keeps the names of those that are required.
func essentials(schema *jsonschema.Schema) { schema.Properties = nil }

// abbreviate cuts an inner object of an input down to one property where an object at the root has the same name and
// properties, and marks it as open. Package schemas fills it in again before it validates: see its function expand.
func abbreviate(root *jsonschema.Schema) error {
	var errs []error
	var inner func(schema *jsonschema.Schema, name, path string)
	inner = func(schema *jsonschema.Schema, name, path string) {
		if schema.Items != nil {
			inner(schema.Items, "", path+"[]")
		}
		if schema.Properties != nil {
			for name, property := range schema.Properties.FromOldest() {
				inner(property, name, join(path, name))
			}
		}
		whole, ok := root.Properties.Get(name)
		switch {
		case !ok || schema == whole || schema.Type != "object" || whole.Properties == nil:
		case schema.Properties == nil:
			errs = append(errs, fmt.Errorf("%q: a map cannot have the name of an object at the root", path))
		case sameProperties(schema, whole):
			leaveOne(schema)
			schema.Required, schema.AdditionalProperties = nil, jsonschema.TrueSchema
		}
	}
	inner(root, "", "")
	return errors.Join(errs...)
}

// leaveOne drops all properties of an object but the first that is no object itself; where all are, but the last.
func leaveOne(object *jsonschema.Schema) {
	properties := object.Properties
	left := ""
	for name, property := range properties.FromOldest() {
		if left == "" && property.Type != "object" {
			left = name
		}
	}
	for _, name := range slices.Collect(properties.KeysFromOldest()) {
		if name != left && (left != "" || properties.Len() > 1) {
			properties.Delete(name)
		}
	}
}

// exampleName stands for the names that a map may have.
const exampleName = "NAME"

// exemplify gives the maps of an input a property that stands for all: Gemini refuses every tool of a server for one
// object without properties. That there are others is written out: OpenAI's converters close an object that does not
// say so, and the model could give no attribute but NAME. See expand.
func exemplify(schema *jsonschema.Schema) {
	if schema.Items != nil {
		exemplify(schema.Items)
	}
	if schema.Type == "object" && schema.Properties == nil && schema.AdditionalProperties != jsonschema.FalseSchema {
		schema.Properties = jsonschema.NewProperties()
		schema.Properties.Set(exampleName, &jsonschema.Schema{Type: "string", Description: "any type"})
		schema.AdditionalProperties = jsonschema.TrueSchema
		return
	}
	if schema.Properties != nil {
		for _, property := range schema.Properties.FromOldest() {
			exemplify(property)
		}
	}
}

// sameProperties reports whether two objects take the same, whatever their own descriptions are.
func sameProperties(a, b *jsonschema.Schema) bool {
	var encoded [2]bytes.Buffer
	for i, s := range []*jsonschema.Schema{a, b} {
		bare := &jsonschema.Schema{Properties: s.Properties, Required: s.Required,
			AdditionalProperties: s.AdditionalProperties}
		if encode(&encoded[i], bare) != nil {
			return false
		}
	}
	return bytes.Equal(encoded[0].Bytes(), encoded[1].Bytes())
}

package generate

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/invopop/jsonschema"
)

// essentials leaves of an output the names of what every answer has.
func essentials(schema *jsonschema.Schema) { schema.Properties = nil }

// abbreviate takes the properties off the inner objects of an input that have
// the name and the properties of an object at the root. See expand.
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
			schema.Properties, schema.Required, schema.AdditionalProperties = nil, nil, nil
		}
	}
	inner(root, "", "")
	return errors.Join(errs...)
}

// sameProperties reports whether two objects take the same, whatever their own
// descriptions are.
func sameProperties(a, b *jsonschema.Schema) bool {
	var encoded [2]bytes.Buffer
	for i, s := range []*jsonschema.Schema{a, b} {
		bare := &jsonschema.Schema{Properties: s.Properties, Required: s.Required, AdditionalProperties: s.AdditionalProperties}
		if encode(&encoded[i], bare) != nil {
			return false
		}
	}
	return bytes.Equal(encoded[0].Bytes(), encoded[1].Bytes())
}

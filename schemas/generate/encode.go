package generate

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/invopop/jsonschema"
)

// member is one key of a schema and its value.
type member struct {
	key   string
	value any
}

// keyword is a word of JSON Schema, and where a schema has its value.
type keyword struct {
	name  string
	value func(*jsonschema.Schema) any
}

// keywords are those that all model APIs and MCP clients take, in reading order. Among those left out are $ref, the
// combinators (oneOf, anyOf, allOf, not, if), const, patternProperties, exclusive bounds and multipleOf.
var keywords = []keyword{
	{"type", func(s *jsonschema.Schema) any { return s.Type }},
	{"description", func(s *jsonschema.Schema) any { return s.Description }},
	{"enum", func(s *jsonschema.Schema) any { return s.Enum }},
	{"format", func(s *jsonschema.Schema) any { return s.Format }},
	{"pattern", func(s *jsonschema.Schema) any { return s.Pattern }},
	{"minLength", func(s *jsonschema.Schema) any { return s.MinLength }},
	{"maxLength", func(s *jsonschema.Schema) any { return s.MaxLength }},
	{"minimum", func(s *jsonschema.Schema) any { return s.Minimum }},
	{"maximum", func(s *jsonschema.Schema) any { return s.Maximum }},
	{"minItems", func(s *jsonschema.Schema) any { return s.MinItems }},
	{"maxItems", func(s *jsonschema.Schema) any { return s.MaxItems }},
	{"uniqueItems", func(s *jsonschema.Schema) any { return s.UniqueItems }},
	{"default", func(s *jsonschema.Schema) any { return s.Default }},
	{"items", func(s *jsonschema.Schema) any { return s.Items }},
	{"properties", func(s *jsonschema.Schema) any { return properties(s) }},
	{"required", func(s *jsonschema.Schema) any { return s.Required }},
	{"additionalProperties", func(s *jsonschema.Schema) any { return s.AdditionalProperties }},
}

// members lists a schema's keywords in reading order, without the empty ones.
func members(s *jsonschema.Schema) []member {
	var present []member
	for _, keyword := range keywords {
		value := keyword.value(s)
		if v := reflect.ValueOf(value); v.IsValid() && (keyword.name == "default" || !v.IsZero()) {
			present = append(present, member{keyword.name, value})
		}
	}
	return present
}

// properties lists a schema's properties in their own order; nil if it is no object of known properties.
func properties(s *jsonschema.Schema) []member {
	if s.Properties == nil {
		return nil
	}
	all := make([]member, 0, s.Properties.Len())
	for name, schema := range s.Properties.FromOldest() {
		all = append(all, member{name, schema})
	}
	return all
}

// encode writes a schema of nothing but the keywords above.
func encode(out *bytes.Buffer, s *jsonschema.Schema) error {
	switch s {
	case jsonschema.TrueSchema, jsonschema.FalseSchema:
		out.WriteString(strconv.FormatBool(s == jsonschema.TrueSchema))
		return nil
	}
	return encodeObject(out, members(s))
}

func encodeObject(out *bytes.Buffer, all []member) error {
	out.WriteByte('{')
	for i, m := range all {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := encodeValue(out, m.key); err != nil {
			return err
		}
		out.WriteByte(':')
		if err := encodeValue(out, m.value); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

// encodeValue writes a keyword's value: schemas in reading order, all else as
// encoding/json does, but with <, > and & as they are.
func encodeValue(out *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case *jsonschema.Schema:
		return encode(out, v)
	case []member:
		return encodeObject(out, v)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the encoder's line feed
	return nil
}

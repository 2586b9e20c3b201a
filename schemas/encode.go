package schemas

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/invopop/jsonschema"
)

// member is one key of a schema and its value.
type member struct {
	key   string
	value any
}

// members lists a schema's keys in reading order, without the empty ones.
func members(s *jsonschema.Schema) []member {
	var present []member
	for _, m := range []member{
		{"type", s.Type},
		{"description", s.Description},
		{"enum", s.Enum},
		{"format", s.Format},
		{"pattern", s.Pattern},
		{"minLength", s.MinLength},
		{"maxLength", s.MaxLength},
		{"minimum", s.Minimum},
		{"maximum", s.Maximum},
		{"minItems", s.MinItems},
		{"maxItems", s.MaxItems},
		{"uniqueItems", s.UniqueItems},
		{"default", s.Default},
		{"items", s.Items},
		{"properties", properties(s)},
		{"required", s.Required},
		{"additionalProperties", s.AdditionalProperties},
	} {
		if v := reflect.ValueOf(m.value); v.IsValid() && (m.key == "default" || !v.IsZero()) {
			present = append(present, m)
		}
	}
	return present
}

// properties lists a schema's properties in their own order; nil if it is no
// object of known properties.
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

// encode writes a schema, which must be within the portable subset.
func encode(out *bytes.Buffer, s *jsonschema.Schema) error {
	if s == jsonschema.FalseSchema {
		out.WriteString("false")
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

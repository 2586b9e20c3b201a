package generate

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema of a Go struct, compact, its keys in reading
// order and its properties in the order of the fields.
//
// Field comments become descriptions; a field is optional if its json tag says
// omitempty or omitzero; embedded structs flatten. The tag
//
//	jsonschema:"minimum=1,maximum=50,default=20"
//
// adds constraints: minimum, maximum for numbers; minLength, maxLength, pattern, format, enum for strings; minItems,
// maxItems, uniqueItems for arrays, whose other constraints are those of their items; default for all but objects. A
// comma inside a value is written \\, in the tag. A type with the method Enum() []string is a string that takes one of
// those values.
//
// An input is closed at every level, except for maps, which only custom_attributes may be. An output is open, so that
// it may grow; it names what every answer has, and no more.
//
// The list of tools is read by models, which pay for each word of it. That is why outputs say so little, and why an
// object of an input that has the name and the properties of one at the root is written with the first of them: its
// comment has to say whose it takes. A map is written with one property, NAME, since not all model APIs take objects
// without properties. Both say that they are open, so that no converter closes them; validation knows what they take
// all the same.
//
// The error lists everything that clients or model APIs are known to refuse, and everything by which a schema could say
// something else than the struct: recursive or self-encoding types, names not in snake case, constraints that would be
// ignored; and, in inputs, properties without description, more than three levels of them, and values of any type.
func Schema(t reflect.Type, input bool, doc Comments) ([]byte, error) {
	schema, err := reflectSchema(t, input, doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := encode(&out, schema); err != nil {
		return nil, fmt.Errorf("generate: %v: %w", t, err)
	}
	return out.Bytes(), nil
}

// reflectSchema makes the schema that Schema writes.
func reflectSchema(t reflect.Type, input bool, doc Comments) (*jsonschema.Schema, error) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("generate: %v is no struct", t)
	}
	check := typeCheck{input: input}
	check.structure(t, "")
	if err := errors.Join(check.errs...); err != nil {
		return nil, fmt.Errorf("generate: %v: %w", t, err)
	}
	reflector := jsonschema.Reflector{
		Anonymous:                 true,
		DoNotReference:            true,
		ExpandedStruct:            true,
		AllowAdditionalProperties: !input,
		Mapper:                    mapType,
		LookupComment:             doc.lookup,
	}
	schema := reflector.ReflectFromType(t)
	schema.Version = ""
	if !input {
		essentials(schema)
	}
	if err := checkPortable(schema, input); err != nil {
		return nil, fmt.Errorf("generate: %v: %w", t, err)
	}
	if input {
		if err := abbreviate(schema); err != nil {
			return nil, fmt.Errorf("generate: %v: %w", t, err)
		}
		exemplify(schema)
	}
	return schema, nil
}

// enumerated is implemented by types that take one of a few texts.
type enumerated interface{ Enum() []string }

var (
	enumeratedType  = reflect.TypeFor[enumerated]()
	textType        = reflect.TypeFor[encoding.TextMarshaler]()
	marshalerType   = reflect.TypeFor[json.Marshaler]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	timeType        = reflect.TypeFor[time.Time]()
	numberType      = reflect.TypeFor[json.Number]()
	rawType         = reflect.TypeFor[json.RawMessage]()
)

// mapType gives the schema of types whose JSON is not that of their kind.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch {
	case t.Implements(enumeratedType):
		schema := &jsonschema.Schema{Type: "string"}
		for _, value := range reflect.Zero(t).Interface().(enumerated).Enum() {
			schema.Enum = append(schema.Enum, value)
		}
		return schema
	case t == numberType:
		return &jsonschema.Schema{Type: "number"}
	case t != timeType && t.Implements(textType):
		return &jsonschema.Schema{Type: "string"}
	}
	return nil
}

package generate

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"
)

// Brief returns the short form of an input's schema, for a list that has the tools whose arguments it refers to: a
// field with the tag
//
//	brief:"as in search_contacts"
//
// is written with that behind its description and one property of its objects, and says that they take others. It is
// nil where no field has the tag. Arguments are validated by what Schema returns.
func Brief(t reflect.Type, doc Comments) ([]byte, error) {
	schema, err := reflectSchema(t, true, doc)
	if err != nil {
		return nil, err
	}
	short := false
	for field := range t.Fields() {
		refers, ok := field.Tag.Lookup("brief")
		if !ok {
			continue
		}
		short = true
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		property, _ := schema.Properties.Get(name)
		object := property
		if property.Items != nil {
			object = property.Items
		}
		if object.Properties == nil {
			return nil, fmt.Errorf("generate: %v: %s: only objects have a short form", t, name)
		}
		leaveOne(object)
		object.Required, object.AdditionalProperties = nil, jsonschema.TrueSchema
		property.Description += ", " + refers
	}
	if !short {
		return nil, nil
	}
	var out bytes.Buffer
	err = encode(&out, schema)
	return out.Bytes(), err
}

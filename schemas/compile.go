package schemas

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema returns a file's schema, compiled by whoever asks first.
func (l *library) schema(name string) (*jsonschema.Schema, error) {
	compiled, ok := l.compiled.Load(name)
	if !ok {
		raw, err := l.read(name)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, inputFile("")) {
			if raw, err = expand(raw); err != nil {
				return nil, fmt.Errorf("schemas: %s: %w", name, err)
			}
		}
		compiled, _ = l.compiled.LoadOrStore(name, sync.OnceValues(func() (*jsonschema.Schema, error) {
			return compile(name, raw)
		}))
	}
	return compiled.(func() (*jsonschema.Schema, error))()
}

// compile compiles one schema as JSON Schema 2020-12 with formats asserted.
// References to other documents fail: nothing is ever fetched.
func compile(name string, raw []byte) (*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	compiler.UseLoader(noLoader{})
	location := "schema:///" + name
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err == nil {
		err = compiler.AddResource(location, doc)
	}
	if err != nil {
		return nil, fmt.Errorf("schemas: %s: %w", name, err)
	}
	schema, err := compiler.Compile(location)
	if err != nil {
		return nil, fmt.Errorf("schemas: %s: %w", name, err)
	}
	return schema, nil
}

// noLoader refuses what a schema refers to.
type noLoader struct{}

// Load implements [jsonschema.URLLoader].
func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("reference to %s: schemas stand alone", url)
}

// typesOf lists the types that a schema admits; none: any.
func typesOf(schema *jsonschema.Schema) []string {
	if schema == nil || schema.Types == nil {
		return nil
	}
	return schema.Types.ToStrings()
}

// isOnly reports whether a schema admits that one type and no other.
func isOnly(schema *jsonschema.Schema, name string) bool {
	types := typesOf(schema)
	return len(types) == 1 && types[0] == name
}

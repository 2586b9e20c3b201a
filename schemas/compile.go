package schemas

import (
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
	compiler.UseLoader(nothing{})
	doc, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("schemas: %s: %w", name, err)
	}
	location := "schema:///" + name
	if err := compiler.AddResource(location, doc); err != nil {
		return nil, fmt.Errorf("schemas: %s: %w", name, err)
	}
	schema, err := compiler.Compile(location)
	if err != nil {
		return nil, fmt.Errorf("schemas: %s: %w", name, err)
	}
	return schema, nil
}

// nothing loads no documents.
type nothing struct{}

// Load implements [jsonschema.URLLoader].
func (nothing) Load(url string) (any, error) {
	return nil, fmt.Errorf("reference to %s: schemas stand alone", url)
}

// onlyType is the one type that a schema wants; empty where it wants none or any of several, or there is no schema.
func onlyType(schema *jsonschema.Schema) string {
	if schema == nil || schema.Types == nil {
		return ""
	}
	if types := schema.Types.ToStrings(); len(types) == 1 {
		return types[0]
	}
	return ""
}

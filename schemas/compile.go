package schemas

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
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
	compiler.Draft = jsonschema.Draft2020
	compiler.AssertFormat = true
	compiler.LoadURL = func(url string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("reference to %s: schemas stand alone", url)
	}
	location := "schema:///" + name
	if err := compiler.AddResource(location, bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("schemas: %s: %w", name, err)
	}
	schema, err := compiler.Compile(location)
	if err != nil {
		return nil, fmt.Errorf("schemas: %s: %w", name, err)
	}
	return schema, nil
}

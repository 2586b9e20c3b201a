package intercom_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// descriptionsVariable names the directory of Intercom's OpenAPI
// descriptions, as https://github.com/intercom/Intercom-OpenAPI publishes
// them.
const descriptionsVariable = "INTERCOM_OPENAPI"

// descriptionFiles are the descriptions of the versions that the client sends
// requests as.
var descriptionFiles = map[string]string{
	"2.16":    "intercom-2.16.yaml",
	"Preview": "intercom-preview.yaml",
}

// additionFiles describe, version by version, what is newer than these
// descriptions.
var additionFiles = map[string]string{"Preview": "testdata/contract/additions-preview.yaml"}

// describedRoots are the first path segments of the operations that client
// and sandbox are about.
var describedRoots = []string{"contacts", "companies", "tags", "notes", "segments", "subscription_types", "data_attributes", "admins", "me"}

// description is Intercom's own word on one version of its API.
type description struct {
	version string
	doc     *openapi3.T
	// names are the schemas that have one: the component's name, or a path
	// that starts with it, as contact.location.
	names map[*openapi3.Schema]string
}

// describedOperation is one operation of a description.
type describedOperation struct {
	*openapi3.Operation
	method, path string
	parameters   openapi3.Parameters
}

// loadDescriptions reads the descriptions, or skips the test without them.
func loadDescriptions(t *testing.T) map[string]*description {
	t.Helper()
	directory := os.Getenv(descriptionsVariable)
	if directory == "" {
		t.Skipf("skipped: %s does not name a directory with Intercom's OpenAPI descriptions", descriptionsVariable)
	}
	descriptions := make(map[string]*description)
	for version, file := range descriptionFiles {
		doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(directory, file))
		if err != nil {
			t.Fatal(err)
		}
		if file, ok := additionFiles[version]; ok {
			addOperations(t, doc, file)
		}
		d := &description{version: version, doc: doc, names: make(map[*openapi3.Schema]string)}
		for name, schema := range doc.Components.Schemas {
			d.names[schema.Value] = name
		}
		for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
			d.nameParts(name, doc.Components.Schemas[name].Value)
		}
		descriptions[version] = d
	}
	return descriptions
}

// addOperations adds a file's operations to a description, which must not
// have them by itself.
func addOperations(t *testing.T, doc *openapi3.T, file string) {
	t.Helper()
	additions, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range additions.Paths.Map() {
		described := slices.ContainsFunc(doc.Paths.InMatchingOrder(), func(other string) bool { return samePath(path, other) })
		if described {
			t.Errorf("%s is described by now: drop it from %s", path, file)
			continue
		}
		doc.Paths.Set(path, item)
	}
	for name, schema := range additions.Components.Schemas {
		if doc.Components.Schemas[name] != nil {
			t.Errorf("the schema %s is described by now: drop it from %s", name, file)
			continue
		}
		doc.Components.Schemas[name] = schema
	}
}

// samePath reports whether two patterns of paths differ in the names of their
// variables alone.
func samePath(a, b string) bool {
	return slices.EqualFunc(strings.Split(a, "/"), strings.Split(b, "/"), func(a, b string) bool {
		return a == b || strings.HasPrefix(a, "{") && strings.HasPrefix(b, "{")
	})
}

// nameParts names the schemas within a schema that have no name of their own.
func (d *description) nameParts(name string, schema *openapi3.Schema) {
	part := func(ref *openapi3.SchemaRef, path string) {
		if ref == nil || ref.Value == nil || d.names[ref.Value] != "" {
			return
		}
		d.names[ref.Value] = path
		d.nameParts(path, ref.Value)
	}
	for _, key := range slices.Sorted(maps.Keys(schema.Properties)) {
		part(schema.Properties[key], name+"."+key)
	}
	part(schema.AdditionalProperties.Schema, name+".*")
	part(schema.Items, name+"[]")
	for _, branch := range slices.Concat(schema.AllOf, schema.AnyOf, schema.OneOf) {
		part(branch, name)
	}
}

// name is how findings call a schema: by its name, or by where it stands.
func (d *description) name(schema *openapi3.Schema, where string) string {
	if name, ok := d.names[schema]; ok {
		return name
	}
	return where
}

// operations are those that client and sandbox are about.
func (d *description) operations() []describedOperation {
	var found []describedOperation
	for path, item := range d.doc.Paths.Map() {
		if !slices.Contains(describedRoots, strings.Split(path, "/")[1]) {
			continue
		}
		for method, operation := range item.Operations() {
			found = append(found, describedOperation{operation, method, path, slices.Concat(item.Parameters, operation.Parameters)})
		}
	}
	slices.SortFunc(found, func(a, b describedOperation) int {
		return strings.Compare(a.path+a.method, b.path+b.method)
	})
	return found
}

// find returns the operation of a request, with the values of its path's
// variables. A literal segment wins over a variable one.
func (d *description) find(r *http.Request) (describedOperation, map[string]string, error) {
	segments := strings.Split(r.URL.EscapedPath(), "/")
	var best describedOperation
	var values map[string]string
	for _, operation := range d.operations() {
		if operation.method != r.Method {
			continue
		}
		vars, ok := pathValues(operation.path, segments)
		if ok && (best.Operation == nil || len(vars) < len(values)) {
			best, values = operation, vars
		}
	}
	if best.Operation == nil {
		return best, nil, fmt.Errorf("%s %s is no operation of %s", r.Method, r.URL.Path, d.version)
	}
	return best, values, nil
}

// pathValues matches a path with a pattern, as /contacts/{id}.
func pathValues(pattern string, segments []string) (map[string]string, bool) {
	parts := strings.Split(pattern, "/")
	if len(parts) != len(segments) {
		return nil, false
	}
	values := make(map[string]string)
	for i, part := range parts {
		if name, variable := strings.CutPrefix(part, "{"); variable {
			values[strings.TrimSuffix(name, "}")] = segments[i]
		} else if part != segments[i] {
			return nil, false
		}
	}
	return values, true
}

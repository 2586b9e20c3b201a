package intercom_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// describedRoots are the first path segments of the operations that client
// and sandbox are about.
var describedRoots = []string{"contacts", "companies", "tags", "notes", "segments", "subscription_types",
	"data_attributes", "admins", "me"}

// leftOut are the described operations below these roots that client and
// sandbox do not have, since no tool sends them. Variables of paths are {}.
var leftOut = []string{
	"GET /admins/activity_log_event_types",
	"GET /admins/activity_logs",
	"POST /admins/activity_logs/search",
	"POST /companies/bulk",
	"PUT /companies/bulk",
	"POST /companies/bulk/delete",
	"GET /companies/bulk/{}",
	"POST /companies/search",
	"GET /contacts/activities",
	"GET /contacts/{}/banners",
	"POST /contacts/{}/banners/{}/dismiss",
	"POST /data_attributes",
	"PUT /data_attributes/{}",
}

// variables are the variable parts of a path.
var variables = regexp.MustCompile(`\{[^}]*\}`)

// description is Intercom's own word on one version of its API.
type description struct {
	version string
	doc     *openapi3.T
	// names are the schemas that have one: the component's name, or a path
	// that starts with it, as contact.location.
	names map[*openapi3.Schema]string
	// operations are those that client and sandbox are about.
	operations []describedOperation
}

// describedOperation is one operation of a description.
type describedOperation struct {
	*openapi3.Operation
	method, path string
	parameters   openapi3.Parameters
}

// loadDescriptions gives the descriptions, which no test changes, or skips the test without them.
func loadDescriptions(t *testing.T) map[string]*description {
	t.Helper()
	if os.Getenv(intercom.DescriptionsVariable) == "" {
		t.Skipf("%s names no directory with Intercom's OpenAPI descriptions: from github.com/intercom/Intercom-OpenAPI, "+
			"put descriptions/2.16/api.intercom.io.yaml there as %s, and descriptions/0/api.intercom.io.yaml as %s",
			intercom.DescriptionsVariable, intercom.DescriptionFiles["2.16"], intercom.DescriptionFiles["Preview"])
	}
	descriptions, err := readDescriptions()
	if err != nil {
		t.Fatal(err)
	}
	return descriptions
}

// readDescriptions names the parts of them once.
var readDescriptions = sync.OnceValues(func() (map[string]*description, error) {
	docs, err := intercom.ReadDescriptions()
	if err != nil {
		return nil, err
	}
	descriptions := make(map[string]*description)
	for version, doc := range docs {
		d := &description{version: version, doc: doc, names: make(map[*openapi3.Schema]string)}
		for name, schema := range doc.Components.Schemas {
			d.names[schema.Value] = name
		}
		for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
			d.nameParts(name, doc.Components.Schemas[name].Value)
		}
		d.operations = d.findOperations()
		descriptions[version] = d
	}
	return descriptions, nil
})

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

// findOperations reads those that client and sandbox are about.
func (d *description) findOperations() []describedOperation {
	var found []describedOperation
	for path, item := range d.doc.Paths.Map() {
		if !slices.Contains(describedRoots, strings.Split(path, "/")[1]) {
			continue
		}
		for method, operation := range item.Operations() {
			if slices.Contains(leftOut, method+" "+variables.ReplaceAllString(path, "{}")) {
				continue
			}
			found = append(found, describedOperation{operation, method, path,
				slices.Concat(item.Parameters, operation.Parameters)})
		}
	}
	slices.SortFunc(found, func(a, b describedOperation) int {
		return strings.Compare(a.path+a.method, b.path+b.method)
	})
	return found
}

// Every operation that is left out is described, and is none of the sandbox's.
func TestLeftOutOperations(t *testing.T) {
	t.Parallel()
	described, there := make(map[string]bool), make(map[string]bool)
	for _, d := range loadDescriptions(t) {
		for path, item := range d.doc.Paths.Map() {
			for method := range item.Operations() {
				described[method+" "+variables.ReplaceAllString(path, "{}")] = true
			}
		}
	}
	for _, operation := range sandbox.Operations() {
		there[operation.Method+" "+variables.ReplaceAllString(operation.Pattern, "{}")] = true
	}
	for _, operation := range leftOut {
		if there[operation] || !described[operation] {
			t.Errorf("%s: described %t, in the sandbox %t", operation, described[operation], there[operation])
		}
	}
}

// find returns the operation of a request, with the values of its path's
// variables. A literal segment wins over a variable one.
func (d *description) find(r *http.Request) (describedOperation, map[string]string, error) {
	segments := strings.Split(r.URL.EscapedPath(), "/")
	var best describedOperation
	var values map[string]string
	for _, operation := range d.operations {
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

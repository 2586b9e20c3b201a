package intercom_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// finding is one way in which a message differs from what a description says
// of it.
type finding struct {
	version string
	at      string // the schema and property, or the operation and part
	problem string // what is wrong there
}

func (f finding) String() string { return f.version + " " + f.at + ": " + f.problem }

// checker collects findings and where each was met.
type checker struct {
	*description
	met  map[finding][]string
	seen map[string]bool // answers: operation, status and, for errors, code and message
}

func newChecker(d *description) *checker {
	return &checker{description: d, met: make(map[finding][]string), seen: make(map[string]bool)}
}

func (c *checker) report(at, problem, where string) {
	f := finding{c.version, at, problem}
	if !slices.Contains(c.met[f], where) {
		c.met[f] = append(c.met[f], where)
	}
}

// value checks a JSON document against a schema: that the schema takes it, and
// that it has no property that the schema does not describe.
func (c *checker) value(ref *openapi3.SchemaRef, value any, direction openapi3.SchemaValidationOption, where string) {
	c.errors(ref.Value.VisitJSON(value, openapi3.MultiErrors(), direction), where)
	c.undescribed([]*openapi3.Schema{ref.Value}, value, where)
}

// errors reports what kin-openapi has to say. A composition of a single schema
// is as good as that schema.
func (c *checker) errors(err error, where string) {
	switch err := err.(type) {
	case nil:
	case openapi3.MultiError:
		for _, err := range err {
			c.errors(err, where)
		}
	case *openapi3.SchemaError:
		whole := len(err.Schema.OneOf) == 1 || err.SchemaField == "allOf"
		if origin := errors.Unwrap(err.Origin); whole && origin != nil {
			c.errors(origin, where)
			return
		}
		c.schemaError(err, where)
	default:
		if inner := errors.Unwrap(err); inner != nil {
			c.errors(inner, where)
			return
		}
		c.report(where, err.Error(), where)
	}
}

// schemaError reports a value that its schema refuses.
func (c *checker) schemaError(err *openapi3.SchemaError, where string) {
	problem := err.Reason
	switch err.SchemaField {
	case "nullable":
		problem = "null"
	case "type":
		problem = fmt.Sprintf("%s instead of %s", kindOf(err.Value), strings.Join(err.Schema.Type.Slice(), " or "))
	case "oneOf":
		problem, _, _ = strings.Cut(err.Reason, " (matches")
	case "enum":
		problem = fmt.Sprintf("%v is none of its values", err.Value)
	}
	path := where + pointer(err.JSONPointer())
	c.report(c.name(err.Schema, path), problem, path)
}

// pointer writes where in a document an error is; indexes do not matter.
func pointer(parts []string) string {
	var b strings.Builder
	for _, part := range parts {
		if _, err := strconv.Atoi(part); err == nil {
			b.WriteString("[]")
		} else {
			b.WriteString("." + part)
		}
	}
	return b.String()
}

// undescribed reports properties that none of the schemas, which all speak of
// the same value, knows of.
func (c *checker) undescribed(schemas []*openapi3.Schema, value any, where string) {
	schemas = branches(schemas)
	switch value := value.(type) {
	case []any:
		var items []*openapi3.Schema
		for _, schema := range schemas {
			if schema.Items != nil {
				items = append(items, schema.Items.Value)
			}
		}
		for _, element := range value {
			c.undescribed(items, element, where+"[]")
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			var of []*openapi3.Schema
			open := false
			for _, schema := range schemas {
				if property := schema.Properties[key]; property != nil {
					of = append(of, property.Value)
				}
				free := schema.AdditionalProperties.Schema != nil || schema.AdditionalProperties.Has != nil
				open = open || free || len(schema.Properties) == 0
			}
			switch {
			case len(of) > 0:
				c.undescribed(of, value[key], where+"."+key)
			case !open && len(schemas) > 0:
				c.report(c.name(c.component(schemas), where)+"."+key, "not described", where+"."+key)
			}
		}
	}
}

// component is the first of some schemas that has a name.
func (c *checker) component(schemas []*openapi3.Schema) *openapi3.Schema {
	i := slices.IndexFunc(schemas, func(s *openapi3.Schema) bool { return c.names[s] != "" })
	return schemas[max(i, 0)]
}

// branches replaces composed schemas by what they are composed of.
func branches(schemas []*openapi3.Schema) []*openapi3.Schema {
	var all []*openapi3.Schema
	for _, schema := range schemas {
		composed := slices.Concat(schema.AllOf, schema.AnyOf, schema.OneOf)
		if len(composed) == 0 || len(schema.Properties) > 0 {
			all = append(all, schema)
		}
		for _, branch := range composed {
			all = append(all, branches([]*openapi3.Schema{branch.Value})...)
		}
	}
	return all
}

// request checks what was sent.
func (c *checker) request(sent exchange, operation describedOperation, values map[string]string) {
	where := operation.OperationID + " request"
	input := &openapi3filter.RequestValidationInput{Request: sent.request, PathParams: values}
	for _, parameter := range operation.parameters {
		if err := openapi3filter.ValidateParameter(sent.request.Context(), input, parameter.Value); err != nil {
			c.report(where+" "+parameter.Value.Name, parameterProblem(err), where)
		}
	}
	for name := range sent.request.URL.Query() {
		if operation.parameters.GetByInAndName("query", name) == nil {
			c.report(where+" "+name, "not described", where)
		}
	}
	switch {
	case operation.RequestBody == nil && len(sent.body) > 0:
		c.report(where+" body", "not described", where)
	case operation.RequestBody != nil && len(sent.body) > 0:
		if value, ok := c.parse(sent.body, where); ok {
			c.value(operation.RequestBody.Value.Content.Get("application/json").Schema, value, openapi3.VisitAsRequest(), where)
		}
	}
}

// parameterProblem is what is wrong with a parameter, without its value.
func parameterProblem(err error) string {
	var parse *openapi3filter.ParseError
	if errors.As(err, &parse) {
		return parse.Reason
	}
	return err.Error()
}

// response checks what was answered.
func (c *checker) response(got exchange, operation describedOperation) {
	where := fmt.Sprintf("%s %d", operation.OperationID, got.status)
	response := operation.Responses.Status(got.status)
	schema := c.doc.Components.Schemas["error"]
	if response == nil {
		c.report(where, "status not described", where)
	} else if media := response.Value.Content.Get("application/json"); media != nil && media.Schema != nil {
		schema = media.Schema
	} else if got.status < 300 {
		if len(got.answer) > 0 {
			c.report(where, "body not described", where)
		}
		return
	}
	if value, ok := c.parse(got.answer, where); ok {
		c.value(schema, value, openapi3.VisitAsResponse(), where)
	}
}

func (c *checker) parse(body []byte, where string) (any, bool) {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		c.report(where, "no JSON", where)
		return nil, false
	}
	return value, true
}

// kindOf names the JSON type of a value.
func kindOf(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case float64:
		if value == float64(int64(value)) {
			return "integer"
		}
	}
	return "number"
}
